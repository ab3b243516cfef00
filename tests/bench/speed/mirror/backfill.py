"""The whole recording into empty tables: ours and the peers in turns, from the start of each program until its last row is
there. First the rows must be the same."""

import json
import os
import shutil
import subprocess
import time

from interleaved import PLACE, alternating, middle_and_best, row
from programs import HERE, MODULES, NODE, Cluster, Running, announced, free_port, rpc

# Rows as texts that all sides have alike. `{0}` stands for how a side writes an address or a hash.
ROWS = {
    "transfers": "concat_ws('|', block, event_index, {0[pool]}, {0[sender]}, {0[recipient]}, value)",
    "deposits": "concat_ws('|', block, event_index, {0[pool]}, {0[stream]}, period, {0[payer]}, amount, to_holders)",
    "claims": "concat_ws('|', block, event_index, {0[pool]}, {0[account]}, kind, amount)",
    "holders": "concat_ws('|', {0[pool]}, {0[account]}, balance)",
}


class Hexadecimal(dict):
    """Columns as hexadecimal without what is before it."""

    def __init__(self, form):
        self.form = form

    def __missing__(self, column):
        return self.form.format(column)


OURS, PEERS = Hexadecimal("encode({}, 'hex')"), Hexadecimal("substr({}, 3)")
# Each side's database, what it calls a table, and how it writes bytes.
SIDES = {
    "ours": ("mirror.{}".format, OURS),
    "squid": (lambda table: table.removesuffix("s"), PEERS),
    "subql": ("app.{}".format, PEERS),
}


def digests(cluster, side):
    """How many rows of each kind a side has, and a sum of all their digests."""
    table, form = SIDES[side]
    found = {}
    for kind, text in ROWS.items():
        some = " WHERE balance > 0" if kind == "holders" else ""
        query = f"SELECT count(*), sum(('x' || left(md5({text.format(form)}), 15))::bit(60)::bigint) FROM {table(kind)}{some}"
        found[kind] = tuple(cluster.ask(side, query)[0])
    return found


