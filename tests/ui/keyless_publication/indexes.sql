-- Replica identities by index: the first, second and last are usable.
CREATE TABLE good (id bigint PRIMARY KEY, code text NOT NULL);
CREATE UNIQUE INDEX good_code ON good (code);
ALTER TABLE good REPLICA IDENTITY USING INDEX good_code;
CREATE TABLE own (id bigint CONSTRAINT own_id PRIMARY KEY, code text NOT NULL);
ALTER TABLE own REPLICA IDENTITY USING INDEX own_id;
CREATE TABLE partial (id bigint PRIMARY KEY, code text NOT NULL, live boolean NOT NULL);
CREATE UNIQUE INDEX partial_code ON partial (code) WHERE live;  --~ keyless_publication
ALTER TABLE partial REPLICA IDENTITY USING INDEX partial_code;
CREATE TABLE nullable (id bigint PRIMARY KEY, code text);
CREATE UNIQUE INDEX nullable_code ON nullable (code);  --~ keyless_publication
ALTER TABLE nullable REPLICA IDENTITY USING INDEX nullable_code;
CREATE TABLE late (id bigint PRIMARY KEY, code text NOT NULL, CONSTRAINT late_code UNIQUE (code) DEFERRABLE);  --~ keyless_publication
ALTER TABLE late REPLICA IDENTITY USING INDEX late_code;
CREATE TABLE wrong (id bigint PRIMARY KEY, code text NOT NULL);
CREATE INDEX wrong_code ON wrong (code);
ALTER TABLE wrong REPLICA IDENTITY USING INDEX wrong_code;  --~ keyless_publication
CREATE TABLE plain (id bigint, code text NOT NULL);
ALTER TABLE plain ADD CONSTRAINT plain_id PRIMARY KEY (id);
ALTER TABLE plain REPLICA IDENTITY USING INDEX plain_id;
