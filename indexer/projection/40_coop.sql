-- Co-ops: what they were founded with, what they decide, and the money that came in. Times are Unix seconds, terms seconds.

-- A co-op and its rules, which never change.
CREATE TABLE coops (
    coop               BYTEA NOT NULL,
    pool               BYTEA NOT NULL,
    -- From a proposal to its snapshot, and how long votes count.
    voting_delay       BIGINT NOT NULL,
    voting_period      BIGINT NOT NULL,
    quorum_bps         INTEGER NOT NULL,
    proposal_threshold NUMERIC(78) NOT NULL,
    -- From a successful vote to its execution, and how long it can then be executed.
    timelock           BIGINT NOT NULL,
    grace_period       BIGINT NOT NULL,
    -- The chain's own money that came in without a message, all of it.
    received           NUMERIC(78) NOT NULL DEFAULT 0,
    block              BIGINT NOT NULL,
    event_index        BIGINT NOT NULL,
    valid_from         BIGINT NOT NULL,
    PRIMARY KEY (coop)
);
CREATE INDEX coops_by_pool ON coops (pool);

CREATE TABLE coop_receipts (
    coop        BYTEA NOT NULL,
    payer       BYTEA NOT NULL,
    amount      NUMERIC(78) NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX coop_receipts_by_age ON coop_receipts (coop, block DESC, event_index DESC);

-- Whether a vote that ended won, only the chain knows: its quorum is of the shares at the snapshot.
CREATE TABLE proposals (
    coop        BYTEA NOT NULL,
    proposal    BYTEA NOT NULL,
    proposer    BYTEA NOT NULL,
    description TEXT NOT NULL,
    -- [{"target", "value", "calldata"}], in the order they are called.
    actions     JSONB NOT NULL,
    vote_start  BIGINT NOT NULL,
    vote_end    BIGINT NOT NULL,
    votes_for     NUMERIC(78) NOT NULL DEFAULT 0,
    votes_against NUMERIC(78) NOT NULL DEFAULT 0,
    abstained     NUMERIC(78) NOT NULL DEFAULT 0,
    state       TEXT NOT NULL,
    proposed_block BIGINT NOT NULL,
    proposed_index BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (coop, proposal)
);
CREATE INDEX proposals_by_age ON proposals (coop, proposed_block DESC, proposed_index DESC);

CREATE TABLE votes (
    coop        BYTEA NOT NULL,
    proposal    BYTEA NOT NULL,
    voter       BYTEA NOT NULL,
    support     TEXT NOT NULL,
    weight      NUMERIC(78) NOT NULL,
    reason      TEXT NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (coop, proposal, voter)
);
CREATE INDEX votes_by_voter ON votes (voter);
CREATE INDEX votes_by_age ON votes (coop, proposal, block DESC, event_index DESC);
