-- What pools' data and shares are sold for: licences with what was reported, due and paid under them, and the market for shares.
-- Licence contracts and markets serve many pools, so pools here need not be listed ones.

-- A licence as its events left it. What time alone brings about (an expired offer, the end of the term) the reader works out.
CREATE TABLE licences (
    -- The licence contract that it is in: a pool's holders can adopt another, and licences stay where they were made.
    contract        BYTEA NOT NULL,
    licence         BYTEA NOT NULL,
    pool            BYTEA NOT NULL,
    platform        BYTEA NOT NULL,
    -- Who was named the platform's successor and has not accepted yet.
    next_platform   BYTEA,
    -- Zero for the chain's own money.
    currency        BYTEA NOT NULL,
    -- offered, withdrawn, declined, accepted, lapsed, active or terminated.
    stage           TEXT NOT NULL,
    -- How many of each were offered.
    options         SMALLINT NOT NULL,
    datasets        SMALLINT NOT NULL,
    -- The highest of the options; once accepted that of the option.
    upfront         NUMERIC(78) NOT NULL,
    offer_expires   NUMERIC(78) NOT NULL,
    -- The licensor's menu that it was taken from, and which of its options; null where a platform offered.
    menu            BYTEA,
    menu_option     SMALLINT,
    licensor        BYTEA,
    terms_option    SMALLINT,
    document        BYTEA,
    exclusive_until NUMERIC(78),
    -- The last second in which the escrow of what was accepted can be funded.
    fund_by         NUMERIC(78),
    active_since    BIGINT,
    training_until  NUMERIC(78),
    ends_at         NUMERIC(78),
    -- convenience, default, breach, violation or order; null where it was not terminated.
    termination     TEXT,
    terminated_by   BYTEA,
    termination_evidence BYTEA,
    -- Until when the platform must delete the data of a terminated licence; of one whose term ended the terms say.
    deletion_due    NUMERIC(78),
    deletion_certificate BYTEA,
    deleted_at      BIGINT,
    deletion_late   BOOLEAN,
    -- Bound, the platform's to take, and the pool's that it has not taken.
    escrow          NUMERIC(78) NOT NULL DEFAULT 0,
    refundable      NUMERIC(78) NOT NULL DEFAULT 0,
    held            NUMERIC(78) NOT NULL DEFAULT 0,
    -- All that came in; and what of it reached the pool, went back to the platform, and was paid for audits. As the contract
    -- counts them: money_in = escrow + refundable + held + to_pool + refunded + paid_out.
    money_in        NUMERIC(78) NOT NULL DEFAULT 0,
    to_pool         NUMERIC(78) NOT NULL DEFAULT 0,
    refunded        NUMERIC(78) NOT NULL DEFAULT 0,
    paid_out        NUMERIC(78) NOT NULL DEFAULT 0,
    -- What the escrow must be filled up to again, and until when; zero where it need not be.
    refill_to       NUMERIC(78) NOT NULL DEFAULT 0,
    refill_by       NUMERIC(78) NOT NULL DEFAULT 0,
    -- It was not, and a default was recorded of it.
    escrow_default  BOOLEAN NOT NULL DEFAULT FALSE,
    open_defaults   BIGINT NOT NULL DEFAULT 0,
    -- Ever recorded, those that were cured among them.
    breaches        BIGINT NOT NULL DEFAULT 0,
    violations      BIGINT NOT NULL DEFAULT 0,
    closed          BOOLEAN NOT NULL DEFAULT FALSE,
    offered_block   BIGINT NOT NULL,
    offered_index   BIGINT NOT NULL,
    block           BIGINT NOT NULL,
    event_index     BIGINT NOT NULL,
    valid_from      BIGINT NOT NULL,
    PRIMARY KEY (contract, licence)
);
CREATE INDEX licences_by_pool ON licences (pool, offered_block DESC, offered_index DESC);
CREATE INDEX licences_by_id ON licences (licence);
CREATE INDEX licences_by_platform ON licences (platform);

