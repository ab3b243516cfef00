"""Answers: a pool and an account's summary, by ours, by fastapi with the same queries, by postgraphile with the same queries
as functions; all from the tables that ours filled, with as many connections to Postgres. First they must say the same."""

import base64
import json
import random
import subprocess
import urllib.request

from interleaved import PLACE, alternating, middle_and_best, row
from programs import CONNECTIONS, HERE, MODULES, NODE, Running, announced, free_port

WORKERS = 2
ASKING = 32
POOL = """query($a: String!) { graphPool(address: $a) { address name symbol kyc attribution licences currency currencyMinimum
cap governor paused contributorsBps supply holders toHolders toContributors claimedByHolders claimedByContributors
dividendIndex carry createdBlock block eventIndex } }"""
ACCOUNT = """query($a: String!) { graphHoldings(account: $a, first: 200) { nodes { pool balance settledIndex pending fraction
claimed } } graphKyc(account: $a, first: 1) { nodes { level jurisdiction accredited expiry frozen sanctioned issuer attested } }
graphContributed(account: $a, first: 200) { nodes { pool claimed } } graphCredited(account: $a, first: 200) { nodes { market
pool credit } } graphOpenOrders(account: $a, first: 200) { nodes { market id pool side price sharesLeft expiry } }
graphOffered(account: $a, first: 200) { nodes { licence contract pool stage } } graphCreated(account: $a, first: 200) { nodes {
registry dataset pool latestVersion } } }"""
# What is not measured: how often one client may ask, and how many connections it may have.
UNLIMITED = {
    "YIELDSET_REQUESTS_PER_SECOND": 10_000_000,
    "YIELDSET_REQUEST_BURST": 10_000_000,
    "YIELDSET_OPEN_CONNECTIONS": 4_096,
    "YIELDSET_WEB_CONNECTIONS": CONNECTIONS,
}


