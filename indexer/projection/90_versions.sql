-- For every table of states one of the former ones, and for every table a view of what it was after the block
-- `yieldset.at`, in a schema of their own: the same query answers for now and for then.

-- It is made with this schema first on the search path.
DO $$
DECLARE
    here TEXT := current_schema();
    there TEXT := current_schema() || '_at';
    this RECORD;
    definition TEXT;
    now_at CONSTANT TEXT := 'current_setting(''yieldset.at'')::bigint';
BEGIN
    EXECUTE format('CREATE SCHEMA %I', there);
    FOR this IN
        SELECT c.oid, c.relname AS name,
               (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
               -- A fact is named by its event; a state by its key.
               EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
                       WHERE i.indrelid = c.oid AND i.indisprimary AND a.attname = 'block') AS is_fact,
               (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(i.indkey::int2[], a.attnum))
                FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
                WHERE i.indrelid = c.oid AND i.indisprimary) AS key
        FROM pg_class c
        WHERE c.relnamespace = here::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'valid_from')
    LOOP
        EXECUTE format('CREATE INDEX ON %I (valid_from)', this.name);
        IF this.is_fact THEN
            EXECUTE format('CREATE VIEW %I.%I AS SELECT %s FROM %I.%I WHERE valid_from <= %s',
                           there, this.name, this.columns, here, this.name, now_at);
        ELSE
            EXECUTE format('CREATE TABLE %I (LIKE %I)', this.name || '_history', this.name);
            EXECUTE format('ALTER TABLE %I ADD COLUMN valid_to BIGINT NOT NULL', this.name || '_history');
            -- Lists of then are as long as those of now, and asked for in the same order.
            FOR definition IN SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = this.oid AND NOT indisprimary
            LOOP
                EXECUTE regexp_replace(definition, '^CREATE INDEX \S+ ON \S+ USING',
                                       format('CREATE INDEX ON %I USING', this.name || '_history'));
            END LOOP;
            EXECUTE format('CREATE INDEX ON %I (%s, valid_from)', this.name || '_history', this.key);
            EXECUTE format('CREATE INDEX ON %I (valid_to)', this.name || '_history');
            EXECUTE format('CREATE VIEW %I.%I AS SELECT %s FROM %I.%I WHERE valid_from <= %s
                            UNION ALL SELECT %s FROM %I.%I WHERE valid_from <= %s AND valid_to > %s',
                           there, this.name, this.columns, here, this.name, now_at,
                           this.columns, here, this.name || '_history', now_at, now_at);
        END IF;
    END LOOP;
    EXECUTE format('CREATE VIEW %I.blocks AS SELECT * FROM public.blocks WHERE number <= %s', there, now_at);
    EXECUTE format('CREATE VIEW %I.journal AS SELECT * FROM public.journal WHERE seen <= %s', there, now_at);
END $$;
