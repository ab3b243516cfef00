-- The three registries: who is verified, which datasets exist, and what was attributed. A pool's holders can adopt another registry
-- of KYC or of reports; every row says which it is of.

-- The record now; all zero but flags and nonce after a revocation, as the contract answers.
CREATE TABLE kyc_records (
    registry     BYTEA NOT NULL,
    account      BYTEA NOT NULL,
    level        SMALLINT NOT NULL,
    jurisdiction INTEGER NOT NULL,
    accredited   BOOLEAN NOT NULL,
    expiry       NUMERIC(78) NOT NULL,
    frozen       BOOLEAN NOT NULL,
    sanctioned   BOOLEAN NOT NULL,
    issuer       BYTEA NOT NULL,
    -- By an attestation: the record counts only as long as its issuer is trusted.
    attested     BOOLEAN NOT NULL,
    nonce        NUMERIC(78) NOT NULL,
    block        BIGINT NOT NULL,
    event_index  BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry, account)
);
CREATE INDEX kyc_records_by_expiry ON kyc_records (registry, expiry);
CREATE INDEX kyc_records_by_country ON kyc_records (registry, jurisdiction);

CREATE TABLE kyc_history (
    block        BIGINT NOT NULL,
    event_index  BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    registry     BYTEA NOT NULL,
    account      BYTEA NOT NULL,
    change       TEXT NOT NULL,
    level        SMALLINT NOT NULL,
    jurisdiction INTEGER NOT NULL,
    accredited   BOOLEAN NOT NULL,
    expiry       NUMERIC(78) NOT NULL,
    frozen       BOOLEAN NOT NULL,
    sanctioned   BOOLEAN NOT NULL,
    issuer       BYTEA NOT NULL,
    attested     BOOLEAN NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX kyc_history_by_account ON kyc_history (account, block DESC, event_index DESC);

CREATE TABLE kyc_agents (
    registry    BYTEA NOT NULL,
    agent       BYTEA NOT NULL,
    active      BOOLEAN NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry, agent)
);

-- Who froze, freed, listed or took off whom.
CREATE TABLE kyc_flags (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    registry    BYTEA NOT NULL,
    account     BYTEA NOT NULL,
    -- frozen or sanctioned.
    flag        TEXT NOT NULL,
    -- Whether it is since then.
    active      BOOLEAN NOT NULL,
    agent       BYTEA NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX kyc_flags_by_account ON kyc_flags (account, block DESC, event_index DESC);

-- Records of lost accounts that moved to others.
CREATE TABLE kyc_recoveries (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    registry    BYTEA NOT NULL,
    lost        BYTEA NOT NULL,
    replacement BYTEA NOT NULL,
    agent       BYTEA NOT NULL,
    -- Digest of the document that says why.
    reason      BYTEA NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX kyc_recoveries_by_lost ON kyc_recoveries (lost);
CREATE INDEX kyc_recoveries_by_replacement ON kyc_recoveries (replacement);

-- An issuer that was removed is never trusted again: the contract refuses it, and an event that says otherwise does not fit. So
-- what it attested counts as long as it is trusted, and never after.
CREATE TABLE kyc_issuers (
    registry    BYTEA NOT NULL,
    issuer      BYTEA NOT NULL,
    trusted     BOOLEAN NOT NULL,
    -- 1 KYC, 2 accredited: the contract takes no others.
    topics      SMALLINT[] NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry, issuer)
);

CREATE TABLE datasets (
    registry       BYTEA NOT NULL,
    dataset        BYTEA NOT NULL,
    creator        BYTEA NOT NULL,
    latest_version BIGINT NOT NULL,
    -- To whom it is offered; null where to nobody.
    pending        BYTEA,
    -- The pool that it is assigned to; null for none.
    pool           BYTEA,
    -- Hash of its card's document, where it has one.
    card           BYTEA,
    -- Licences that are open on it, or for which it is held.
    licences       BIGINT NOT NULL,
    block          BIGINT NOT NULL,
    event_index    BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry, dataset)
);
CREATE INDEX datasets_by_creator ON datasets (creator);
CREATE INDEX datasets_by_pool ON datasets (pool, dataset);

-- Licences on datasets.
CREATE TABLE dataset_licences (
    registry        BYTEA NOT NULL,
    dataset         BYTEA NOT NULL,
    licence         BYTEA NOT NULL,
    -- held (agreed on, not in force), open or closed.
    state           TEXT NOT NULL,
    -- Until when it keeps others away, in Unix seconds; 0 where it is not exclusive, or closed.
    exclusive_until BIGINT NOT NULL,
    block           BIGINT NOT NULL,
    event_index     BIGINT NOT NULL,
    valid_from      BIGINT NOT NULL,
    PRIMARY KEY (registry, dataset, licence)
);
CREATE INDEX dataset_licences_by_licence ON dataset_licences (licence);

