-- The tables of both peers, with the indexes that a page of a pool or an account needs, as the mirror's have them.
CREATE TABLE transfer (id TEXT PRIMARY KEY, block INTEGER NOT NULL, event_index INTEGER NOT NULL, pool TEXT NOT NULL,
    sender TEXT NOT NULL, recipient TEXT NOT NULL, value NUMERIC NOT NULL);
CREATE TABLE deposit (id TEXT PRIMARY KEY, block INTEGER NOT NULL, event_index INTEGER NOT NULL, pool TEXT NOT NULL,
    stream TEXT NOT NULL, period INTEGER NOT NULL, payer TEXT NOT NULL, amount NUMERIC NOT NULL, to_holders NUMERIC NOT NULL);
CREATE TABLE claim (id TEXT PRIMARY KEY, block INTEGER NOT NULL, event_index INTEGER NOT NULL, pool TEXT NOT NULL,
    account TEXT NOT NULL, kind TEXT NOT NULL, amount NUMERIC NOT NULL);
CREATE TABLE holder (id TEXT PRIMARY KEY, pool TEXT NOT NULL, account TEXT NOT NULL, balance NUMERIC NOT NULL);
CREATE INDEX ON transfer (pool, block DESC, event_index DESC);
CREATE INDEX ON deposit (pool, block DESC, event_index DESC);
CREATE INDEX ON claim (pool, block DESC, event_index DESC);
CREATE INDEX ON claim (account, block DESC, event_index DESC);
CREATE INDEX ON holder (pool, balance DESC, account);
CREATE INDEX ON holder (account);
