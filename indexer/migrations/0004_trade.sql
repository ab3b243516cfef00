-- What the pool's data and shares are sold for: licences with what was reported, due and paid under them, and the market for shares.
-- One licence contract and one market serve many pools, so pools here need not be ours.

-- A licence as its events left it. What time alone brings about (an expired offer, the end of the term) the reader works out.
CREATE TABLE licences (
    licence         BYTEA PRIMARY KEY CHECK (octet_length(licence) = 32),
    -- The licence contract that it is in: a pool's holders can adopt another, and licences stay where they were made.
    contract        BYTEA NOT NULL CHECK (octet_length(contract) = 20),
    pool            BYTEA NOT NULL CHECK (octet_length(pool) = 20),
    platform        BYTEA NOT NULL CHECK (octet_length(platform) = 20),
    -- Zero for the chain's own money.
    currency        BYTEA NOT NULL CHECK (octet_length(currency) = 20),
    stage           TEXT NOT NULL CHECK (stage IN ('offered', 'withdrawn', 'declined', 'accepted', 'lapsed', 'active', 'terminated')),
    -- The highest of the menu; once accepted that of the option.
    upfront         NUMERIC(39) NOT NULL CHECK (upfront >= 0),
    offer_expires   NUMERIC(20) NOT NULL,
    licensor        BYTEA CHECK (octet_length(licensor) = 20),
    terms_option    SMALLINT,
    document        BYTEA CHECK (octet_length(document) = 32),
    exclusive_until NUMERIC(20),
    -- The last second in which the escrow of what was accepted can be funded.
    fund_by         NUMERIC(20),
    active_since    BIGINT,
    ends_at         NUMERIC(20),
    -- Bound, the platform's to take, and the pool's that it has not taken.
    escrow          NUMERIC(39) NOT NULL DEFAULT 0 CHECK (escrow >= 0),
    refundable      NUMERIC(39) NOT NULL DEFAULT 0 CHECK (refundable >= 0),
    held            NUMERIC(39) NOT NULL DEFAULT 0 CHECK (held >= 0),
    -- Reached the pool, and went back to the platform.
    to_pool         NUMERIC(39) NOT NULL DEFAULT 0 CHECK (to_pool >= 0),
    refunded        NUMERIC(39) NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    open_defaults   BIGINT NOT NULL DEFAULT 0,
    -- Ever recorded, those that were cured among them.
    breaches        BIGINT NOT NULL DEFAULT 0,
    violations      BIGINT NOT NULL DEFAULT 0,
    closed          BOOLEAN NOT NULL DEFAULT FALSE,
    offered_block   BIGINT NOT NULL,
    offered_index   BIGINT NOT NULL,
    block           BIGINT NOT NULL,
    event_index     BIGINT NOT NULL,
    FOREIGN KEY (block, event_index) REFERENCES journal
);
CREATE INDEX licences_by_pool ON licences (pool, offered_block DESC, offered_index DESC);

