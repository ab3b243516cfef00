"""What there is behind an indexer, by its own lists: real values for the parameters of its operations."""

import datetime
import functools
import os
import re

import requests

SERVER = os.environ["YIELDSET_API"]
# Where acts are looked at, which takes a node.
ACTS = os.environ["YIELDSET_API_ACTS"]
COMPLIANCE = {"Authorization": f"Bearer {os.environ['YIELDSET_API_TOKEN']}"}
ZERO = "0x" + 40 * "0"
# A time that every answer has to do with: RFC 3339 in the three forms that `at`, `from` and `to` take.
FORMS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00")


@functools.cache
def ask(path, **query):
    """An answer; nothing where there is none."""
    answer = requests.get(SERVER + path, params=query, headers=COMPLIANCE, timeout=30)
    return answer.json() if answer.ok else None


def rows(path):
    """A list's rows, of its first page."""
    return (ask(path, limit=200) or {}).get("items", [])


@functools.cache
def pools():
    """Addresses of pools, those with the most money in first."""
    found = [(int(pool["deposited"]), pool["address"]) for pool in rows("/v1/pools")]
    return [address for _, address in sorted(found, reverse=True)]


@functools.cache
def of_pools(what):
    """Rows of all pools' lists of a name, each with its pool."""
    return [(pool, row) for pool in pools() for row in rows(f"/v1/pools/{pool}/{what}")]


@functools.cache
def accounts():
    """Accounts that hold, held, or have a record."""
    held = {row["account"] for _, row in of_pools("holders")}
    return sorted(held | {row["account"] for row in rows("/v1/kyc")})


@functools.cache
def blocks():
    """Heights and Unix milliseconds of blocks in which something happened, oldest first."""
    return sorted({(event["block"], event["time_ms"]) for event in rows("/v1/events")})


@functools.cache
def acts():
    """Names of acts, word by word."""
    return [act["name"].split(" ") for act in ask("/v1/acts")]


def candidates(field):
    """What an act's argument may be, as the command line takes it: first by its name, then whatever there is."""
    someone, other = accounts()[:2]
    report = [row for _, row in of_pools("reports")][0]
    known = {
        "licence": of_pools("licences")[0][1]["licence"],
        "dataset": rows("/v1/datasets")[0]["dataset"],
        "proposal": rows("/v1/proposals")[0]["proposal"],
        "stream": report["stream"],
        "period": f"{report['period'] // 4}Q{report['period'] % 4 + 1}",
        "pool": pools()[0],
        "on": "pool",
        "role": "PAUSER_ROLE",
        "to": other,
    }
    return [known.get(field, someone), "1", "1 shares", 1, "5 %", "365d", report["stream"], ["pool"], [someone]]


@functools.cache
def arguments(act):
    """Arguments of an act, by its own words on those that are missing or cannot be read. It may refuse them still."""
    given, field, untried = {}, None, []
    for _ in range(60):
        wanted = {"sender": accounts()[0], "arguments": given}
        answer = requests.post(f"{ACTS}/v1/acts/{act}", json=wanted, headers=COMPLIANCE, timeout=30).json()
        says = answer.get("detail", "")
        if missing := re.search("missing field `([a-z_0-9]+)`", says):
            field, untried = missing[1], candidates(missing[1])
        elif choice := re.search("unknown variant .*expected (?:one of )?`([a-z]+)`", says):
            untried = [choice[1]]
        # What is said of an argument is said of the one that came last.
        if not says.startswith("the arguments of") or not untried or field is None:
            break
        given[field] = untried.pop(0)
    return given


def moment(rng, forms=FORMS):
    """A time between the first and the last event that is known, the last one in half of the cases."""
    known = blocks()
    _, millis = known[-1] if rng.random() < 0.5 else rng.choice(known)
    return datetime.datetime.fromtimestamp(millis // 1000, datetime.UTC).strftime(rng.choice(forms))


def path(template, rng):
    """Real values for the parameters in a path's template; nothing for those of which there is none."""
    wanted = {part[1:-1] for part in template.split("/") if part.startswith("{")}
    choice = lambda found: rng.choice(found) if found else {}
    if {"stream", "period"} <= wanted:
        named = lambda pool, row: {"pool": pool, "stream": row["stream"], "period": row["period"]}
        return choice([named(*found) for found in of_pools("reports")])
    if {"pool", "account"} <= wanted:
        return choice([{"pool": pool, "account": row["account"]} for pool, row in of_pools("holders")])
    if {"noun", "verb"} <= wanted:
        return choice([dict(zip(("noun", "verb"), act)) for act in acts() if len(act) == 2])
    known = {
        # Mostly of the first: it has most of what there is.
        "pool": lambda: pools()[:1] * 4 + pools(),
        "account": accounts,
        "licence": lambda: [row["licence"] for _, row in of_pools("licences")],
        "dataset": lambda: [row["dataset"] for row in rows("/v1/datasets")],
        "proposal": lambda: [row["proposal"] for row in rows("/v1/proposals")],
        "name": lambda: [act[0] for act in acts() if len(act) == 1],
    }
    return {name: rng.choice(known[name]()) for name in wanted if name in known and known[name]()}


def query(name, asked, rng):
    """A real value for a parameter of the query of an address; nothing where there is none."""
    match name:
        case "pool":
            return rng.choice(pools())
        case "account":
            return rng.choice(accounts())
        case "from" | "to" if "eligibility" in asked:
            return rng.choice([*accounts(), ZERO])
        case "from" | "to":
            return moment(rng, FORMS)
        case "at":
            return moment(rng, FORMS[1:]) if rng.random() < 0.5 else str(rng.choice(blocks())[0])
        case "kind":
            return rng.choice(rows("/v1/events"))["kind"]
        case "after":
            return (ask(asked, limit=rng.choice([1, 2])) or {}).get("next")
        case "amount":
            return str(10 ** rng.randrange(22))
    return None
