-- How the chain's own money is called, for whoever serves without a node.
ALTER TABLE deployment ADD COLUMN coin TEXT;

-- The months, as YYYY_MM, that the journal has or had a part for: one that is not there was detached, or not restored.
CREATE TABLE months (month TEXT PRIMARY KEY);
INSERT INTO months
SELECT DISTINCT substring(relname FROM '_([0-9]{4}_[0-9]{2})$') FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'journal'::regclass;