-- What licensors offer to any platform.
CREATE TABLE menus (
    contract    BYTEA NOT NULL,
    menu        BYTEA NOT NULL,
    pool        BYTEA NOT NULL,
    licensor    BYTEA NOT NULL,
    currency    BYTEA NOT NULL,
    options     SMALLINT NOT NULL,
    expires     NUMERIC(78) NOT NULL,
    withdrawn   BOOLEAN NOT NULL,
    -- How often one of its options was taken.
    taken       BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, menu)
);
CREATE INDEX menus_by_pool ON menus (pool);

-- The options of an offered licence, or of a menu, whose id then stands for the licence's.
CREATE TABLE licence_options (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    option      SMALLINT NOT NULL,
    document    BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, option)
);

-- Milestones of Schedule B: agreed on where the terms could be read, and certified where the last four are known.
CREATE TABLE milestones (
    contract     BYTEA NOT NULL,
    licence      BYTEA NOT NULL,
    -- From 0.
    milestone    SMALLINT NOT NULL,
    amount       NUMERIC(78),
    -- To the pool; otherwise back to the platform.
    to_pool      BOOLEAN NOT NULL,
    document     BYTEA,
    -- What the escrow had of the amount when it was certified.
    released     NUMERIC(78),
    certifier    BYTEA,
    certified_at BIGINT,
    evidence     BYTEA,
    block        BIGINT NOT NULL,
    event_index  BIGINT NOT NULL,
    valid_from   BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, milestone)
);

-- Platforms that another took the place of.
CREATE TABLE platform_changes (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    previous    BYTEA NOT NULL,
    platform    BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX platform_changes_by_licence ON platform_changes (contract, licence);

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
    -- Hash of what the platform's figures follow from.
    evidence       BYTEA,
    tokens         NUMERIC(78),
    calls          NUMERIC(78),
    -- Hash of the attribution report that they are from, or of an auditor's.
    report         BYTEA,
    due            NUMERIC(78),
    pay_by         NUMERIC(78),
    paid           NUMERIC(78) NOT NULL DEFAULT 0,
    interest       NUMERIC(78) NOT NULL DEFAULT 0,
    in_default     BOOLEAN NOT NULL DEFAULT FALSE,
    block          BIGINT NOT NULL,
    event_index    BIGINT NOT NULL,
    valid_from     BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, quarter)
);

-- A licence year with a guarantee. Nulls: it was not trued up.
CREATE TABLE licence_years (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    -- From 1.
    year        BIGINT NOT NULL,
    guaranteed  NUMERIC(78),
    -- By its quarters.
    earned      NUMERIC(78),
    -- Of the shortfall, what the escrow paid, what is owed still, and what was paid besides.
    from_escrow NUMERIC(78),
    trued_up_at BIGINT,
    owed        NUMERIC(78) NOT NULL DEFAULT 0,
    paid        NUMERIC(78) NOT NULL DEFAULT 0,
    in_default  BOOLEAN NOT NULL DEFAULT FALSE,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, year)
);

-- What an escrow got or gave, as events tell it; the sum of all that came and left is in the ledger.
CREATE TABLE escrow_changes (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    -- funded, trued_up, milestone or forfeited.
    kind        TEXT NOT NULL,
    -- The licence year, or the milestone.
    number      BIGINT,
    amount      NUMERIC(78) NOT NULL,
    -- Given to the pool.
    to_pool     BOOLEAN NOT NULL,
    -- In escrow afterwards; null where the event does not tell.
    escrow      NUMERIC(78),
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX escrow_changes_by_licence ON escrow_changes (contract, licence, block DESC, event_index DESC);

-- Whether an auditor approved a contributor, who may then ask for audits.
CREATE TABLE contributor_approvals (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    contributor BYTEA NOT NULL,
    approved    BOOLEAN NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, contributor)
);