class Backfill:
    """The sides, on one recording."""

    def __init__(self, programs, cluster, recording, deployment):
        self.programs, self.cluster, self.recording, self.deployment = programs, cluster, recording, deployment
        self.node, self.url = announced("replay", [programs["replay"], "serve", recording, "--rpc-port", 0])
        self.last = int(rpc(self.url, "chain_getHeader")["number"], 16)
        self.pools = self.of_pools()

    def end(self):
        self.node.end()

    def of_pools(self):
        """The pools' addresses, as our mirror finds them: the peers are told."""
        self.ours()
        found = self.cluster.ask("ours", "SELECT encode(address, 'hex') FROM mirror.contracts WHERE kind = 'pool'")
        return ["0x" + one[0] for one in found]

    def ours(self):
        url = self.cluster.fresh("ours")
        command = [self.programs["indexer"], "run", "--node-url", self.url, "--deployment", self.deployment]
        running = Running("ours", [*command, "--database-url", url])
        self.cluster.reached("ours", self.last, running)
        seconds = time.perf_counter() - running.begun
        _, cpu = running.end()
        return {"seconds": seconds, "cpu": cpu}

    def squid(self):
        self.cluster.fresh("squid")
        self.cluster.do("squid", (HERE / "peers.sql").read_text())
        running = Running(
            "squid", [NODE, HERE / "squid/processor.cjs"], NODE_PATH=MODULES, NODE_URL=self.url.replace("ws:", "http:"),
            POOLS=",".join(self.pools), TO=self.last, DB_HOST="127.0.0.1", DB_PORT=self.cluster.port, DB_NAME="squid",
            DB_USER="postgres", DB_PASS="none",
        )
        return self.ended(running)

    def subql(self):
        self.cluster.fresh("subql")
        project = self.project()
        running = Running(
            "subql", [NODE, MODULES / "@subql/node/bin/run", "-f", project, "--db-schema", "app", "--historical=false",
                      "--batch-size", 100, "--skip-transactions", "--port", free_port()],
            TZ="UTC", DB_HOST="127.0.0.1", DB_PORT=self.cluster.port, DB_DATABASE="subql", DB_USER="postgres", DB_PASS="none",
        )
        return self.ended(running)

    @staticmethod
    def ended(running):
        seconds, cpu = running.wait()
        if running.process.returncode != 0:
            raise SystemExit(f"{running.name} ended with {running.process.returncode}: see {PLACE / running.name}.log")
        return {"seconds": seconds, "cpu": cpu}

    def project(self):
        """A project as `subql build` makes it."""
        folder = PLACE / "subql-project"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "dist").mkdir(parents=True)
        shutil.copy(HERE / "subql/schema.graphql", folder)
        text = (HERE / "subql/project.yaml").read_text()
        values = {"@GENESIS@": rpc(self.url, "chain_getBlockHash", 0), "@NODE_URL@": self.url, "@TO@": str(self.last)}
        for name, value in values.items():
            text = text.replace(name, value)
        (folder / "project.yaml").write_text(text)
        (folder / "package.json").write_text(json.dumps({"name": "bench", "version": "0.0.1"}))
        events = (HERE / "events.cjs").read_text().replace("module.exports = { ZERO, read };\n", "")
        handler = (HERE / "subql/handler.cjs").read_text()
        (folder / "dist/index.js").write_text(f"const POOLS = {json.dumps(self.pools)};\n{events}\n{handler}")
        return folder

    def bound(self):
        """Seconds that a plain COPY of all our rows takes into empty tables of the same definition."""
        cluster, dumps = self.cluster, self.cluster.folder / "dumps"
        shutil.rmtree(dumps, ignore_errors=True)
        dumps.mkdir()
        if os.geteuid() == 0:
            shutil.chown(dumps, "nobody")
        tables = [one[0] for one in cluster.ask("ours", """SELECT c.oid::regclass::text FROM pg_class c
            WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'mirror'::regnamespace)
              AND relname NOT LIKE '\\_sqlx%'""")]
        copies, rows = [], 0
        for number, table in enumerate(tables):
            count = cluster.ask("ours", f"SELECT count(*) FROM {table}")[0][0]
            if count:
                rows += count
                cluster.do("ours", f"COPY {table} TO '{dumps / str(number)}' (FORMAT binary)")
                copies.append(f"COPY {table} FROM '{dumps / str(number)}' (FORMAT binary);")
        url = cluster.fresh("bound")
        schema = subprocess.run([Cluster.program("pg_dump"), "-s", cluster.url("ours")], check=True, stdout=subprocess.PIPE)
        subprocess.run([Cluster.program("psql"), "-Xq", "-d", url], input=schema.stdout, check=True, stdout=subprocess.DEVNULL)
        # What a migration put there.
        cluster.do("bound", "TRUNCATE " + ", ".join(tables))
        begun = time.perf_counter()
        cluster.do("bound", "\n".join(copies))
        seconds = time.perf_counter() - begun
        shutil.rmtree(dumps)
        return {"seconds": seconds, "rows": rows}


def measure(programs, cluster, recording, deployment, events, rounds):
    sides = Backfill(programs, cluster, recording, deployment)
    try:
        for side in (sides.squid, sides.subql):
            side()
        unread = cluster.ask("ours", "SELECT kind, unread FROM journal WHERE unread IS NOT NULL LIMIT 3")
        if unread:
            raise SystemExit(f"the mirror does not read every event of the recording: {unread}")
        found = {side: digests(cluster, side) for side in SIDES}
        if len({json.dumps(one, default=str) for one in found.values()}) != 1:
            raise SystemExit(f"the sides have not the same rows: {found}")
        counts = ", ".join(f"{count:,} {kind}" for kind, (count, _) in found["ours"].items())
        print(f"The same rows on all sides: {counts}; {events:,} events in {sides.last:,} blocks.\n", flush=True)
        *results, bounds = alternating(rounds, sides.ours, sides.squid, sides.subql, sides.bound)
    finally:
        sides.end()
    row("", "seconds, median (best)", "seconds of its processors", "events a second", "times as long as ours")
    row(*["---"] * 5)
    mine = middle_and_best(results[0], "seconds")[0]
    names = ("ours", "@subsquid/substrate-processor with typeorm-store", "@subql/node")
    for name, result in zip(names, results):
        seconds, best = middle_and_best(result, "seconds")
        cpu = middle_and_best(result, "cpu")[0]
        row(name, f"{seconds:.2f} ({best:.2f})", f"{cpu:.2f}", f"{events / seconds:,.0f}", f"{seconds / mine:.1f}")
    seconds, best = middle_and_best(bounds, "seconds")
    row(f"COPY of our {bounds[0]['rows']:,} rows", f"{seconds:.2f} ({best:.2f})", "–", f"{events / seconds:,.0f}", f"{seconds / mine:.2f}")
