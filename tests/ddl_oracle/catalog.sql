-- What PostgreSQL's catalog says about every table, one fact a line, in the form `ddl_oracle/main.rs` renders diac's
-- schema in. Fields are parted by tabs.
SET search_path = '';
WITH RECURSIVE
extension_types AS (
    SELECT objid AS oid FROM pg_catalog.pg_depend
    WHERE classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND deptype = 'e'
    UNION ALL
    -- The stand-ins of the prelude.
    SELECT oid FROM pg_catalog.pg_type WHERE typname IN ('vector', 'geometry', 'geography', '_vector', '_geometry')
),
-- Domains followed to their base type.
base AS (
    SELECT t.oid, t.oid AS base, NULL::integer AS typmod, false AS notnull, false AS hasdefault
    FROM pg_catalog.pg_type t
    UNION ALL
    SELECT b.oid, t.typbasetype, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod END,
        b.notnull OR t.typnotnull, b.hasdefault OR t.typdefault IS NOT NULL
    FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.base AND t.typtype = 'd'
),
known AS (
    SELECT b.* FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.base WHERE t.typtype <> 'd'
),
tables AS (
    SELECT c.*, n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND n.nspname NOT LIKE 'pg_temp%'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND d.objid = c.oid AND d.deptype = 'e')
),
names AS (
    SELECT c.oid, pg_catalog.string_agg(a.attname, ',' ORDER BY k.n) AS columns, c.indrelid
    FROM (SELECT indexrelid AS oid, indrelid, indkey, indnkeyatts FROM pg_catalog.pg_index) c
    CROSS JOIN LATERAL pg_catalog.unnest(c.indkey) WITH ORDINALITY k(attnum, n)
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.indrelid AND a.attnum = k.attnum
    WHERE k.n <= c.indnkeyatts GROUP BY c.oid, c.indrelid
)
SELECT tab || E'\t' || line FROM (
    SELECT c.nspname || '.' || c.relname AS tab, 0 AS part, 0 AS n, pg_catalog.concat_ws(E'\t', 'table',
        CASE WHEN c.relkind = 'f' THEN 'foreign'
            WHEN c.relispartition THEN 'partition of ' || (SELECT pn.nspname || '.' || p.relname
                FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
                JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace WHERE i.inhrelid = c.oid)
            WHEN c.relkind = 'p' THEN 'partitioned' ELSE 'ordinary' END,
        CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'logged' END,
        CASE c.relreplident WHEN 'd' THEN 'default' WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' ELSE
            COALESCE((SELECT CASE WHEN i.indisprimary THEN 'default' ELSE 'index ' || ic.relname END
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
            WHERE i.indrelid = c.oid AND i.indisreplident), 'index gone') END,
        -- Of a column of a domain PostgreSQL does not work out the largest size, diac does.
        CASE WHEN c.relkind <> 'r' OR EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t
                ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND t.typtype = 'd') THEN 'toast ?' 
            -- A dropped column leaves its TOAST table behind, and some types never grow large enough to use one.
            WHEN c.reltoastrelid <> 0 AND EXISTS (SELECT FROM pg_catalog.pg_attribute a
                JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND NOT a.attisdropped
                AND a.attnum > 0 AND a.attlen = -1 AND a.attstorage <> 'p' AND t.typname NOT IN
                ('inet', 'cidr', 'int4range', 'int8range', 'daterange', 'tsrange', 'tstzrange'))
            THEN 'toast' ELSE 'no toast' END,
        COALESCE(pg_catalog.to_json(pg_catalog.obj_description(c.oid, 'pg_class'))::text, '')) AS line
    FROM tables c
    UNION ALL
    SELECT c.nspname || '.' || c.relname, 1, a.attnum, pg_catalog.concat_ws(E'\t', 'column', a.attname,
        CASE WHEN ek.base IS NOT NULL AND ek.base <> ek.oid
            THEN pg_catalog.regexp_replace(pg_catalog.format_type(ek.base, COALESCE(ek.typmod, -1)),
                CASE WHEN ek.base IN (SELECT oid FROM extension_types) THEN '^[^.(]*\.' ELSE '$' END, '') || '[]'
            WHEN k.base IN (SELECT oid FROM extension_types) OR kt.typelem IN (SELECT oid FROM extension_types)
            THEN pg_catalog.regexp_replace(pg_catalog.format_type(k.base, COALESCE(k.typmod, a.atttypmod)), '^[^.(]*\.', '')
            ELSE pg_catalog.format_type(k.base, COALESCE(k.typmod, a.atttypmod)) END,
        CASE WHEN a.attnotnull OR k.notnull THEN 'not null' ELSE 'null' END,
        CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' ELSE '' END,
        CASE WHEN a.attidentity <> '' OR k.hasdefault OR (a.atthasdef AND a.attgenerated = ''
            AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) NOT LIKE 'NULL::%') THEN 'default' ELSE '' END,
        COALESCE(pg_catalog.to_json(pg_catalog.col_description(c.oid, a.attnum))::text, ''),
        COALESCE((SELECT 'enum ' || pg_catalog.string_agg(e.enumlabel, '|' ORDER BY e.enumsortorder)
            FROM pg_catalog.pg_enum e WHERE e.enumtypid = k.base), ''))
    FROM tables c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN known k ON k.oid = a.atttypid JOIN pg_catalog.pg_type kt ON kt.oid = k.base
    LEFT JOIN known ek ON ek.oid = kt.typelem AND kt.typcategory = 'A'
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    UNION ALL
    SELECT c.nspname || '.' || c.relname, 2, 0, pg_catalog.concat_ws(E'\t', 'key', names.columns,
        CASE WHEN i.indimmediate THEN '' ELSE 'deferrable' END)
    FROM tables c JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
    JOIN names ON names.oid = i.indexrelid
    UNION ALL
    SELECT c.nspname || '.' || c.relname, 3, 0, pg_catalog.concat_ws(E'\t', 'unique', ic.relname,
        CASE WHEN i.indexprs IS NULL THEN names.columns ELSE '' END,
        CASE WHEN i.indpred IS NULL THEN '' ELSE 'partial' END,
        CASE WHEN i.indimmediate THEN '' ELSE 'deferrable' END)
    FROM tables c JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisunique AND NOT i.indisprimary
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN names ON names.oid = i.indexrelid
    UNION ALL
    SELECT c.nspname || '.' || c.relname, 4, 0, pg_catalog.concat_ws(E'\t', 'foreign key',
        (SELECT pg_catalog.string_agg(a.attname, ',' ORDER BY k.n) FROM pg_catalog.unnest(f.conkey) WITH ORDINALITY k(attnum, n)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum),
        tn.nspname || '.' || t.relname, f.confdeltype, f.confupdtype)
    FROM tables c JOIN pg_catalog.pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f'
    JOIN pg_catalog.pg_class t ON t.oid = f.confrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint p WHERE p.oid = f.conparentid AND p.conrelid = f.conrelid)
) facts
ORDER BY tab, part, n, line;
