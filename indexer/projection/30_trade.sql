-- What pools' data and shares are sold for: licences with what was reported, due and paid under them, and the market for shares.
-- Licence contracts and markets serve many pools, so pools here need not be listed ones.

-- A licence as its events left it. What time alone brings about (an expired offer, the end of the term) the reader works out.
CREATE TABLE licences (
    licence         BYTEA NOT NULL,
    -- The licence contract that it is in: a pool's holders can adopt another, and licences stay where they were made.
    contract        BYTEA NOT NULL,
    pool            BYTEA NOT NULL,
    platform        BYTEA NOT NULL,
    -- Zero for the chain's own money.
    currency        BYTEA NOT NULL,
    stage           TEXT NOT NULL,
    -- The highest of the menu; once accepted that of the option.
    upfront         NUMERIC(78) NOT NULL,
    offer_expires   NUMERIC(78) NOT NULL,
    licensor        BYTEA,
    terms_option    SMALLINT,
    document        BYTEA,
    exclusive_until NUMERIC(78),
    -- The last second in which the escrow of what was accepted can be funded.
    fund_by         NUMERIC(78),
    active_since    BIGINT,
    ends_at         NUMERIC(78),
    -- Bound, the platform's to take, and the pool's that it has not taken.
    escrow          NUMERIC(78) NOT NULL DEFAULT 0,
    refundable      NUMERIC(78) NOT NULL DEFAULT 0,
    held            NUMERIC(78) NOT NULL DEFAULT 0,
    -- Reached the pool, and went back to the platform.
    to_pool         NUMERIC(78) NOT NULL DEFAULT 0,
    refunded        NUMERIC(78) NOT NULL DEFAULT 0,
    open_defaults   BIGINT NOT NULL DEFAULT 0,
    -- Ever recorded, those that were cured among them.
    breaches        BIGINT NOT NULL DEFAULT 0,
    violations      BIGINT NOT NULL DEFAULT 0,
    closed          BOOLEAN NOT NULL DEFAULT FALSE,
    offered_block   BIGINT NOT NULL,
    offered_index   BIGINT NOT NULL,
    block           BIGINT NOT NULL,
    event_index     BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence)
);
CREATE INDEX licences_by_pool ON licences (pool, offered_block DESC, offered_index DESC);
CREATE INDEX licences_by_id ON licences (licence);
CREATE INDEX licences_by_platform ON licences (platform);

-- A quarter: what the platform reported, what the oracle did, and what follows. Nulls are not known yet.
CREATE TABLE licence_quarters (
    contract       BYTEA NOT NULL,
    licence        BYTEA NOT NULL,
    quarter        BIGINT NOT NULL,
    gross          NUMERIC(78),
    infrastructure NUMERIC(78),
    taxes          NUMERIC(78),
    net            NUMERIC(78),
    late           BOOLEAN,
    tokens         NUMERIC(78),
    calls          NUMERIC(78),
    due            NUMERIC(78),
    pay_by         NUMERIC(78),
    paid           NUMERIC(78) NOT NULL DEFAULT 0,
    interest       NUMERIC(78) NOT NULL DEFAULT 0,
    in_default     BOOLEAN NOT NULL DEFAULT FALSE,
    block          BIGINT NOT NULL,
    event_index    BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, quarter)
);

-- Money under a licence: paid by the platform for a quarter or a year, delivered to the pool for a period, or given back.
CREATE TABLE licence_payments (
    contract    BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    month DATE NOT NULL,
    licence     BYTEA NOT NULL,
    kind        TEXT NOT NULL,
    number      BIGINT,
    amount      NUMERIC(78) NOT NULL,
    interest    NUMERIC(78) NOT NULL,
    -- Still owed for the quarter or year; for a delivery what is still held for the period.
    outstanding NUMERIC(78) NOT NULL,
    PRIMARY KEY (block, event_index, month)
) PARTITION BY RANGE (month);
CREATE INDEX licence_payments_by_licence ON licence_payments (licence, block DESC, event_index DESC);