def get(url, body=None):
    headers = {"content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:
        return json.load(answer)


def load(programs, url, *options):
    """What the generator of load says."""
    command = [programs["replay"], "load", "--url", url, *options]
    done = subprocess.run([str(one) for one in command], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


class Server:
    """One that answers, and how it is asked for a pool or an account."""

    def __init__(self, name, running, url, form=None):
        self.name, self.running, self.url, self.form = name, running, url, form

    def of(self, kind):
        """Address and options of load, with `{}` for the value."""
        if self.form:
            body = json.dumps({"query": self.form[kind], "variables": {"a": "VALUE"}}).replace("VALUE", "{}")
            return self.url, ["--body", body]
        return f"{self.url}/v1/{kind}s/0x{{}}", []

    def ask(self, kind, value):
        """The figures that all say alike."""
        url, options = self.of(kind)
        body = options[1].replace("{}", value).encode() if options else None
        answer = get(url.replace("{}", value), body)
        if kind == "pool":
            pool = answer["data"]["graphPool"] if self.form else answer
            return [pool["name"], pool["symbol"], int(pool["supply"]), int(pool["holders"])]
        if self.form:
            held = answer["data"]["graphHoldings"]["nodes"]
            return sorted([base64.b64decode(one["pool"]).hex(), one["balance"], one["claimed"]] for one in held)
        return sorted([one["pool"].lower().removeprefix("0x"), one["balance"], one["claimed"]] for one in answer["holdings"])


def serve(programs, cluster):
    """Ours alone, on what is mirrored."""
    command = [programs["indexer"], "serve", "--database-url", cluster.url("ours"), "--listen", "127.0.0.1:0"]
    running, told = announced("ours-serve", command, **UNLIMITED)
    return Server("ours", running, json.loads(told)["url"])


def servers(programs, cluster):
    mine = serve(programs, cluster)
    port = free_port()
    uvicorn = ["uvicorn", "api:app", "--app-dir", HERE, "--port", port, "--workers", WORKERS, "--no-access-log"]
    running = Running("fastapi", [*uvicorn, "--loop", "uvloop", "--http", "httptools"], DATABASE_URL=cluster.url("ours"),
                      CONNECTIONS=CONNECTIONS, WORKERS=WORKERS, PYTHONDONTWRITEBYTECODE=1)
    fastapi = Server("fastapi and asyncpg", running, f"http://127.0.0.1:{port}")
    running.answers(f"{fastapi.url}/docs")
    cluster.do("ours", (HERE / "graph.sql").read_text())
    port = free_port()
    running = Running("postgraphile", [NODE, MODULES / "postgraphile/dist/cli-run.js", "-C", HERE / "graphile.config.mjs"],
                      DATABASE_URL=cluster.url("ours"), PORT=port, CONNECTIONS=CONNECTIONS, NODE_ENV="production",
                      GRAPHILE_ENV="production")
    postgraphile = Server("postgraphile", running, f"http://127.0.0.1:{port}/graphql", {"pool": POOL, "account": ACCOUNT})
    running.answers(postgraphile.url)
    return [mine, fastapi, postgraphile]


def values(cluster):
    """Files of values: the first pool, and some of its accounts, the same ones each time."""
    pool = cluster.ask("ours", """SELECT encode(address, 'hex') FROM mirror.pools ORDER BY holders DESC LIMIT 1""")[0][0]
    accounts = [one[0] for one in cluster.ask("ours", """SELECT encode(account, 'hex') FROM mirror.holders
        WHERE pool = decode($1, 'hex') ORDER BY account LIMIT 200000""", pool)]
    chosen = random.Random(1).sample(accounts, min(5_000, len(accounts)))
    found = {"pool": [pool], "account": chosen}
    for kind, lines in found.items():
        (PLACE / f"{kind}s.txt").write_text("".join(f"{line}\n" for line in lines))
    return found


def measure(programs, cluster, holders, rounds, seconds):
    """Rows of one number of holders; answers a second of ours, by kind."""
    found, mine = values(cluster), {}
    running = servers(programs, cluster)
    try:
        for kind, some in found.items():
            for value in some[:20]:
                told = {server.name: server.ask(kind, value) for server in running}
                if len({json.dumps(one) for one in told.values()}) != 1:
                    raise SystemExit(f"the servers do not say the same of {kind} {value}: {told}")
            sides = [asking(programs, server, kind, seconds) for server in running]
            results = alternating(rounds, *sides)
            rates = [middle_and_best(result, "per_second", max)[0] for result in results]
            for server, result, rate in zip(running, results, rates):
                p50, p99 = (middle_and_best(result, key)[0] / 1_000 for key in ("p50_us", "p99_us"))
                worked = middle_and_best(result, "worked_us")[0]
                row(kind, f"{holders:,}", server.name, f"{rate:,.0f}", f"{p50:.1f}, {p99:.1f}", f"{worked:.0f}",
                    f"{rates[0] / max(rate, 1):.1f}")
            mine[kind] = rates[0]
    finally:
        for server in running:
            server.running.end()
    return mine


def asking(programs, server, kind, seconds):
    def once():
        url, options = server.of(kind)
        file = PLACE / f"{kind}s.txt"
        before = server.running.worked()
        told = load(programs, url, *options, "--values", file, "--connections", ASKING, "--seconds", seconds)
        told["worked_us"] = 1_000_000 * (server.running.worked() - before) / max(told["answers"], 1)
        if told["failures"] or set(told["statuses"]) != {"200"}:
            raise SystemExit(f"{server.name} did not answer all: {told}")
        return told

    return once


# What the pages of a pool are made of, for how answers do as events become more.
PATHS = ["/v1/pools/0x{}", "/v1/pools/0x{}/holders", "/v1/pools/0x{}/transfers", "/v1/pools/0x{}/deposits", "/v1/pools/0x{}/claims"]


def growing(programs, cluster, seconds):
    """Answers a second of each path, and of an account's summary."""
    values(cluster)
    server = serve(programs, cluster)
    asked = {path: PLACE / "pools.txt" for path in PATHS} | {"/v1/accounts/0x{}": PLACE / "accounts.txt"}
    try:
        found = {}
        for path, file in asked.items():
            options = ["--values", file, "--connections", ASKING, "--seconds", seconds]
            found[path] = load(programs, server.url + path, *options)
            if set(found[path]["statuses"]) != {"200"}:
                raise SystemExit(f"{path} is not answered: {found[path]}")
        return found
    finally:
        server.running.end()
