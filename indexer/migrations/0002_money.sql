-- Shares and money of pools. Amounts are in the smallest unit; index, carry and fraction are in 2^-64 of it.

CREATE TABLE pools (
    address                 BYTEA PRIMARY KEY CHECK (octet_length(address) = 20),
    kyc                     BYTEA NOT NULL CHECK (octet_length(kyc) = 20),
    attribution             BYTEA NOT NULL CHECK (octet_length(attribution) = 20),
    -- Of these three the present ones: the pool's holders can adopt others. The licence contract is named at the opening.
    licences                BYTEA CHECK (octet_length(licences) = 20),
    -- Zero for the chain's own money.
    currency                BYTEA NOT NULL CHECK (octet_length(currency) = 20),
    -- The least balance that the currency lets an account have, as the issuer declared it; the pool keeps it beside what it owes.
    currency_minimum        NUMERIC(39) NOT NULL DEFAULT 0 CHECK (currency_minimum >= 0),
    -- The most shares there will be, and who may raise that (zero: nobody); unknown before the opening.
    cap                     NUMERIC(39) CHECK (cap >= 0),
    governor                BYTEA CHECK (octet_length(governor) = 20),
    paused                  BOOLEAN NOT NULL DEFAULT FALSE,
    contributors_bps        INTEGER NOT NULL CHECK (contributors_bps BETWEEN 0 AND 10000),
    name                    TEXT NOT NULL,
    symbol                  TEXT NOT NULL,
    supply                  NUMERIC(39) NOT NULL DEFAULT 0 CHECK (supply >= 0),
    dividend_index          NUMERIC(39) NOT NULL DEFAULT 0 CHECK (dividend_index >= 0),
    carry                   NUMERIC(39) NOT NULL DEFAULT 0 CHECK (carry >= 0),
    to_holders              NUMERIC(39) NOT NULL DEFAULT 0 CHECK (to_holders >= 0),
    to_contributors         NUMERIC(39) NOT NULL DEFAULT 0 CHECK (to_contributors >= 0),
    claimed_by_holders      NUMERIC(39) NOT NULL DEFAULT 0 CHECK (claimed_by_holders BETWEEN 0 AND to_holders),
    claimed_by_contributors NUMERIC(39) NOT NULL DEFAULT 0 CHECK (claimed_by_contributors BETWEEN 0 AND to_contributors),
    created_block           BIGINT NOT NULL,
    block                   BIGINT NOT NULL,
    event_index             BIGINT NOT NULL,
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- As the contract stores them: settled up to settled_index by contracts/rules.
CREATE TABLE holders (
    pool          BYTEA NOT NULL REFERENCES pools (address),
    account       BYTEA NOT NULL CHECK (octet_length(account) = 20),
    balance       NUMERIC(39) NOT NULL CHECK (balance >= 0),
    settled_index NUMERIC(39) NOT NULL CHECK (settled_index >= 0),
    pending       NUMERIC(39) NOT NULL CHECK (pending >= 0),
    fraction      NUMERIC(20) NOT NULL CHECK (fraction >= 0 AND fraction < 18446744073709551616),
    claimed       NUMERIC(39) NOT NULL DEFAULT 0 CHECK (claimed >= 0),
    block         BIGINT NOT NULL,
    event_index   BIGINT NOT NULL,
    PRIMARY KEY (pool, account),
    FOREIGN KEY (block, event_index) REFERENCES journal
);
CREATE INDEX holders_by_balance ON holders (pool, balance DESC, account);

CREATE TABLE transfers (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    pool        BYTEA NOT NULL REFERENCES pools (address),
    sender      BYTEA NOT NULL CHECK (octet_length(sender) = 20),
    recipient   BYTEA NOT NULL CHECK (octet_length(recipient) = 20),
    value       NUMERIC(39) NOT NULL CHECK (value >= 0),
    PRIMARY KEY (block, event_index),
    FOREIGN KEY (block, event_index) REFERENCES journal
);
CREATE INDEX transfers_by_pool ON transfers (pool, block DESC, event_index DESC);

-- Allowances as they were granted. What is left of one only the chain knows: spending it emits no event.
CREATE TABLE approvals (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    pool        BYTEA NOT NULL REFERENCES pools (address),
    owner       BYTEA NOT NULL CHECK (octet_length(owner) = 20),
    spender     BYTEA NOT NULL CHECK (octet_length(spender) = 20),
    value       NUMERIC(78) NOT NULL CHECK (value >= 0),
    PRIMARY KEY (block, event_index),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

CREATE TABLE deposits (
    block           BIGINT NOT NULL,
    event_index     BIGINT NOT NULL,
    pool            BYTEA NOT NULL REFERENCES pools (address),
    stream          BYTEA NOT NULL CHECK (octet_length(stream) = 32),
    period          BIGINT NOT NULL CHECK (period > 0),
    payer           BYTEA NOT NULL CHECK (octet_length(payer) = 20),
    amount          NUMERIC(39) NOT NULL CHECK (amount > 0),
    to_holders      NUMERIC(39) NOT NULL CHECK (to_holders >= 0),
    to_contributors NUMERIC(39) NOT NULL CHECK (to_contributors >= 0),
    dividend_index  NUMERIC(39) NOT NULL CHECK (dividend_index >= 0),
    PRIMARY KEY (block, event_index),
    FOREIGN KEY (block, event_index) REFERENCES journal,
    CHECK (to_holders + to_contributors = amount)
);
CREATE INDEX deposits_by_pool ON deposits (pool, block DESC, event_index DESC);

-- Contributors' leg of a period of a stream.
CREATE TABLE periods (
    pool           BYTEA NOT NULL REFERENCES pools (address),
    stream         BYTEA NOT NULL CHECK (octet_length(stream) = 32),
    period         BIGINT NOT NULL CHECK (period > 0),
    total          NUMERIC(39) NOT NULL CHECK (total >= 0),
    claimed        NUMERIC(39) NOT NULL CHECK (claimed BETWEEN 0 AND total),
    weight_claimed NUMERIC(20) NOT NULL CHECK (weight_claimed BETWEEN 0 AND 1000000000000000000),
    -- The root that claims are proven against, once the pool keeps it, whatever becomes of the registry: from keepRoot, from the first
    -- claim, or from a payment that was tried and not taken.
    kept_root      BYTEA CHECK (octet_length(kept_root) = 32),
    block          BIGINT NOT NULL,
    event_index    BIGINT NOT NULL,
    PRIMARY KEY (pool, stream, period),
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- What one contributor took of a period, and the weight it proved.
CREATE TABLE contributions (
    pool        BYTEA NOT NULL,
    stream      BYTEA NOT NULL,
    period      BIGINT NOT NULL,
    account     BYTEA NOT NULL CHECK (octet_length(account) = 20),
    claimed     NUMERIC(39) NOT NULL CHECK (claimed >= 0),
    weight      NUMERIC(20) NOT NULL CHECK (weight BETWEEN 0 AND 1000000000000000000),
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    PRIMARY KEY (pool, stream, period, account),
    FOREIGN KEY (pool, stream, period) REFERENCES periods,
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- Every payment out: a dividend, or a contribution with its stream, period and weight.
CREATE TABLE claims (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    pool        BYTEA NOT NULL REFERENCES pools (address),
    account     BYTEA NOT NULL CHECK (octet_length(account) = 20),
    kind        TEXT NOT NULL CHECK (kind IN ('dividend', 'contribution')),
    amount      NUMERIC(39) NOT NULL CHECK (amount > 0),
    stream      BYTEA CHECK (octet_length(stream) = 32),
    period      BIGINT,
    weight      NUMERIC(20),
    PRIMARY KEY (block, event_index),
    FOREIGN KEY (block, event_index) REFERENCES journal,
    CHECK ((kind = 'contribution') = (stream IS NOT NULL AND period IS NOT NULL AND weight IS NOT NULL)),
    CHECK (kind = 'contribution' OR (stream IS NULL AND period IS NULL AND weight IS NULL))
);
CREATE INDEX claims_by_pool ON claims (pool, block DESC, event_index DESC);

-- One of many claims that was passed over: what it is owed stays. Reason: 0 nothing is owed, 1-253 a restriction's code, 254 more weight
-- than there is, 255 the payee did not take the money.
CREATE TABLE skipped_claims (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    pool        BYTEA NOT NULL REFERENCES pools (address),
    stream      BYTEA NOT NULL CHECK (octet_length(stream) = 32),
    period      BIGINT NOT NULL CHECK (period > 0),
    account     BYTEA NOT NULL CHECK (octet_length(account) = 20),
    reason      SMALLINT NOT NULL CHECK (reason BETWEEN 0 AND 255),
    PRIMARY KEY (block, event_index),
    FOREIGN KEY (block, event_index) REFERENCES journal
);
CREATE INDEX skipped_claims_by_pool ON skipped_claims (pool, block DESC, event_index DESC);

-- The sale of shares before the opening, as it was set last.
CREATE TABLE sales (
    pool        BYTEA PRIMARY KEY REFERENCES pools (address),
    -- For 10^18 share units.
    price       NUMERIC(39) NOT NULL CHECK (price >= 0),
    shares_left NUMERIC(39) NOT NULL CHECK (shares_left >= 0),
    -- Over all settings.
    sold        NUMERIC(39) NOT NULL DEFAULT 0 CHECK (sold >= 0),
    raised      NUMERIC(39) NOT NULL DEFAULT 0 CHECK (raised >= 0),
    starts      NUMERIC(20) NOT NULL,
    ends        NUMERIC(20) NOT NULL,
    proceeds_to BYTEA NOT NULL CHECK (octet_length(proceeds_to) = 20),
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- Who may hold shares, as it was set last; none set: every account with a KYC record.
CREATE TABLE policies (
    pool            BYTEA PRIMARY KEY REFERENCES pools (address),
    open            BOOLEAN NOT NULL,
    min_level       SMALLINT NOT NULL,
    accredited_only BOOLEAN NOT NULL,
    allow_list      BOOLEAN NOT NULL,
    -- ISO 3166-1 numeric: code n is bit 7 - n mod 8 of byte n / 8.
    jurisdictions   BYTEA NOT NULL CHECK (octet_length(jurisdictions) = 128),
    -- Of these three zero is no limit.
    max_holders     BIGINT NOT NULL,
    max_holding     NUMERIC(78) NOT NULL,
    lockup_seconds  BIGINT NOT NULL,
    block           BIGINT NOT NULL,
    event_index     BIGINT NOT NULL,
    FOREIGN KEY (block, event_index) REFERENCES journal
);

-- Double entry: a pool's coins against what it owes its holders and the contributors of each period.
CREATE TABLE ledger (
    block       BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    line        SMALLINT NOT NULL,
    pool        BYTEA NOT NULL REFERENCES pools (address),
    account     TEXT NOT NULL CHECK (account IN ('coins', 'holders', 'contributors')),
    stream      BYTEA,
    period      BIGINT,
    party       BYTEA NOT NULL CHECK (octet_length(party) = 20),
    debit       NUMERIC(39) NOT NULL CHECK (debit >= 0),
    credit      NUMERIC(39) NOT NULL CHECK (credit >= 0),
    PRIMARY KEY (block, event_index, line),
    FOREIGN KEY (block, event_index) REFERENCES journal,
    CHECK ((debit = 0) <> (credit = 0))
);

CREATE FUNCTION ledger_event_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(debit) <> sum(credit) FROM ledger WHERE block = NEW.block AND event_index = NEW.event_index) THEN
        RAISE EXCEPTION 'the ledger lines of event %-% do not balance', NEW.block, NEW.event_index
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT OR UPDATE ON ledger
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_event_balances();
