//! MySQL and MariaDB.

use super::{Case, hold, schema};
use crate::model::ddl::shown::show;
use crate::systems::Kind;

#[test]
fn statements_make_tables() {
    hold(Kind::Mysql, CASES);
}

#[test]
fn mariadb_writes_more() {
    hold(Kind::Mariadb, MARIADB);
}

#[test]
fn each_passes_over_what_the_other_executes() {
    let sql = "CREATE TABLE a (x int /*!80023 INVISIBLE */, y int /*!100301 , z int */ /*M!100400 , w int */ \
               /*!50100 , v int */ /*M!999999\\- , u int */);";
    assert_eq!(show(&schema(Kind::Mysql, sql).0), ".a { x int?; y int?; v int? }");
    assert_eq!(show(&schema(Kind::Mariadb, sql).0), ".a { x int?; y int?; z int?; w int?; v int? }");
}

static CASES: &[Case] = &[
    Case(
        "a dump",
        r"
-- MySQL dump 10.13  Distrib 8.0.36
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */ /*!80016 DEFAULT ENCRYPTION='N' */;
USE `shop`;
DROP TABLE IF EXISTS `order`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE `order` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `state` enum('new','it''s; done') COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'new' COMMENT 'where it stands; \'so\'',
  `note` text CHARACTER SET utf8mb3,
  `total` decimal(12,2) DEFAULT NULL,
  `flags` set('a','b') DEFAULT 'a',
  `paid` tinyint(1) NOT NULL DEFAULT '0',
  `made` timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  `half` decimal(12,2) GENERATED ALWAYS AS ((`total` / 2)) STORED,
  `low` varchar(20) GENERATED ALWAYS AS (lower(`state`)) VIRTUAL,
  `place` point NOT NULL /*!80003 SRID 4326 */,
  `doc` json DEFAULT (json_object()),
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq` (`state`,`note`(20)) USING BTREE COMMENT 'x',
  KEY `k` (`total` DESC) /*!80000 INVISIBLE */,
  FULLTEXT KEY `f` (`note`) /*!50100 WITH PARSER `ngram` */,
  SPATIAL KEY `s` (`place`),
  KEY `e` ((lower(`note`))),
  CONSTRAINT `fk` FOREIGN KEY (`total`) REFERENCES `other` (`id`) ON DELETE CASCADE ON UPDATE SET NULL,
  CONSTRAINT `c` CHECK ((`total` > 0)) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what; people buy'
/*!50100 PARTITION BY RANGE (`id`)
(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB) */;
LOCK TABLES `order` WRITE;
/*!40000 ALTER TABLE `order` DISABLE KEYS */;
INSERT INTO `order` VALUES (1,'new','it\'s; CREATE TABLE x (y int);'),(2,'-- ',NULL);
UNLOCK TABLES;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `t` BEFORE INSERT ON `order` FOR EACH ROW BEGIN
CREATE TEMPORARY TABLE no (x int);
  SET NEW.id = 1;
END */;;
DELIMITER ;
/*!50001 CREATE TABLE `a_view` (
  `x` int
) ENGINE=MyISAM */;
/*!50001 DROP TABLE IF EXISTS `a_view`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `a_view` AS select 1 AS `x` */;
",
        "shop.order key(id) unique uq(state,note) ref(total) shop.other Cascade SetNull -- what; people buy { \
         id bigint unsigned default; state enum('new','it''s; done') default -- where it stands; 'so'; note text?; \
         total decimal(12,2)?; flags set('a','b')? default; paid tinyint(1) default; made timestamp(6) default; \
         half decimal(12,2)? stored; low varchar(20)? virtual; place point; doc json? default }",
    ),
    Case(
        "keys of every form, and the names MySQL makes up",
        r"
CREATE TABLE a (id int KEY, x int UNIQUE, y int UNIQUE KEY, UNIQUE (x), UNIQUE INDEX (y, x), UNIQUE KEY n USING HASH (y));
CREATE TABLE b (ID int, x int, CONSTRAINT PRIMARY KEY USING BTREE (id ASC), CONSTRAINT UNIQUE (x), CONSTRAINT c UNIQUE KEY d (x));
CREATE TABLE c (id SERIAL, PRIMARY KEY (id), FOREIGN KEY i (id) REFERENCES b (ID), INDEX USING BTREE (id));
",
        "
.a key(id) unique x(x) unique y(y) unique x_2(x) unique y_2(y,x) unique n(y) { id int; x int?; y int? }
.b key(ID) unique x(x) unique d(x) { ID int; x int? }
.c key(id) unique id(id) ref(id) .b NoAction NoAction { id bigint unsigned default }
",
    ),
    Case(
        "migrations",
        r"
CREATE TABLE a (x int NOT NULL, y varchar(10) DEFAULT 'q', z int, UNIQUE KEY u (z), w int);
ALTER TABLE a ADD COLUMN (p int, q text NOT NULL), ADD r date FIRST, ADD COLUMN s json AFTER x, ADD INDEX i (p), DROP COLUMN w;
ALTER TABLE a ADD PRIMARY KEY (x), ADD UNIQUE v (y), ADD CONSTRAINT f FOREIGN KEY (z) REFERENCES b (id) ON DELETE SET NULL, ALGORITHM=INPLACE, LOCK=NONE;
ALTER TABLE a MODIFY y varchar(20) NOT NULL DEFAULT '' COMMENT 'yy', CHANGE COLUMN z zz bigint NULL, ALTER p SET DEFAULT 3, RENAME COLUMN q TO qq;
ALTER TABLE a DROP FOREIGN KEY f, DROP INDEX v, RENAME INDEX u TO uu, COMMENT='changed', ENGINE=InnoDB;
CREATE TABLE b LIKE a; CREATE TABLE c (LIKE a);
RENAME TABLE a TO d, c TO other.c;
ALTER TABLE d RENAME AS e;
ALTER TABLE nowhere ADD x int;
DROP TABLE IF EXISTS b, nowhere;
CREATE UNIQUE INDEX w ON e (zz) USING BTREE;
DROP INDEX uu ON e;
ALTER TABLE e DROP PRIMARY KEY, ADD PRIMARY KEY (x, y), MODIFY COLUMN s json FIRST;
",
        "
.e key(x,y) unique w(zz) -- changed { s json?; r date?; x int; y varchar(20) default -- yy; zz bigint?; p int? default; qq text }
other.c key(x) unique uu(zz) { r date?; x int; s json?; y varchar(20) default -- yy; zz bigint?; p int? default; qq text }
",
    ),
    Case(
        "routines without DELIMITER, and what clients keep to themselves",
        r"
source other.sql
# a remark; 'not a quote
CREATE PROCEDURE p() BEGIN DECLARE x int; IF x > 1 THEN CREATE TABLE no (y int); END IF; CASE x WHEN 1 THEN SELECT 1; END CASE; END;
CREATE TABLE a (x int);
CREATE FUNCTION f() RETURNS int RETURN 1;
USE db
CREATE TABLE b (x int)
",
        ".a { x int? }\ndb.b { x int? }",
    ),
    Case(
        "odd names, and columns named like words",
        "CREATE TABLE `a``b` (`select` int, 1st int, period int, fulltext_ int, `key` int, \"dq\" int, comment varchar(9) COMMENT 'c');",
        ".a`b { select int?; 1st int?; period int?; fulltext_ int?; key int?; dq int?; comment varchar(9)? -- c }",
    ),
    Case(
        "a reference is into the table's own database, and indexes may be altered",
        "CREATE TABLE db.a (x int REFERENCES b (x), KEY k (x)); ALTER TABLE db.a ALTER INDEX k INVISIBLE, ADD y int;",
        "db.a ref(x) db.b NoAction NoAction { x int?; y int? }",
    ),
    Case(
        "tables of queries and temporary ones",
        "CREATE TABLE a (x int NOT NULL, y int); CREATE TABLE b AS SELECT * FROM a WHERE x > 1; CREATE TABLE c SELECT x FROM a; \
         CREATE TEMPORARY TABLE t (x int); CREATE TABLE IF NOT EXISTS a (z int);",
        ".a { x int; y int? }\n.b { x int; y int? }\n.c {  }\n.t temporary { x int? }",
    ),
    Case(
        "ways back are not taken",
        "-- +goose Up\nCREATE TABLE a (x int);\n-- +goose Down\nDROP TABLE a;\n-- +goose Up\nALTER TABLE a ADD y int;\n\
         -- rambler down\nDROP TABLE a;\n-- rambler up\nALTER TABLE a ADD z int;\n-- migrate:down\nDROP TABLE a;\n",
        ".a { x int?; y int?; z int? }",
    ),
];

