-- What postgraphile answers with: the queries of the mirror's own answers, as the functions that its makers advise for what tables alone
-- do not offer. Addresses are hexadecimal without 0x.
CREATE SCHEMA IF NOT EXISTS graph;
CREATE OR REPLACE FUNCTION graph.pool(address TEXT) RETURNS mirror.pools LANGUAGE sql STABLE AS
    $$ SELECT p.* FROM mirror.pools p WHERE p.address = decode($1, 'hex') $$;
CREATE OR REPLACE FUNCTION graph.holdings(account TEXT) RETURNS SETOF mirror.holders LANGUAGE sql STABLE AS
    $$ SELECT h.* FROM mirror.holders h WHERE h.account = decode($1, 'hex') ORDER BY pool $$;
CREATE OR REPLACE FUNCTION graph.kyc(account TEXT) RETURNS SETOF mirror.kyc_records LANGUAGE sql STABLE AS
    $$ SELECT k.* FROM mirror.kyc_records k
       WHERE k.account = decode($1, 'hex') AND k.registry = (SELECT kyc FROM public.deployment) $$;
CREATE OR REPLACE FUNCTION graph.contributed(account TEXT) RETURNS SETOF mirror.contributions LANGUAGE sql STABLE AS
    $$ SELECT c.* FROM mirror.contributions c WHERE c.account = decode($1, 'hex') ORDER BY pool $$;
CREATE OR REPLACE FUNCTION graph.credited(account TEXT) RETURNS SETOF mirror.credits LANGUAGE sql STABLE AS
    $$ SELECT c.* FROM mirror.credits c WHERE c.account = decode($1, 'hex') AND credit > 0
        AND (c.market = (SELECT d.market FROM public.deployment d) OR EXISTS (SELECT FROM mirror.parts s
        WHERE s.pool = c.pool AND s.contract = c.market AND s.kind = 'market'))
        ORDER BY market, pool $$;
CREATE OR REPLACE FUNCTION graph.open_orders(account TEXT) RETURNS SETOF mirror.orders LANGUAGE sql STABLE AS
    $$ SELECT o.* FROM mirror.orders o WHERE o.maker = decode($1, 'hex') AND state = 'open'
        AND (o.market = (SELECT d.market FROM public.deployment d) OR EXISTS (SELECT FROM mirror.parts s
        WHERE s.pool = o.pool AND s.contract = o.market AND s.kind = 'market'))
        ORDER BY id DESC, market $$;
CREATE OR REPLACE FUNCTION graph.offered(account TEXT) RETURNS SETOF mirror.licences LANGUAGE sql STABLE AS
    $$ SELECT l.* FROM mirror.licences l WHERE l.platform = decode($1, 'hex')
        AND (l.contract = (SELECT d.licence FROM public.deployment d) OR EXISTS (SELECT FROM mirror.parts s
        WHERE s.pool = l.pool AND s.contract = l.contract AND s.kind = 'licence'))
        ORDER BY offered_block DESC, offered_index DESC $$;
CREATE OR REPLACE FUNCTION graph.created(account TEXT) RETURNS SETOF mirror.datasets LANGUAGE sql STABLE AS
    $$ SELECT d.* FROM mirror.datasets d WHERE d.creator = decode($1, 'hex') ORDER BY dataset, registry $$;