-- What was agreed on, by the accepted option. No event tells it: it is read from the contract with the acceptance. Zero turns a clause off.
CREATE TABLE licence_terms (
    contract            BYTEA NOT NULL,
    licence             BYTEA NOT NULL,
    metric              BYTEA NOT NULL,
    threshold           BIGINT NOT NULL,
    residual_bps        INTEGER NOT NULL,
    per_thousand_tokens NUMERIC(78) NOT NULL,
    per_call            NUMERIC(78) NOT NULL,
    floor               NUMERIC(78) NOT NULL,
    ceiling             NUMERIC(78) NOT NULL,
    guarantee           NUMERIC(78) NOT NULL,
    term_months         INTEGER NOT NULL,
    -- Limits of reports: false discoveries, days a record may come late, output tokens of a call, and from how many creators on a
    -- passage is nobody's.
    false_discovery_bps INTEGER NOT NULL,
    late_record_days    INTEGER NOT NULL,
    call_tokens         BIGINT NOT NULL,
    common_from         INTEGER NOT NULL,
    block               BIGINT NOT NULL,
    event_index         BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence)
);

-- The keys that prove a licence's usage, each epoch from a second on; all stay, for what was signed before a rotation.
CREATE TABLE usage_logs (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    epoch       BIGINT NOT NULL,
    key         BYTEA NOT NULL,
    origin      TEXT NOT NULL,
    witnesses   BYTEA[] NOT NULL,
    since       BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, epoch)
);

-- Checkpoints of a licence's usage log that stand on chain.
CREATE TABLE anchors (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    -- Of the usage log that the epoch set: the first root of a log and a size stands.
    origin      TEXT NOT NULL,
    epoch       BIGINT NOT NULL,
    size        NUMERIC(78) NOT NULL,
    root        BYTEA NOT NULL,
    anchored_at BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, origin, size)
);
CREATE INDEX anchors_by_age ON anchors (licence, block DESC, event_index DESC);

-- Every event of a licence, or of a licensor's menu, by its id: its course, of which the journal has what each says.
CREATE TABLE licence_events (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, block, event_index)
);

-- Pools whose shares can be, or could once be, traded.
CREATE TABLE listings (
    market      BYTEA NOT NULL,
    pool        BYTEA NOT NULL,
    currency    BYTEA NOT NULL,
    -- The fewest share units of an order and of a fill, and what prices are multiples of.
    lot         NUMERIC(78) NOT NULL,
    tick        NUMERIC(78) NOT NULL,
    listed      BOOLEAN NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (market, pool)
);

-- Proceeds, refunds and surpluses that the market holds for an account until it withdraws them, in the pool's currency.
CREATE TABLE credits (
    market      BYTEA NOT NULL,
    pool        BYTEA NOT NULL,
    account     BYTEA NOT NULL,
    credit      NUMERIC(78) NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (market, pool, account)
);
CREATE INDEX credits_by_account ON credits (account);

CREATE TABLE orders (
    market      BYTEA NOT NULL,
    id          NUMERIC(78) NOT NULL,
    pool        BYTEA NOT NULL,
    currency    BYTEA NOT NULL,
    maker       BYTEA NOT NULL,
    side        TEXT NOT NULL,
    price       NUMERIC(78) NOT NULL,
    expiry      NUMERIC(78) NOT NULL,
    placed      NUMERIC(78) NOT NULL,
    shares_left NUMERIC(78) NOT NULL,
    state       TEXT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (market, id)
);
CREATE INDEX orders_open ON orders (pool, id DESC) WHERE state = 'open';
CREATE INDEX orders_by_maker ON orders (maker, id DESC);

CREATE TABLE trades (
    market      BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    month DATE NOT NULL,
    pool        BYTEA NOT NULL,
    seller      BYTEA NOT NULL,
    buyer       BYTEA NOT NULL,
    -- The orders that met; null on the side that took the other's.
    ask         NUMERIC(78),
    bid         NUMERIC(78),
    shares      NUMERIC(78) NOT NULL,
    price       NUMERIC(78) NOT NULL,
    cost        NUMERIC(78) NOT NULL,
    PRIMARY KEY (block, event_index, month)
) PARTITION BY RANGE (month);
CREATE INDEX trades_by_pool ON trades (pool, block DESC, event_index DESC);
