-- Shares and money of pools. Amounts are in the smallest unit; index, carry and fraction are in 2^-64 of it.

CREATE TABLE pools (
    address                 BYTEA NOT NULL,
    kyc                     BYTEA NOT NULL,
    attribution             BYTEA NOT NULL,
    -- Of these three the present ones: the pool's holders can adopt others. The licence contract is named at the opening.
    licences                BYTEA,
    -- Zero for the chain's own money.
    currency                BYTEA NOT NULL,
    -- The least balance that the currency lets an account have, as the issuer declared it; the pool keeps it beside what it owes.
    currency_minimum        NUMERIC(78) NOT NULL DEFAULT 0,
    -- The most shares there will be, and who may raise that (zero: nobody); unknown before the opening.
    cap                     NUMERIC(78),
    governor                BYTEA,
    paused                  BOOLEAN NOT NULL DEFAULT FALSE,
    contributors_bps        INTEGER NOT NULL,
    name                    TEXT NOT NULL,
    symbol                  TEXT NOT NULL,
    supply                  NUMERIC(78) NOT NULL DEFAULT 0,
    dividend_index          NUMERIC(78) NOT NULL DEFAULT 0,
    carry                   NUMERIC(78) NOT NULL DEFAULT 0,
    to_holders              NUMERIC(78) NOT NULL DEFAULT 0,
    to_contributors         NUMERIC(78) NOT NULL DEFAULT 0,
    claimed_by_holders      NUMERIC(78) NOT NULL DEFAULT 0,
    claimed_by_contributors NUMERIC(78) NOT NULL DEFAULT 0,
    -- Accounts with shares.
    holders                 BIGINT NOT NULL DEFAULT 0,
    -- Whether another registry of reports or licence contract was adopted: then a period can have several books (rules::waiting), and
    -- events do not say of which money is paid.
    books                   BOOLEAN NOT NULL DEFAULT FALSE,
    created_block           BIGINT NOT NULL,
    block                   BIGINT NOT NULL,
    event_index             BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (address)
);

-- As the contract stores them: settled up to settled_index by contracts/rules.
CREATE TABLE holders (
    pool          BYTEA NOT NULL,
    account       BYTEA NOT NULL,
    balance       NUMERIC(78) NOT NULL,
    settled_index NUMERIC(78) NOT NULL,
    pending       NUMERIC(78) NOT NULL,
    fraction      NUMERIC(78) NOT NULL,
    claimed       NUMERIC(78) NOT NULL DEFAULT 0,
    -- What keeps shares from moving: frozen by an agent (may be more than it has), reserved for orders, and locked up after their issue
    -- (rules::compliance::Locks, those that have ended included; no bytes for none).
    frozen        NUMERIC(78) NOT NULL DEFAULT 0,
    reserved      NUMERIC(78) NOT NULL DEFAULT 0,
    locks         BYTEA NOT NULL DEFAULT '',
    -- It was replaced by another account, which has its shares and is paid what it is owed.
    recovered     BOOLEAN NOT NULL DEFAULT FALSE,
    -- For whom its shares vote; null where they are its own votes.
    delegate      BYTEA,
    block         BIGINT NOT NULL,
    event_index   BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (pool, account)
);
CREATE INDEX holders_by_balance ON holders (pool, balance DESC, account);
CREATE INDEX holders_by_account ON holders (account);
CREATE INDEX holders_by_delegate ON holders (pool, delegate) WHERE delegate IS NOT NULL;

CREATE TABLE transfers (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    month DATE NOT NULL,
    pool        BYTEA NOT NULL,
    sender      BYTEA NOT NULL,
    recipient   BYTEA NOT NULL,
    value       NUMERIC(78) NOT NULL,
    PRIMARY KEY (block, event_index, month)
) PARTITION BY RANGE (month);
CREATE INDEX transfers_by_pool ON transfers (pool, block DESC, event_index DESC);
CREATE INDEX transfers_by_sender ON transfers (sender, block DESC, event_index DESC);
CREATE INDEX transfers_by_recipient ON transfers (recipient, block DESC, event_index DESC);

