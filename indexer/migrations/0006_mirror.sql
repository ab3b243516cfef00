-- The source of truth: blocks, and every event of ours in them as it was emitted. What was in the tables before is read from the chain
-- again. All other tables are made from these by the files of `projection`, in a schema of their own.

DROP VIEW followed;
DROP TABLE votes, proposals, trades, orders, credits, listings, licence_events, anchors, usage_logs, licence_terms, licence_payments,
    licence_quarters, licences, reports, report_audits, proposed_committees, revoked_keys, committees, ingestions, dataset_versions,
    datasets, kyc_issuers, kyc_agents, kyc_history, kyc_records, ledger, policies, sales, skipped_claims, claims, contributions, periods,
    deposits, approvals, transfers, holders, pools, successors, journal, blocks, deployment;
DROP FUNCTION ledger_event_balances;

-- The one deployment this database mirrors. Locked while blocks are applied, so that two indexers cannot interleave.
CREATE TABLE deployment (
    one         BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one),
    chain_id    NUMERIC(20) NOT NULL,
    genesis     BYTEA NOT NULL CHECK (octet_length(genesis) = 32),
    start_block BIGINT NOT NULL CHECK (start_block >= 0),
    kyc         BYTEA NOT NULL CHECK (octet_length(kyc) = 20),
    pool        BYTEA NOT NULL CHECK (octet_length(pool) = 20),
    manifests   BYTEA NOT NULL CHECK (octet_length(manifests) = 20),
    attribution BYTEA NOT NULL CHECK (octet_length(attribution) = 20),
    licence     BYTEA NOT NULL CHECK (octet_length(licence) = 20),
    market      BYTEA NOT NULL CHECK (octet_length(market) = 20),
    factory     BYTEA NOT NULL CHECK (octet_length(factory) = 20),
    coop        BYTEA NOT NULL CHECK (octet_length(coop) = 20)
);

-- Every block of the best chain from start_block on, without a gap. The highest one is the cursor: rows and cursor move in one
-- transaction. What is not final yet can be rolled back.
CREATE TABLE blocks (
    number    BIGINT PRIMARY KEY CHECK (number >= 0),
    hash      BYTEA NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    parent    BYTEA NOT NULL CHECK (octet_length(parent) = 32),
    time_ms   BIGINT NOT NULL CHECK (time_ms >= 0)
);
CREATE INDEX blocks_by_time ON blocks (time_ms, number);

-- The last block that is final, and never rolled back; none before the first.
CREATE TABLE finality (
    one    BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one),
    number BIGINT
);
INSERT INTO finality DEFAULT VALUES;

-- Events of contracts of ours. (block, event_index) names an event everywhere else. In parts by the month of the block.
CREATE TABLE journal (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    month       DATE NOT NULL,
    -- The block with which it was read: its own, or the later one in which its contract became ours.
    seen        BIGINT NOT NULL,
    -- What kind of contract emitted it: pool, kyc, manifests, attribution, licence, market, factory or coop.
    contract    TEXT NOT NULL,
    address     BYTEA NOT NULL,
    -- The event's name; Unknown where it is none of that contract's.
    kind        TEXT NOT NULL,
    -- As it was emitted.
    topics      BYTEA[] NOT NULL,
    data        BYTEA NOT NULL,
    -- The same for people and programs: amounts as digits, bytes as hexadecimal.
    payload     JSONB NOT NULL,
    -- What contracts answered at this block, where the event alone does not tell enough.
    answers     JSONB,
    -- Why nothing follows from it; null where it was read.
    unread      TEXT,
    tx_hash     BYTEA,
    PRIMARY KEY (block, event_index, month)
) PARTITION BY RANGE (month);
CREATE INDEX journal_by_kind ON journal (kind, block DESC, event_index DESC);
CREATE INDEX journal_by_address ON journal (address, block DESC, event_index DESC);
CREATE INDEX journal_by_seen ON journal (seen);
CREATE INDEX journal_unread ON journal (block) WHERE unread IS NOT NULL;

-- Which contracts that are not ours emitted events in the form of one of ours, and in which blocks: what a contract told before it
-- became ours is found by it.
CREATE TABLE emitters (
    address BYTEA NOT NULL,
    kind    TEXT NOT NULL,
    block   BIGINT NOT NULL,
    PRIMARY KEY (address, kind, block)
);
CREATE INDEX emitters_by_block ON emitters (block);

-- What the follower does, for whoever serves: one row, told at least every few seconds.
CREATE TABLE follower (
    one         BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one),
    state       TEXT NOT NULL,
    reason      TEXT,
    -- Heights that the node named last.
    best        BIGINT,
    finalised   BIGINT,
    -- Blocks applied in the last second, and how many seconds are left at that rate, while it catches up.
    rate        BIGINT,
    left_seconds BIGINT,
    told_ms     BIGINT NOT NULL
);

-- The last comparison with the chain, and up to which block all was compared.
CREATE TABLE verification (
    one         BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one),
    block       BIGINT NOT NULL,
    hash        BYTEA NOT NULL,
    at_ms       BIGINT NOT NULL,
    figures     BIGINT NOT NULL,
    differences BIGINT NOT NULL,
    -- Up to where the journal was compared with the node's events.
    journal_to  BIGINT NOT NULL
);