-- An audit of a quarter: asked for, answered by the platform, reported by the auditor, and paid.
CREATE TABLE audits (
    contract        BYTEA NOT NULL,
    licence         BYTEA NOT NULL,
    audit           BIGINT NOT NULL,
    contributor     BYTEA NOT NULL,
    quarter         BIGINT NOT NULL,
    scope           BYTEA NOT NULL,
    requested_at    BIGINT NOT NULL,
    answer_by       NUMERIC(78) NOT NULL,
    answered_at     BIGINT,
    answered_late   BOOLEAN,
    -- Root of the usage logs, digest of the manifests, and of the training runs' ids.
    logs            BYTEA,
    manifests       BYTEA,
    runs            BYTEA,
    auditor         BYTEA,
    reported_at     BIGINT,
    discrepancy_bps INTEGER,
    tokens          NUMERIC(78),
    calls           NUMERIC(78),
    report          BYTEA,
    -- What the platform owes the auditor, and the contributor; zero for nothing.
    fee                NUMERIC(78) NOT NULL DEFAULT 0,
    fee_paid           BOOLEAN NOT NULL DEFAULT FALSE,
    fee_withdrawn      BOOLEAN NOT NULL DEFAULT FALSE,
    expenses           NUMERIC(78) NOT NULL DEFAULT 0,
    expenses_paid      BOOLEAN NOT NULL DEFAULT FALSE,
    expenses_withdrawn BOOLEAN NOT NULL DEFAULT FALSE,
    -- The arbiter dismissed what the auditor found.
    dismissed       BOOLEAN NOT NULL DEFAULT FALSE,
    block           BIGINT NOT NULL,
    event_index     BIGINT NOT NULL,
    valid_from      BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, audit)
);

-- Who asked for an audit, or joined one that was open.
CREATE TABLE audit_requests (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    audit       BIGINT NOT NULL,
    contributor BYTEA NOT NULL,
    quarter     BIGINT NOT NULL,
    scope       BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX audit_requests_by_audit ON audit_requests (contract, licence, audit);
CREATE INDEX audit_requests_by_contributor ON audit_requests (contributor);

-- Violations that an oracle alleges, each named by its evidence.
CREATE TABLE violations (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    evidence    BYTEA NOT NULL,
    -- training_after_window, prohibited_use, forbidden_sublicence, use_after_deletion or untrue_records.
    kind        TEXT NOT NULL,
    -- Bits of the uses it was.
    uses        BIGINT NOT NULL,
    happened_at NUMERIC(78) NOT NULL,
    recorded_at BIGINT NOT NULL,
    dismissed   BOOLEAN NOT NULL DEFAULT FALSE,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, evidence)
);

-- What was not done in time.
CREATE TABLE breaches (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    -- late_report, late_answer, late_redaction, late_deletion or unpaid_audit.
    kind        TEXT NOT NULL,
    -- The quarter, audit or redaction; null for the deletion.
    number      BIGINT,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX breaches_by_licence ON breaches (contract, licence);

CREATE TABLE sublicences (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    sublicence  BIGINT NOT NULL,
    licensee    BYTEA NOT NULL,
    -- Bits of the uses it is for.
    uses        BIGINT NOT NULL,
    document    BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, sublicence)
);

-- Datasets' versions without certain personal data, which the platform must use from then on.
CREATE TABLE redactions (
    contract       BYTEA NOT NULL,
    licence        BYTEA NOT NULL,
    redaction      BIGINT NOT NULL,
    dataset        BYTEA NOT NULL,
    requester      BYTEA NOT NULL,
    request        BYTEA NOT NULL,
    -- The version without the data.
    manifest       BYTEA NOT NULL,
    requested_at   BIGINT NOT NULL,
    due            NUMERIC(78) NOT NULL,
    certificate    BYTEA,
    certified_at   BIGINT,
    certified_late BOOLEAN,
    block          BIGINT NOT NULL,
    event_index    BIGINT NOT NULL,
    valid_from     BIGINT NOT NULL,
    PRIMARY KEY (contract, licence, redaction)
);
CREATE INDEX redactions_by_dataset ON redactions (dataset);

