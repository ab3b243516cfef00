-- How the chain's own money is called, for whoever serves without a node.
ALTER TABLE deployment ADD COLUMN coin TEXT;
