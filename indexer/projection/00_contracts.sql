-- Which contracts are followed, and what is known of them.

-- How far these tables are, and of which definition they are made: another one is made anew from the journal.
CREATE TABLE projection (
    one    BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one),
    digest BYTEA NOT NULL,
    -- The last block in them; none before the first.
    number BIGINT,
    hash   BYTEA
);

-- Contracts whose events are read: the deployment's, those that its factory lists, and those that a pool's holders adopted.
CREATE TABLE contracts (
    address     BYTEA NOT NULL,
    -- pool, kyc, manifests, attribution, licence, market, factory or coop. Strangers can call a contract anything: it is read as each
    -- that it was called, and an event counts for the kind that it is of.
    kind        TEXT NOT NULL,
    -- The pool that it belongs to; null where many share it.
    pool        BYTEA,
    -- deployment, factory or adopted.
    origin      TEXT NOT NULL,
    -- Hash of its code on chain when it became ours; null where it was not looked up.
    code        BYTEA,
    -- Why its later events are journaled and not read: one of them did not fit. Null where all is well.
    fault       TEXT,
    fault_block BIGINT,
    -- Events of it that could not be read.
    unread      BIGINT NOT NULL DEFAULT 0,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (address, kind)
);
CREATE INDEX contracts_by_pool ON contracts (pool);

-- The contracts that a pool works with, or once did: what others tell of it is none of its own.
CREATE TABLE parts (
    pool        BYTEA NOT NULL,
    contract    BYTEA NOT NULL,
    kind        TEXT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (pool, contract)
);

-- Pools as the factory lists them.
CREATE TABLE pool_listings (
    pool        BYTEA NOT NULL,
    factory     BYTEA NOT NULL,
    number      BIGINT NOT NULL,
    creator     BYTEA NOT NULL,
    -- Zero where it has none.
    coop        BYTEA NOT NULL,
    -- Whether the factory made it, of the code it knew; else its administrator registered it.
    created     BOOLEAN NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (pool)
);

-- What money is called, as its contract said it when it was met first. The chain's own money is not here.
CREATE TABLE currencies (
    currency    BYTEA NOT NULL,
    symbol      TEXT NOT NULL,
    decimals    SMALLINT NOT NULL,
    -- Whether the contract answered both; else amounts are in its smallest unit.
    readable    BOOLEAN NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (currency)
);

-- Which accounts an event names.
CREATE TABLE mentions (
    account     BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (account, block, event_index)
);
