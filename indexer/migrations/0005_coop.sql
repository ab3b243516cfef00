-- What the co-op decides: proposals and the votes on them. Times are Unix seconds.

-- Whether a vote that ended won, only the chain knows: its quorum is of the shares at the snapshot.
CREATE TABLE proposals (
    proposal    BYTEA PRIMARY KEY CHECK (octet_length(proposal) = 32),
    proposer    BYTEA NOT NULL CHECK (octet_length(proposer) = 20),
    description TEXT NOT NULL,
    -- [{"target", "value", "calldata"}], in the order they are called.
    actions     JSONB NOT NULL,
    vote_start  BIGINT NOT NULL,
    vote_end    BIGINT NOT NULL CHECK (vote_end > vote_start),
    votes_for     NUMERIC(39) NOT NULL DEFAULT 0 CHECK (votes_for >= 0),
    votes_against NUMERIC(39) NOT NULL DEFAULT 0 CHECK (votes_against >= 0),
    abstained     NUMERIC(39) NOT NULL DEFAULT 0 CHECK (abstained >= 0),
    state       TEXT NOT NULL CHECK (state IN ('proposed', 'canceled', 'executed')),
    proposed_block BIGINT NOT NULL,
    proposed_index BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    FOREIGN KEY (block, event_index) REFERENCES journal
);
CREATE INDEX proposals_by_age ON proposals (proposed_block DESC, proposed_index DESC);

CREATE TABLE votes (
    proposal    BYTEA NOT NULL REFERENCES proposals (proposal),
    voter       BYTEA NOT NULL CHECK (octet_length(voter) = 20),
    support     TEXT NOT NULL CHECK (support IN ('against', 'for', 'abstain')),
    weight      NUMERIC(39) NOT NULL CHECK (weight > 0),
    reason      TEXT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (proposal, voter),
    FOREIGN KEY (block, event_index) REFERENCES journal
);
CREATE INDEX votes_by_age ON votes (proposal, block DESC, event_index DESC);

-- What the deployment's pool asks now. A pool without a KYC registry asks nobody; then the deployment's is shown.
CREATE VIEW followed AS
    SELECT coalesce(nullif(p.kyc, decode(repeat('00', 20), 'hex')), d.kyc) AS kyc,
           coalesce(p.attribution, d.attribution) AS attribution,
           coalesce(p.licences, d.licence) AS licence
    FROM deployment d LEFT JOIN pools p ON p.address = d.pool;