-- Who asked for a redaction, or for one that was asked for already.
CREATE TABLE redaction_requests (
    contract    BYTEA NOT NULL,
    licence     BYTEA NOT NULL,
    redaction   BIGINT NOT NULL,
    requester   BYTEA NOT NULL,
    request     BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX redaction_requests_by_redaction ON redaction_requests (contract, licence, redaction);

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
    -- The residual is this part of the gross revenue, or of what costs and taxes, up to their caps, leave of it.
    residual_bps        INTEGER NOT NULL,
    gross_base          BOOLEAN NOT NULL,
    infrastructure_cap_bps INTEGER NOT NULL,
    taxes_cap_bps       INTEGER NOT NULL,
    per_thousand_tokens NUMERIC(78) NOT NULL,
    per_call            NUMERIC(78) NOT NULL,
    floor               NUMERIC(78) NOT NULL,
    ceiling             NUMERIC(78) NOT NULL,
    guarantee           NUMERIC(78) NOT NULL,
    escrow              NUMERIC(78) NOT NULL,
    funding_days        INTEGER NOT NULL,
    term_months         INTEGER NOT NULL,
    exclusive_months    INTEGER NOT NULL,
    training_months     INTEGER NOT NULL,
    report_days         INTEGER NOT NULL,
    payment_days        INTEGER NOT NULL,
    grace_days          INTEGER NOT NULL,
    late_bps            INTEGER NOT NULL,
    notice_days         INTEGER NOT NULL,
    cure_days           INTEGER NOT NULL,
    deletion_days       INTEGER NOT NULL,
    redaction_days      INTEGER NOT NULL,
    audit_fee_cap       NUMERIC(78) NOT NULL,
    audit_expenses_cap  NUMERIC(78) NOT NULL,
    -- Bits of the uses.
    prohibited_uses     BIGINT NOT NULL,
    sublicensing        BOOLEAN NOT NULL,
    platform_may_leave  BOOLEAN NOT NULL,
    licensor_may_leave  BOOLEAN NOT NULL,
    -- Limits of reports: false discoveries, days a record may come late, output tokens of a call, and from how many creators on a
    -- passage is nobody's.
    false_discovery_bps INTEGER NOT NULL,
    late_record_days    INTEGER NOT NULL,
    call_tokens         BIGINT NOT NULL,
    common_from         INTEGER NOT NULL,
    block               BIGINT NOT NULL,
    event_index         BIGINT NOT NULL,
    valid_from          BIGINT NOT NULL,
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
    -- Of the last trade, for 10^18 share units; null before the first.
    last_price  NUMERIC(78),
    last_trade  BIGINT,
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
    -- Money that is held for what is left of a bid; zero for an ask.
    escrow      NUMERIC(78) NOT NULL,
    -- open, filled, cancelled or expired.
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
CREATE INDEX trades_by_buyer ON trades (buyer, block DESC, event_index DESC);
CREATE INDEX trades_by_seller ON trades (seller, block DESC, event_index DESC);

-- A day's trades in a pool's shares, by the days of UTC. Prices are for 10^18 share units.
CREATE TABLE prices (
    market      BYTEA NOT NULL,
    pool        BYTEA NOT NULL,
    day         DATE NOT NULL,
    open        NUMERIC(78) NOT NULL,
    high        NUMERIC(78) NOT NULL,
    low         NUMERIC(78) NOT NULL,
    close       NUMERIC(78) NOT NULL,
    -- Share units, and what was paid for them.
    volume      NUMERIC(78) NOT NULL,
    turnover    NUMERIC(78) NOT NULL,
    trades      BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (market, pool, day)
);
