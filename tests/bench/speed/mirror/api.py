"""The peer: fastapi and asyncpg, with the mirror's own queries in the same kind of transaction, and the same fields in its
answers. DATABASE_URL says which database; the pool has as many connections as the mirror's readers in all workers."""

import os
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, HTTPException, Response
import orjson

CONNECTIONS = int(os.environ.get("CONNECTIONS", "16")) // int(os.environ.get("WORKERS", "1"))

TIP = "SELECT number, hash, time_ms FROM blocks ORDER BY number DESC LIMIT 1"
POOL = """SELECT p.address, name, p.symbol, kyc, attribution, licences, p.currency, c.symbol AS currency_symbol,
    c.decimals AS currency_decimals, currency_minimum, cap, governor, paused, k.fault, contributors_bps, supply, holders,
    to_holders + to_contributors AS deposited, to_holders, to_contributors, claimed_by_holders, claimed_by_contributors,
    dividend_index, carry, created_block, p.block, p.event_index
    FROM pools p LEFT JOIN currencies c ON c.currency = p.currency AND c.readable
    LEFT JOIN contracts k ON k.address = p.address AND k.kind = 'pool' WHERE p.address = $1"""
KYC = """SELECT registry, account, level, jurisdiction, accredited, expiry, frozen, sanctioned, issuer, attested, block,
    event_index, EXISTS (SELECT FROM kyc_issuers i WHERE i.registry = r.registry AND i.issuer = r.issuer AND trusted)
    AS trusted FROM kyc_records r
    WHERE registry = (SELECT coalesce(nullif(p.kyc, decode(repeat('00', 20), 'hex')), d.kyc)
        FROM deployment d LEFT JOIN pools p ON p.address = d.pool) AND account = $1"""
HOLDINGS = """SELECT pool, symbol, currency, balance, settled_index, pending, fraction, claimed, dividend_index
    FROM holders h JOIN pools p ON p.address = h.pool WHERE account = $1 ORDER BY pool LIMIT 200"""
# Of each list of an account's summary: its name and its query.
LISTS = {
    "contributions": """SELECT pool, currency, count(*) AS periods, sum(claimed) AS claimed
        FROM contributions c JOIN pools p ON p.address = c.pool WHERE account = $1
        GROUP BY pool, currency ORDER BY pool LIMIT 200""",
    "credits": """SELECT market, pool, credit FROM credits c WHERE account = $1 AND credit > 0
        AND (c.market = (SELECT d.market FROM deployment d) OR EXISTS (SELECT FROM parts s
        WHERE s.pool = c.pool AND s.contract = c.market AND s.kind = 'market'))
        ORDER BY market, pool LIMIT 200""",
    "orders": """SELECT market, id, pool, side, price, shares_left, expiry FROM orders o
        WHERE maker = $1 AND state = 'open'
        AND (o.market = (SELECT d.market FROM deployment d) OR EXISTS (SELECT FROM parts s
        WHERE s.pool = o.pool AND s.contract = o.market AND s.kind = 'market'))
        ORDER BY id DESC, market LIMIT 200""",
    "licences": """SELECT licence, contract, pool, stage FROM licences l WHERE platform = $1
        AND (l.contract = (SELECT d.licence FROM deployment d) OR EXISTS (SELECT FROM parts s
        WHERE s.pool = l.pool AND s.contract = l.contract AND s.kind = 'licence'))
        ORDER BY offered_block DESC, offered_index DESC LIMIT 200""",
    "datasets": """SELECT registry, dataset, pool, latest_version AS version FROM datasets WHERE creator = $1
        ORDER BY dataset, registry LIMIT 200""",
}


@asynccontextmanager
async def lifespan(app):
    app.pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"],
        min_size=CONNECTIONS,
        max_size=CONNECTIONS,
        server_settings={"search_path": "mirror, public"},
        init=as_text,
    )
    yield
    await app.pool.close()


async def as_text(connection):
    """Amounts as the digits that they are: no number of Python's is made of them and taken apart again."""
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=str, format="text")


app = FastAPI(lifespan=lifespan)


def shown(value):
    return "0x" + value.hex() if isinstance(value, bytes) else value


def row(record):
    return {name: shown(value) for name, value in record.items()}


def answer(value):
    return Response(orjson.dumps(value), media_type="application/json")


def address(text):
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as wrong:
        raise HTTPException(400, "no address") from wrong


@asynccontextmanager
async def snapshot():
    async with app.pool.acquire() as connection:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection, await connection.fetchrow(TIP)


def settled(record):
    """What is owed now, as the rules compute it."""
    step = int(record["dividend_index"]) - int(record["settled_index"])
    owed = int(record["pending"]) + (int(record["balance"]) * step + int(record["fraction"])) // 2**64
    fields = ("pool", "symbol", "currency", "balance", "claimed")
    return {**{name: shown(record[name]) for name in fields}, "claimable": str(owed)}


@app.get("/v1/pools/{pool}")
async def pool(pool: str):
    async with snapshot() as (connection, _):
        found = await connection.fetchrow(POOL, address(pool))
    if found is None:
        raise HTTPException(404, "no such pool")
    return answer({**row(found), "decimals": 18})


@app.get("/v1/accounts/{account}")
async def account(account: str):
    key = address(account)
    async with snapshot() as (connection, tip):
        record = await connection.fetchrow(KYC, key)
        holdings = await connection.fetch(HOLDINGS, key)
        lists = {name: [row(one) for one in await connection.fetch(query, key)] for name, query in LISTS.items()}
    counts = record is not None and not record["frozen"] and int(record["expiry"]) * 1_000 > tip["time_ms"]
    return answer(
        {
            "account": account,
            "kyc": {"standing": "eligible" if counts else "not_verified"},
            "holdings": [settled(one) for one in holdings],
            **lists,
            "indexed_block": tip["number"],
        }
    )
