"""How long after a block its rows are there: a node is told to seal (or the recorded one to show) a block, and once it says
that it did, the database is asked until it has it."""

import asyncio
import json
import secrets
import statistics
import subprocess
import time

import asyncpg

from interleaved import PLACE, row
from programs import Running, announced, rpc
from reading import UNLIMITED, get


def follower(programs, cluster, url, deployment, *options, **environment):
    database = cluster.fresh("ours")
    command = [programs["indexer"], "run", "--node-url", url, "--deployment", deployment, "--database-url", database]
    return Running("ours", [*command, *options], **environment)


def taken(cluster, url, blocks, every):
    """Milliseconds from each of some blocks until its row is there, in order of size."""

    async def each():
        connection = await asyncpg.connect(cluster.url("ours"), timeout=30)
        times = []
        try:
            asked = await connection.prepare("SELECT EXISTS (SELECT FROM blocks WHERE number = $1)")
            for _ in range(blocks):
                begun = time.perf_counter()
                made = await asyncio.to_thread(rpc, url, "engine_createBlock", True, True, None)
                told = time.perf_counter()
                number = int((await asyncio.to_thread(rpc, url, "chain_getHeader", made["hash"]))["number"], 16)
                while not await asked.fetchval(number):
                    if time.perf_counter() - told > 60:
                        raise SystemExit(f"block {number} is not mirrored a minute after it was told")
                    await asyncio.sleep(0.0005)
                times.append((time.perf_counter() - told) * 1_000)
                await asyncio.sleep(max(0.0, every - (time.perf_counter() - begun)))
        finally:
            await connection.close()
        return sorted(times)

    return asyncio.run(each())


def part(sorted_times, of_hundred):
    return sorted_times[(len(sorted_times) - 1) * of_hundred // 100]


def shown(name, times):
    row(name, f"{len(times):,}", f"{statistics.median(times):.1f}", f"{part(times, 99):.1f}", f"{times[-1]:.1f}")


def nowhere(url):
    """A deployment of which a chain has no contract: blocks are followed all the same."""
    names = ("kyc", "pool", "manifests", "attribution", "licence", "market", "factory", "coop")
    file = PLACE / "nowhere.json"
    # The devnet's own id; `run` compares both with the node.
    content = {"version": 1, "chain_id": 420_420_420, "genesis": rpc(url, "chain_getBlockHash", 0), "start_block": 1}
    file.write_text(json.dumps({**content, **{name: "0x" + secrets.token_hex(20) for name in names}}))
    return file


def on_devnet(programs, cluster, blocks):
    node, url = announced("devnet", [programs["devnet"], "--tmp", "--rpc-port", 0])
    try:
        rpc(url, "engine_createBlock", True, True, None)
        running = follower(programs, cluster, url, nowhere(url))
        try:
            cluster.reached("ours", 1, running)
            shown("devnet, blocks without events of ours", taken(cluster, url, blocks, 0.1))
        finally:
            running.end()
    finally:
        node.end()


def on_recording(programs, cluster, recording, deployment, blocks, seconds):
    """Blocks that are full of events; then the same while a thousand connections ask."""
    # From the middle, so that there are blocks left to show.
    shown_first = 10 + blocks
    node, url = announced("replay", [programs["replay"], "serve", recording, "--rpc-port", 0, "--head", shown_first])
    ready = PLACE / "ours.ready"
    ready.unlink(missing_ok=True)
    try:
        options = ["--serve", "--listen", "127.0.0.1:0", "--ready-file", ready]
        running = follower(programs, cluster, url, deployment, *options, **UNLIMITED)
        try:
            address = json.loads(running.ready(ready))["url"]
            cluster.reached("ours", shown_first, running)
            shown("recorded, blocks full of events", taken(cluster, url, blocks, 0.1))
            pool = get(f"{address}/v1/pools")["items"][0]["address"]
            command = [programs["replay"], "load", "--url", f"{address}/v1/pools/{pool}", "--connections", 1_000]
            command = [str(one) for one in [*command, "--seconds", seconds]]
            asking = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            # While it asks, and no longer.
            shown("the same while 1,000 connections ask", taken(cluster, url, max(1, int(seconds / 0.25)), 0.25))
            told = json.loads(asking.communicate()[0])
            return told
        finally:
            running.end()
    finally:
        node.end()


def measure(programs, cluster, recording, deployment, blocks, seconds):
    row("head to row, milliseconds", "blocks", "median", "99 of 100", "longest")
    row(*["---"] * 5)
    on_devnet(programs, cluster, blocks)
    told = on_recording(programs, cluster, recording, deployment, blocks, seconds)
    statuses = ", ".join(f"{count:,} × {status}" for status, count in told["statuses"].items())
    print(f"\n1,000 open connections: {statuses}; {told['failures']} without an answer; {told['per_second']:,} answers a second.")
    if told["failures"] or not set(told["statuses"]) <= {"200", "503"}:
        raise SystemExit("an answer was neither 200 nor an honest 503")