-- Shares that an agent moved for a reason outside the contract. The transfer beside each says the same.
CREATE TABLE forced_transfers (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    pool        BYTEA NOT NULL,
    sender      BYTEA NOT NULL,
    recipient   BYTEA NOT NULL,
    value       NUMERIC(78) NOT NULL,
    -- Hash of the reason's document.
    reason      BYTEA NOT NULL,
    agent       BYTEA NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX forced_transfers_by_pool ON forced_transfers (pool, block DESC, event_index DESC);

-- Lost accounts that were replaced: shares, restraints and everything owed went with them. Pending: unclaimed dividends, in the
-- currency's smallest unit.
CREATE TABLE recoveries (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    pool        BYTEA NOT NULL,
    lost        BYTEA NOT NULL,
    replacement BYTEA NOT NULL,
    shares      NUMERIC(78) NOT NULL,
    pending     NUMERIC(78) NOT NULL,
    -- Hash of the reason's document.
    reason      BYTEA NOT NULL,
    agent       BYTEA NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX recoveries_by_pool ON recoveries (pool, block DESC, event_index DESC);
CREATE INDEX recoveries_by_lost ON recoveries (lost);

-- Each freeze and unfreeze of a part of an account's shares.
CREATE TABLE freezes (
    block        BIGINT NOT NULL,
    event_index  BIGINT NOT NULL,
    valid_from   BIGINT NOT NULL,
    pool         BYTEA NOT NULL,
    account      BYTEA NOT NULL,
    -- Whether more is frozen than before.
    frozen       BOOLEAN NOT NULL,
    amount       NUMERIC(78) NOT NULL,
    frozen_after NUMERIC(78) NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX freezes_by_pool ON freezes (pool, block DESC, event_index DESC);
CREATE INDEX freezes_by_account ON freezes (account);

-- Allowances as they were granted. What is left of one only the chain knows: spending it emits no event.
CREATE TABLE approvals (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    pool        BYTEA NOT NULL,
    owner       BYTEA NOT NULL,
    spender     BYTEA NOT NULL,
    value       NUMERIC(78) NOT NULL,
    PRIMARY KEY (block, event_index)
);

CREATE TABLE deposits (
    block           BIGINT NOT NULL,
    event_index     BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    month DATE NOT NULL,
    pool            BYTEA NOT NULL,
    stream          BYTEA NOT NULL,
    period          BIGINT NOT NULL,
    payer           BYTEA NOT NULL,
    amount          NUMERIC(78) NOT NULL,
    to_holders      NUMERIC(78) NOT NULL,
    to_contributors NUMERIC(78) NOT NULL,
    dividend_index  NUMERIC(78) NOT NULL,
    PRIMARY KEY (block, event_index, month)
) PARTITION BY RANGE (month);
CREATE INDEX deposits_by_pool ON deposits (pool, block DESC, event_index DESC);
CREATE INDEX deposits_by_payer ON deposits (payer, block DESC, event_index DESC);

-- Contributors' leg of a period of a stream.
CREATE TABLE periods (
    pool           BYTEA NOT NULL,
    stream         BYTEA NOT NULL,
    period         BIGINT NOT NULL,
    total          NUMERIC(78) NOT NULL,
    claimed        NUMERIC(78) NOT NULL,
    weight_claimed NUMERIC(78) NOT NULL,
    -- The root that claims are proven against, once the pool keeps it, whatever becomes of the registry: from keepRoot, from the first
    -- claim, or from a payment that was tried and not taken.
    kept_root      BYTEA,
    block          BIGINT NOT NULL,
    event_index    BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (pool, stream, period)
);

-- What one contributor took of a period, and the weight it proved.
CREATE TABLE contributions (
    pool        BYTEA NOT NULL,
    stream      BYTEA NOT NULL,
    period      BIGINT NOT NULL,
    account     BYTEA NOT NULL,
    claimed     NUMERIC(78) NOT NULL,
    weight      NUMERIC(78) NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (pool, stream, period, account)
);
CREATE INDEX contributions_by_account ON contributions (account);

-- Every payment out: a dividend, or a contribution with its stream, period and weight.
CREATE TABLE claims (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    month DATE NOT NULL,
    pool        BYTEA NOT NULL,
    account     BYTEA NOT NULL,
    kind        TEXT NOT NULL,
    amount      NUMERIC(78) NOT NULL,
    stream      BYTEA,
    period      BIGINT,
    weight      NUMERIC(78),
    PRIMARY KEY (block, event_index, month)
) PARTITION BY RANGE (month);
CREATE INDEX claims_by_pool ON claims (pool, block DESC, event_index DESC);
CREATE INDEX claims_by_account ON claims (account, block DESC, event_index DESC);

-- One of many claims that was passed over: what it is owed stays. Reason: 0 nothing is owed, 1-253 a restriction's code, 254 more weight
-- than there is, 255 the payee did not take the money.
CREATE TABLE skipped_claims (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    pool        BYTEA NOT NULL,
    stream      BYTEA NOT NULL,
    period      BIGINT NOT NULL,
    account     BYTEA NOT NULL,
    reason      SMALLINT NOT NULL,
    PRIMARY KEY (block, event_index)
);
CREATE INDEX skipped_claims_by_pool ON skipped_claims (pool, block DESC, event_index DESC);

-- The sale of shares before the opening, as it was set last.
CREATE TABLE sales (
    pool        BYTEA NOT NULL,
    -- For 10^18 share units.
    price       NUMERIC(78) NOT NULL,
    shares_left NUMERIC(78) NOT NULL,
    -- Over all settings.
    sold        NUMERIC(78) NOT NULL DEFAULT 0,
    raised      NUMERIC(78) NOT NULL DEFAULT 0,
    starts      NUMERIC(78) NOT NULL,
    ends        NUMERIC(78) NOT NULL,
    proceeds_to BYTEA NOT NULL,
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (pool)
);

-- Who may hold shares, as it was set last; none set: every account with a KYC record.
CREATE TABLE policies (
    pool            BYTEA NOT NULL,
    open            BOOLEAN NOT NULL,
    min_level       SMALLINT NOT NULL,
    accredited_only BOOLEAN NOT NULL,
    allow_list      BOOLEAN NOT NULL,
    -- ISO 3166-1 numeric: code n is bit 7 - n mod 8 of byte n / 8.
    jurisdictions   BYTEA NOT NULL,
    -- Of these three zero is no limit.
    max_holders     BIGINT NOT NULL,
    max_holding     NUMERIC(78) NOT NULL,
    lockup_seconds  BIGINT NOT NULL,
    block           BIGINT NOT NULL,
    event_index     BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (pool)
);

-- Double entry: a contract's coins against what it owes. A pool owes its holders and the contributors of each period; licence
-- contracts and markets, on accounts of their own, what they hold under a licence or for an account.
CREATE TABLE ledger (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    month DATE NOT NULL,
    line        SMALLINT NOT NULL,
    -- The contract whose books these are.
    book        BYTEA NOT NULL,
    account     TEXT NOT NULL,
    -- A licence's id, or whom the account is of; null where a book has one such account.
    subject     BYTEA,
    stream      BYTEA,
    period      BIGINT,
    party       BYTEA NOT NULL,
    debit       NUMERIC(78) NOT NULL,
    credit      NUMERIC(78) NOT NULL,
    PRIMARY KEY (block, event_index, line, month)
) PARTITION BY RANGE (month);
CREATE INDEX ledger_by_book ON ledger (book, account);

-- The rule of double entry is the database's own: whoever writes lines whose sides differ, writes nothing.
CREATE FUNCTION ledger_events_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place RECORD;
BEGIN
    SELECT l.block, l.event_index INTO place FROM written w JOIN ledger l USING (block, event_index, month)
        GROUP BY l.block, l.event_index, w.line HAVING sum(l.debit) <> sum(l.credit) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the ledger lines of event %-% do not balance', place.block, place.event_index
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_balances_when_added AFTER INSERT ON ledger
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_events_balance();
CREATE TRIGGER ledger_balances_when_changed AFTER UPDATE ON ledger
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_events_balance();
