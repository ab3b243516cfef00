-- What was read, as it was read: blocks in order and every event of ours in them. All other tables follow from these two.

-- The one deployment this database mirrors. Locked while a block is applied, so that two indexers cannot interleave.
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

-- Every block from start_block on, without a gap. The highest one is the cursor: rows and cursor move in one transaction.
CREATE TABLE blocks (
    number    BIGINT PRIMARY KEY CHECK (number >= 0),
    hash      BYTEA NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    parent    BYTEA NOT NULL CHECK (octet_length(parent) = 32),
    time_ms   BIGINT NOT NULL CHECK (time_ms >= 0),
    finalised BOOLEAN NOT NULL
);

-- Events of the deployment's contracts. (block, event_index) names an event everywhere else.
CREATE TABLE journal (
    block       BIGINT NOT NULL REFERENCES blocks (number),
    event_index BIGINT NOT NULL CHECK (event_index >= 0),
    contract    TEXT NOT NULL CHECK (
        contract IN ('pool', 'kyc', 'manifests', 'attribution', 'licence', 'market', 'factory', 'coop')
    ),
    address     BYTEA NOT NULL CHECK (octet_length(address) = 20),
    kind        TEXT NOT NULL,
    payload     JSONB NOT NULL,
    tx_hash     BYTEA CHECK (octet_length(tx_hash) = 32),
    PRIMARY KEY (block, event_index)
);
-- Contracts that took the place of one of the deployment's, by the vote of its pool's holders. What each emitted before is journaled
-- with the block in which it was adopted; the contracts that they replaced are followed on.
CREATE TABLE successors (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    contract    TEXT NOT NULL CHECK (contract IN ('kyc', 'attribution', 'licence')),
    address     BYTEA NOT NULL CHECK (octet_length(address) = 20),
    PRIMARY KEY (block, event_index),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

CREATE INDEX journal_kind ON journal (kind, block, event_index);