CREATE TABLE dataset_versions (
    registry      BYTEA NOT NULL,
    dataset       BYTEA NOT NULL,
    version       BIGINT NOT NULL,
    manifest_hash BYTEA NOT NULL,
    licence_hash  BYTEA NOT NULL,
    registered_at BIGINT NOT NULL,
    -- No dataset had a version of this manifest before. Others may have the same: that is theirs to explain.
    first         BOOLEAN NOT NULL,
    -- registered, withdrawn or redacted.
    state         TEXT NOT NULL,
    -- When it was withdrawn or redacted, the later of the two; and the version that stands in for one that was redacted (0: none).
    closed_at     BIGINT,
    replaced_by   BIGINT NOT NULL,
    -- Hash of the reason, and who redacted it: its creator or a privacy officer.
    reason        BYTEA,
    redacted_by   BYTEA,
    -- Platforms that ingested a redacted version, and those among them that certified that they acted on it.
    platforms     BIGINT NOT NULL,
    certified     BIGINT NOT NULL,
    block         BIGINT NOT NULL,
    event_index   BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry, dataset, version)
);
CREATE INDEX dataset_versions_by_manifest ON dataset_versions (manifest_hash);

-- What platforms certified of redactions.
CREATE TABLE redaction_certificates (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    registry    BYTEA NOT NULL,
    dataset     BYTEA NOT NULL,
    version     BIGINT NOT NULL,
    platform    BYTEA NOT NULL,
    certificate BYTEA NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX redaction_certificates_by_version ON redaction_certificates (registry, dataset, version);

-- Cards of model versions.
CREATE TABLE model_cards (
    registry    BYTEA NOT NULL,
    platform    BYTEA NOT NULL,
    model       BYTEA NOT NULL,
    -- Hash of the card's document.
    card        BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (registry, platform, model)
);

-- What a training run read, as its platform recorded it.
CREATE TABLE ingestions (
    registry    BYTEA NOT NULL,
    platform    BYTEA NOT NULL,
    run         BYTEA NOT NULL,
    model       BYTEA NOT NULL,
    datasets    BYTEA[] NOT NULL,
    versions    BIGINT[] NOT NULL,
    epochs      BIGINT NOT NULL,
    digest      BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry, platform, run)
);
CREATE INDEX ingestions_by_age ON ingestions (block DESC, event_index DESC);

-- Committees as they took office, each for good.
CREATE TABLE committees (
    registry    BYTEA NOT NULL,
    epoch       BIGINT NOT NULL,
    threshold   SMALLINT NOT NULL,
    keys        BYTEA[] NOT NULL,
    since       BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry, epoch)
);

-- Of a committee in office or of a proposed one; such a key signs nothing more, in whatever committee it was.
CREATE TABLE revoked_keys (
    registry    BYTEA NOT NULL,
    key         BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry, key)
);

-- The committee that was named to take office next, while it waits.
CREATE TABLE proposed_committees (
    registry     BYTEA NOT NULL,
    epoch        BIGINT NOT NULL,
    threshold    SMALLINT NOT NULL,
    keys         BYTEA[] NOT NULL,
    effective_at BIGINT NOT NULL,
    block        BIGINT NOT NULL,
    event_index  BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry)
);

-- What audits of a report's weights found, in order. Deviation and confidence are in millionths.
CREATE TABLE report_audits (
    registry      BYTEA NOT NULL,
    report_hash   BYTEA NOT NULL,
    number        BIGINT NOT NULL,
    pool          BYTEA NOT NULL,
    stream        BYTEA NOT NULL,
    period        BIGINT NOT NULL,
    audit_hash    BYTEA NOT NULL,
    seed          BYTEA NOT NULL,
    samples       BIGINT NOT NULL,
    max_deviation BIGINT NOT NULL,
    confidence    BIGINT NOT NULL,
    auditor       BYTEA NOT NULL,
    posted_at     BIGINT NOT NULL,
    block         BIGINT NOT NULL,
    event_index   BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry, report_hash, number)
);

