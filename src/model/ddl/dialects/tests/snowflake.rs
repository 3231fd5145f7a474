//! Snowflake.

use super::{Case, hold};
use crate::systems::Kind;

#[test]
fn statements_make_tables() {
    hold(Kind::Snowflake, &[
        Case(
            "tables",
            r#"
USE ROLE admin; USE WAREHOUSE w;
CREATE DATABASE IF NOT EXISTS d; CREATE SCHEMA d.raw;
create or replace TRANSIENT TABLE orders cluster by (id) (
	ID NUMBER(38,0) NOT NULL autoincrement start 1 increment 1 noorder,
	STATE VARCHAR(16777216) COLLATE 'en-ci' DEFAULT 'new' COMMENT 'where it stands',
	DOC VARIANT, TAGS ARRAY, OBJ OBJECT,
	AT TIMESTAMP_NTZ(9) DEFAULT CURRENT_TIMESTAMP(),
	SEEN TIMESTAMP_TZ, L TIMESTAMP WITH LOCAL TIME ZONE,
	"Mail" STRING WITH MASKING POLICY p.hide USING ("Mail", ID) WITH TAG (t = 'x'),
	PRICE FLOAT, KEY STRING, PLACE GEOGRAPHY, B BINARY, // a remark; it's one
	TOTAL NUMBER(10,2) AS (PRICE * 2),
	constraint pk primary key (ID) not enforced rely,
	unique ("Mail"), foreign key (ID) references d.other.t (ID)
) COMMENT='what people buy' DATA_RETENTION_TIME_IN_DAYS=1;
CREATE PROCEDURE p() RETURNS STRING LANGUAGE SQL AS $$ BEGIN CREATE TABLE no (x int); END; $$;
ALTER TABLE orders ADD COLUMN a INT, e DATE NOT NULL;
ALTER TABLE orders DROP COLUMN KEY, PLACE;
ALTER TABLE orders ALTER COLUMN STATE DROP NOT NULL, COLUMN PRICE SET DATA TYPE NUMBER(5,1);
ALTER TABLE orders RENAME COLUMN a TO c;
ALTER TABLE orders ADD SEARCH OPTIMIZATION;
CREATE TABLE copy LIKE orders; DROP TABLE copy;
USE DATABASE d;
CREATE TABLE IF NOT EXISTS t (x int);
CREATE OR REPLACE TABLE t (y int);
"#,
            "
RAW.ORDERS key(ID) unique (Mail) ref(ID) OTHER.T NoAction NoAction -- what people buy { ID number(38,0) default; STATE varchar(16777216)? default -- where it stands; DOC variant?; TAGS array?; OBJ object?; AT timestamp_ntz(9)? default; SEEN timestamp_tz(9)?; L timestamp_ltz(9)?; Mail varchar(16777216)?; PRICE number(5,1)?; B binary(8388608)?; TOTAL number(10,2)? virtual; C number(38,0)?; E date }
PUBLIC.T { Y number(38,0)? }
",
        ),
    ]);
}