static MARIADB: &[Case] = &[Case(
    "sequences, versions, JSON that is a checked text, own types",
    r"
/*M!999999\- enable the sandbox mode */
CREATE SEQUENCE `s` start with 1 minvalue 1 ENGINE=InnoDB;
CREATE OR REPLACE TABLE `a` (
  `id` int(11) NOT NULL DEFAULT nextval(`db`.`s`),
  `j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`)),
  `u` uuid NOT NULL DEFAULT uuid(),
  `i` inet6 DEFAULT NULL,
  `z` varchar(20) /*M!100301 COMPRESSED*/ DEFAULT NULL,
  `from` timestamp(6) GENERATED ALWAYS AS ROW START,
  `to` timestamp(6) GENERATED ALWAYS AS ROW END INVISIBLE,
  `at` datetime DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `v` int(10) unsigned zerofill GENERATED ALWAYS AS (`id` + 1) PERSISTENT,
  PRIMARY KEY (`id`, `to`),
  PERIOD FOR SYSTEM_TIME (`from`, `to`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 WITH SYSTEM VERSIONING;
ALTER TABLE IF EXISTS a ADD COLUMN IF NOT EXISTS w int DEFAULT NULL, DROP COLUMN IF EXISTS z, ADD SYSTEM VERSIONING;
",
    ".a key(id,to) { id int default; j longtext?; u uuid default; i inet6?; from timestamp(6) stored; \
         to timestamp(6) stored; at datetime? default; v int unsigned zerofill? stored; w int? }",
)];