-- A quarter: what the platform reported, what the oracle did, and what follows. Nulls are not known yet.
CREATE TABLE licence_quarters (
    licence        BYTEA NOT NULL REFERENCES licences (licence),
    quarter        BIGINT NOT NULL,
    gross          NUMERIC(39),
    infrastructure NUMERIC(39),
    taxes          NUMERIC(39),
    net            NUMERIC(39),
    late           BOOLEAN,
    tokens         NUMERIC(39),
    calls          NUMERIC(20),
    due            NUMERIC(39),
    pay_by         NUMERIC(20),
    paid           NUMERIC(39) NOT NULL DEFAULT 0 CHECK (paid >= 0),
    interest       NUMERIC(39) NOT NULL DEFAULT 0 CHECK (interest >= 0),
    in_default     BOOLEAN NOT NULL DEFAULT FALSE,
    block          BIGINT NOT NULL,
    event_index    BIGINT NOT NULL,
    PRIMARY KEY (licence, quarter),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- Money under a licence: paid by the platform for a quarter or a year, delivered to the pool for a period, or given back.
CREATE TABLE licence_payments (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    licence     BYTEA NOT NULL REFERENCES licences (licence),
    kind        TEXT NOT NULL CHECK (kind IN ('royalty', 'shortfall', 'delivered', 'refunded')),
    number      BIGINT,
    amount      NUMERIC(39) NOT NULL CHECK (amount >= 0),
    interest    NUMERIC(39) NOT NULL CHECK (interest >= 0),
    -- Still owed for the quarter or year; for a delivery what is still held for the period.
    outstanding NUMERIC(39) NOT NULL CHECK (outstanding >= 0),
    PRIMARY KEY (block, event_index),
    FOREIGN KEY (block, event_index) REFERENCES journal,
    CHECK ((kind = 'refunded') = (number IS NULL))
);
CREATE INDEX licence_payments_by_licence ON licence_payments (licence, block DESC, event_index DESC);

-- What was agreed on, by the accepted option. No event tells it: it is read from the contract with the acceptance. Zero turns a clause off.
CREATE TABLE licence_terms (
    licence             BYTEA PRIMARY KEY REFERENCES licences (licence),
    metric              BYTEA NOT NULL CHECK (octet_length(metric) = 32),
    threshold           BIGINT NOT NULL,
    residual_bps        INTEGER NOT NULL,
    per_thousand_tokens NUMERIC(39) NOT NULL,
    per_call            NUMERIC(39) NOT NULL,
    floor               NUMERIC(39) NOT NULL,
    ceiling             NUMERIC(39) NOT NULL,
    guarantee           NUMERIC(39) NOT NULL,
    term_months         INTEGER NOT NULL,
    -- Limits of reports: false discoveries, days a record may come late, output tokens of a call, and from how many creators on a
    -- passage is nobody's.
    false_discovery_bps INTEGER NOT NULL,
    late_record_days    INTEGER NOT NULL,
    call_tokens         BIGINT NOT NULL,
    common_from         INTEGER NOT NULL,
    block               BIGINT NOT NULL,
    event_index         BIGINT NOT NULL,
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- The keys that prove a licence's usage, each epoch from a second on; all stay, for what was signed before a rotation.
CREATE TABLE usage_logs (
    licence     BYTEA NOT NULL REFERENCES licences (licence),
    epoch       BIGINT NOT NULL CHECK (epoch > 0),
    key         BYTEA NOT NULL CHECK (octet_length(key) = 32),
    origin      TEXT NOT NULL,
    witnesses   BYTEA[] NOT NULL,
    since       BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (licence, epoch),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- Checkpoints of a licence's usage log that stand on chain.
CREATE TABLE anchors (
    licence     BYTEA NOT NULL,
    epoch       BIGINT NOT NULL,
    size        NUMERIC(20) NOT NULL CHECK (size >= 0),
    root        BYTEA NOT NULL CHECK (octet_length(root) = 32),
    anchored_at BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (licence, epoch, size),
    FOREIGN KEY (licence, epoch) REFERENCES usage_logs,
    FOREIGN KEY (block, event_index) REFERENCES journal
);
CREATE INDEX anchors_by_age ON anchors (licence, block DESC, event_index DESC);

-- Every event of a licence, or of a licensor's menu, by its id: its course, of which the journal has what each says.
CREATE TABLE licence_events (
    licence     BYTEA NOT NULL CHECK (octet_length(licence) = 32),
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (licence, block, event_index),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- Pools whose shares can be, or could once be, traded.
CREATE TABLE listings (
    pool        BYTEA PRIMARY KEY CHECK (octet_length(pool) = 20),
    currency    BYTEA NOT NULL CHECK (octet_length(currency) = 20),
    -- The fewest share units of an order and of a fill, and what prices are multiples of.
    lot         NUMERIC(39) NOT NULL CHECK (lot >= 0),
    tick        NUMERIC(39) NOT NULL CHECK (tick >= 0),
    listed      BOOLEAN NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- Proceeds, refunds and surpluses that the market holds for an account until it withdraws them, in the pool's currency.
CREATE TABLE credits (
    pool        BYTEA NOT NULL CHECK (octet_length(pool) = 20),
    account     BYTEA NOT NULL CHECK (octet_length(account) = 20),
    credit      NUMERIC(39) NOT NULL CHECK (credit >= 0),
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (pool, account),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

CREATE TABLE orders (
    id          NUMERIC(20) PRIMARY KEY CHECK (id > 0),
    pool        BYTEA NOT NULL CHECK (octet_length(pool) = 20),
    currency    BYTEA NOT NULL CHECK (octet_length(currency) = 20),
    maker       BYTEA NOT NULL CHECK (octet_length(maker) = 20),
    side        TEXT NOT NULL CHECK (side IN ('ask', 'bid')),
    price       NUMERIC(39) NOT NULL CHECK (price > 0),
    expiry      NUMERIC(20) NOT NULL,
    placed      NUMERIC(39) NOT NULL CHECK (placed > 0),
    shares_left NUMERIC(39) NOT NULL CHECK (shares_left BETWEEN 0 AND placed),
    state       TEXT NOT NULL CHECK (state IN ('open', 'filled', 'cancelled', 'expired')),
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    FOREIGN KEY (block, event_index) REFERENCES journal,
    CHECK ((state = 'filled') = (shares_left = 0))
);
CREATE INDEX orders_open ON orders (pool, id DESC) WHERE state = 'open';

CREATE TABLE trades (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    pool        BYTEA NOT NULL CHECK (octet_length(pool) = 20),
    seller      BYTEA NOT NULL CHECK (octet_length(seller) = 20),
    buyer       BYTEA NOT NULL CHECK (octet_length(buyer) = 20),
    -- The orders that met; null on the side that took the other's.
    ask         NUMERIC(20) REFERENCES orders (id),
    bid         NUMERIC(20) REFERENCES orders (id),
    shares      NUMERIC(39) NOT NULL CHECK (shares > 0),
    price       NUMERIC(39) NOT NULL CHECK (price > 0),
    cost        NUMERIC(39) NOT NULL CHECK (cost >= 0),
    PRIMARY KEY (block, event_index),
    FOREIGN KEY (block, event_index) REFERENCES journal,
    CHECK (ask IS NOT NULL OR bid IS NOT NULL)
);
CREATE INDEX trades_by_pool ON trades (pool, block DESC, event_index DESC);
