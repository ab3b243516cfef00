-- The three registries: who is verified, which datasets exist, and what was attributed. A pool's holders can adopt another registry
-- of KYC or of reports; every row says which it is of.

-- The record now; all zero but flags and nonce after a revocation, as the contract answers.
CREATE TABLE kyc_records (
    registry     BYTEA NOT NULL CHECK (octet_length(registry) = 20),
    account      BYTEA NOT NULL CHECK (octet_length(account) = 20),
    level        SMALLINT NOT NULL CHECK (level BETWEEN 0 AND 255),
    jurisdiction INTEGER NOT NULL CHECK (jurisdiction BETWEEN 0 AND 65535),
    accredited   BOOLEAN NOT NULL,
    expiry       NUMERIC(20) NOT NULL CHECK (expiry >= 0),
    frozen       BOOLEAN NOT NULL,
    sanctioned   BOOLEAN NOT NULL,
    issuer       BYTEA NOT NULL CHECK (octet_length(issuer) = 20),
    -- By an attestation: the record counts only as long as its issuer is trusted.
    attested     BOOLEAN NOT NULL,
    nonce        NUMERIC(20) NOT NULL CHECK (nonce >= 0),
    block        BIGINT NOT NULL,
    event_index  BIGINT NOT NULL,
    PRIMARY KEY (registry, account),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

CREATE TABLE kyc_history (
    block        BIGINT NOT NULL,
    event_index  BIGINT NOT NULL,
    registry     BYTEA NOT NULL CHECK (octet_length(registry) = 20),
    account      BYTEA NOT NULL CHECK (octet_length(account) = 20),
    change       TEXT NOT NULL CHECK (change IN ('set', 'revoked')),
    level        SMALLINT NOT NULL,
    jurisdiction INTEGER NOT NULL,
    accredited   BOOLEAN NOT NULL,
    expiry       NUMERIC(20) NOT NULL,
    frozen       BOOLEAN NOT NULL,
    sanctioned   BOOLEAN NOT NULL,
    issuer       BYTEA NOT NULL CHECK (octet_length(issuer) = 20),
    attested     BOOLEAN NOT NULL,
    PRIMARY KEY (block, event_index),
    FOREIGN KEY (block, event_index) REFERENCES journal
);
CREATE INDEX kyc_history_by_account ON kyc_history (account, block DESC, event_index DESC);

CREATE TABLE kyc_agents (
    registry    BYTEA NOT NULL CHECK (octet_length(registry) = 20),
    agent       BYTEA NOT NULL CHECK (octet_length(agent) = 20),
    active      BOOLEAN NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (registry, agent),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- An issuer that was removed is never trusted again.
CREATE TABLE kyc_issuers (
    registry    BYTEA NOT NULL CHECK (octet_length(registry) = 20),
    issuer      BYTEA NOT NULL CHECK (octet_length(issuer) = 20),
    trusted     BOOLEAN NOT NULL,
    -- 1 KYC, 2 accredited: the contract takes no others.
    topics      SMALLINT[] NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (registry, issuer),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

CREATE TABLE datasets (
    dataset        BYTEA PRIMARY KEY CHECK (octet_length(dataset) = 32),
    creator        BYTEA NOT NULL CHECK (octet_length(creator) = 20),
    latest_version BIGINT NOT NULL CHECK (latest_version > 0),
    -- The pool that it is assigned to; zero or null for none.
    pool           BYTEA CHECK (octet_length(pool) = 20),
    -- Hash of its card's document, where it has one.
    card           BYTEA CHECK (octet_length(card) = 32),
    block          BIGINT NOT NULL,
    event_index    BIGINT NOT NULL,
    FOREIGN KEY (block, event_index) REFERENCES journal
);
CREATE INDEX datasets_by_creator ON datasets (creator);

CREATE TABLE dataset_versions (
    dataset       BYTEA NOT NULL REFERENCES datasets (dataset),
    version       BIGINT NOT NULL CHECK (version > 0),
    manifest_hash BYTEA NOT NULL CHECK (octet_length(manifest_hash) = 32),
    licence_hash  BYTEA NOT NULL CHECK (octet_length(licence_hash) = 32),
    registered_at BIGINT NOT NULL,
    -- No dataset had a version of this manifest before. Others may have the same: that is theirs to explain.
    first         BOOLEAN NOT NULL,
    state         TEXT NOT NULL DEFAULT 'registered' CHECK (state IN ('registered', 'withdrawn', 'redacted')),
    -- When it was withdrawn or redacted, the later of the two; and the version that stands in for one that was redacted (0: none).
    closed_at     BIGINT CHECK ((state = 'registered') = (closed_at IS NULL)),
    replaced_by   BIGINT NOT NULL DEFAULT 0 CHECK (replaced_by = 0 OR state = 'redacted'),
    block         BIGINT NOT NULL,
    event_index   BIGINT NOT NULL,
    PRIMARY KEY (dataset, version),
    UNIQUE (dataset, manifest_hash),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

CREATE UNIQUE INDEX dataset_versions_first ON dataset_versions (manifest_hash) WHERE first;

-- What a training run read, as its platform recorded it.
CREATE TABLE ingestions (
    platform    BYTEA NOT NULL CHECK (octet_length(platform) = 20),
    run         BYTEA NOT NULL CHECK (octet_length(run) = 32),
    model       BYTEA NOT NULL CHECK (octet_length(model) = 32),
    datasets    BYTEA[] NOT NULL,
    versions    BIGINT[] NOT NULL CHECK (cardinality(versions) = cardinality(datasets)),
    epochs      BIGINT NOT NULL,
    digest      BYTEA NOT NULL CHECK (octet_length(digest) = 32),
    recorded_at BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (platform, run),
    FOREIGN KEY (block, event_index) REFERENCES journal
);
CREATE INDEX ingestions_by_age ON ingestions (block DESC, event_index DESC);

-- Committees as they took office, each for good.
CREATE TABLE committees (
    registry    BYTEA NOT NULL CHECK (octet_length(registry) = 20),
    epoch       BIGINT NOT NULL CHECK (epoch > 0),
    threshold   SMALLINT NOT NULL CHECK (threshold > 0),
    keys        BYTEA[] NOT NULL,
    since       BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (registry, epoch),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- Of a committee in office or of a proposed one; such a key signs nothing more, in whatever committee it was.
CREATE TABLE revoked_keys (
    registry    BYTEA NOT NULL CHECK (octet_length(registry) = 20),
    key         BYTEA NOT NULL CHECK (octet_length(key) = 32),
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (registry, key),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- The committee that was named to take office next, while it waits.
CREATE TABLE proposed_committees (
    registry     BYTEA PRIMARY KEY CHECK (octet_length(registry) = 20),
    epoch        BIGINT NOT NULL CHECK (epoch > 0),
    threshold    SMALLINT NOT NULL CHECK (threshold > 0),
    keys         BYTEA[] NOT NULL,
    effective_at BIGINT NOT NULL,
    block        BIGINT NOT NULL,
    event_index  BIGINT NOT NULL,
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- What audits of a report's weights found, in order. Deviation and confidence are in millionths.
CREATE TABLE report_audits (
    registry      BYTEA NOT NULL CHECK (octet_length(registry) = 20),
    report_hash   BYTEA NOT NULL CHECK (octet_length(report_hash) = 32),
    number        BIGINT NOT NULL CHECK (number >= 0),
    pool          BYTEA NOT NULL CHECK (octet_length(pool) = 20),
    stream        BYTEA NOT NULL CHECK (octet_length(stream) = 32),
    period        BIGINT NOT NULL,
    audit_hash    BYTEA NOT NULL CHECK (octet_length(audit_hash) = 32),
    seed          BYTEA NOT NULL CHECK (octet_length(seed) = 32),
    samples       BIGINT NOT NULL,
    max_deviation BIGINT NOT NULL,
    confidence    BIGINT NOT NULL,
    auditor       BYTEA NOT NULL CHECK (octet_length(auditor) = 20),
    posted_at     BIGINT NOT NULL,
    block         BIGINT NOT NULL,
    event_index   BIGINT NOT NULL,
    PRIMARY KEY (registry, report_hash, number),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- Accepted reports, parsed. Scores and thresholds are in millionths; the weights root is zero where nothing qualified;
-- what was not measured is NULL.
CREATE TABLE reports (
    registry          BYTEA NOT NULL CHECK (octet_length(registry) = 20),
    pool              BYTEA NOT NULL CHECK (octet_length(pool) = 20),
    stream            BYTEA NOT NULL CHECK (octet_length(stream) = 32),
    period            BIGINT NOT NULL CHECK (period > 0),
    revision          BIGINT NOT NULL CHECK (revision >= 0),
    -- Where it is in the game of disputes, as the registry keeps it: 1 in its challenge window, 2 disputed, 3 withdrawn; until when
    -- (the window's end, the ruling's deadline) or since when (withdrawn); and the seconds of the window that a dispute left.
    -- What follows from it at a block's time, contracts/rules says (rules::dispute).
    phase             SMALLINT NOT NULL CHECK (phase BETWEEN 1 AND 3),
    until             BIGINT NOT NULL,
    window_left       BIGINT NOT NULL DEFAULT 0 CHECK (window_left >= 0),
    disputes          SMALLINT NOT NULL DEFAULT 0,
    report_hash       BYTEA NOT NULL CHECK (octet_length(report_hash) = 32),
    weights_root      BYTEA NOT NULL CHECK (octet_length(weights_root) = 32),
    previous          BYTEA NOT NULL CHECK (octet_length(previous) = 32),
    epoch             BIGINT NOT NULL,
    models            TEXT[] NOT NULL CHECK (cardinality(models) > 0),
    log_origin        TEXT NOT NULL,
    log_size          NUMERIC(20) NOT NULL,
    log_root          BYTEA NOT NULL CHECK (octet_length(log_root) = 32),
    compared          BYTEA NOT NULL CHECK (octet_length(compared) = 32),
    metric_name       TEXT NOT NULL,
    metric_version    BIGINT NOT NULL,
    threshold         INTEGER NOT NULL CHECK (threshold BETWEEN 1 AND 1000000),
    nothing_qualified BOOLEAN NOT NULL CHECK (nothing_qualified = (attributed_tokens = 0)),
    calls             NUMERIC(20) NOT NULL,
    qualifying_calls  NUMERIC(20) NOT NULL CHECK (qualifying_calls <= calls),
    tokens            NUMERIC(20) NOT NULL,
    attributed_tokens NUMERIC(20) NOT NULL CHECK (attributed_tokens <= tokens),
    late_records      NUMERIC(20) CHECK (late_records <= calls),
    hits              NUMERIC(20),
    decoy_hits        NUMERIC(20) CHECK (decoy_hits <= hits),
    lines_root        BYTEA NOT NULL CHECK (octet_length(lines_root) = 32),
    package           BYTEA CHECK (octet_length(package) = 32),
    posted_at         BIGINT NOT NULL,
    bytes             BYTEA NOT NULL,
    block             BIGINT NOT NULL,
    event_index       BIGINT NOT NULL,
    PRIMARY KEY (registry, pool, stream, period),
    FOREIGN KEY (block, event_index) REFERENCES journal,
    CHECK ((hits IS NULL) = (decoy_hits IS NULL))
);
CREATE INDEX reports_by_pool ON reports (pool, block DESC, event_index DESC);