-- Accepted reports, parsed. Scores and thresholds are in millionths; the weights root is zero where nothing qualified;
-- what was not measured is NULL.
CREATE TABLE reports (
    registry          BYTEA NOT NULL,
    pool              BYTEA NOT NULL,
    stream            BYTEA NOT NULL,
    period            BIGINT NOT NULL,
    revision          BIGINT NOT NULL,
    -- Where it is in the game of disputes, as the registry keeps it: 1 in its challenge window, 2 disputed, 3 withdrawn; until when
    -- (the window's end, the ruling's deadline) or since when (withdrawn); and the seconds of the window that a dispute left.
    -- What follows from it at a block's time, contracts/rules says (rules::dispute).
    phase             SMALLINT NOT NULL,
    until             BIGINT NOT NULL,
    window_left       BIGINT NOT NULL,
    disputes          SMALLINT NOT NULL,
    -- Audits of it.
    audits            BIGINT NOT NULL,
    report_hash       BYTEA NOT NULL,
    weights_root      BYTEA NOT NULL,
    previous          BYTEA NOT NULL,
    epoch             BIGINT NOT NULL,
    models            TEXT[] NOT NULL,
    log_origin        TEXT NOT NULL,
    log_size          NUMERIC(78) NOT NULL,
    log_root          BYTEA NOT NULL,
    compared          BYTEA NOT NULL,
    metric_name       TEXT NOT NULL,
    metric_version    BIGINT NOT NULL,
    threshold         INTEGER NOT NULL,
    nothing_qualified BOOLEAN NOT NULL,
    calls             NUMERIC(78) NOT NULL,
    qualifying_calls  NUMERIC(78) NOT NULL,
    tokens            NUMERIC(78) NOT NULL,
    attributed_tokens NUMERIC(78) NOT NULL,
    late_records      NUMERIC(78),
    hits              NUMERIC(78),
    decoy_hits        NUMERIC(78),
    lines_root        BYTEA NOT NULL,
    package           BYTEA,
    posted_at         BIGINT NOT NULL,
    -- The event with which it was accepted: the order of a stream's reports.
    posted_block      BIGINT NOT NULL,
    posted_index      BIGINT NOT NULL,
    bytes             BYTEA NOT NULL,
    block             BIGINT NOT NULL,
    event_index       BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (registry, pool, stream, period)
);
CREATE INDEX reports_by_pool ON reports (pool, posted_block DESC, posted_index DESC);

-- Every report that was accepted, those among them that a revision replaced.
CREATE TABLE report_postings (
    block        BIGINT NOT NULL,
    event_index  BIGINT NOT NULL,
    valid_from   BIGINT NOT NULL,
    registry     BYTEA NOT NULL,
    pool         BYTEA NOT NULL,
    stream       BYTEA NOT NULL,
    period       BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    report_hash  BYTEA NOT NULL,
    weights_root BYTEA NOT NULL,
    final_at     BIGINT NOT NULL,
    posted_at    BIGINT NOT NULL,
    bytes        BYTEA NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX report_postings_by_hash ON report_postings (report_hash);
CREATE INDEX report_postings_by_period ON report_postings (pool, stream, period, revision);

-- Disputes of reports, each report's counted from 1.
CREATE TABLE disputes (
    registry      BYTEA NOT NULL,
    report_hash   BYTEA NOT NULL,
    number        SMALLINT NOT NULL,
    pool          BYTEA NOT NULL,
    stream        BYTEA NOT NULL,
    period        BIGINT NOT NULL,
    challenger    BYTEA NOT NULL,
    -- Hash of the challenger's reasons.
    reason        BYTEA NOT NULL,
    -- What the bond is in (zero: the chain's own money), and how much.
    currency      BYTEA NOT NULL,
    bond          NUMERIC(78) NOT NULL,
    opened_at     BIGINT NOT NULL,
    -- Until when an arbiter can rule.
    deadline      BIGINT NOT NULL,
    -- Who matched the bond and stands for the report.
    defender      BYTEA,
    -- open, upheld, rejected or expired; who ruled, when it ended, and who gets how much of the bonds.
    ruling        TEXT NOT NULL,
    arbiter       BYTEA,
    ended_at      BIGINT,
    to_challenger NUMERIC(78) NOT NULL,
    to_defender   NUMERIC(78) NOT NULL,
    to_period     NUMERIC(78) NOT NULL,
    block         BIGINT NOT NULL,
    event_index   BIGINT NOT NULL,
    valid_from    BIGINT NOT NULL,
    PRIMARY KEY (registry, report_hash, number)
);
CREATE INDEX disputes_by_period ON disputes (pool, stream, period);
CREATE INDEX disputes_by_challenger ON disputes (challenger);

-- Reasons that others than the challenger added to a dispute.
CREATE TABLE dispute_reasons (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    registry    BYTEA NOT NULL,
    report_hash BYTEA NOT NULL,
    number      SMALLINT NOT NULL,
    account     BYTEA NOT NULL,
    reason      BYTEA NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX dispute_reasons_by_report ON dispute_reasons (registry, report_hash, number);

-- What became of bonds: kept for a period or delivered to its pool (with what is kept since then), or withdrawn by an account.
CREATE TABLE bond_moves (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    registry    BYTEA NOT NULL,
    -- kept, delivered or withdrawn.
    kind        TEXT NOT NULL,
    pool        BYTEA,
    stream      BYTEA,
    period      BIGINT,
    account     BYTEA,
    recipient   BYTEA,
    currency    BYTEA NOT NULL,
    amount      NUMERIC(78) NOT NULL,
    kept        NUMERIC(78),
    PRIMARY KEY (block, event_index)
);
CREATE INDEX bond_moves_by_pool ON bond_moves (pool, stream, period);
CREATE INDEX bond_moves_by_account ON bond_moves (account);
