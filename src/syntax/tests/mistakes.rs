//! Mistakes, each with its one finding. `⟨` and `⟩` stand around what the finding points at and are no part of the text.

use crate::source::{FileId, LineIndex, Span};
use crate::syntax::parse;

/// A text with one mistake, the rule it breaks, a part of what is said, and whether the edit that is offered cures it.
struct Mistake {
    text: &'static str,
    rule: &'static str,
    says: &'static str,
    fix: Fix,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fix {
    None,
    Cures,
}

const fn m(text: &'static str, rule: &'static str, says: &'static str, fix: Fix) -> Mistake {
    Mistake { text, rule, says, fix }
}

use Fix::{Cures, None as No};

static MISTAKES: &[Mistake] = &[
    // The top of a file.
    m("⟨tabel⟩ product in shop.public.products {\n  id bigint key\n}\n", "syntax", "unknown declaration", No),
    m(
        "⟨table⟩ product in shop.public.products {\n  id bigint key\n}\n",
        "syntax",
        "a `table` is declared as an `entity`",
        Cures,
    ),
    m("⟨topic⟩ paid in log.paid partitioned by id {\n  id bigint key\n}\n", "syntax", "`event`", Cures),
    m("⟨entty⟩ product in shop.public.products {\n  id bigint key\n}\n", "syntax", "did you mean `entity`?", Cures),
    m("⟨improt⟩ \"x.dia\"\n", "syntax", "did you mean `import`?", Cures),
    m("⟨env⟩ prod {\n  deploy files\n}\n", "syntax", "`environment`", Cures),
    m("⟨create⟩ table x (id int)\n", "syntax", "`create`", No),
    m("⟨connector⟩ x {\n  a = 1\n}\n", "syntax", "`connector`", No),
    m("edition⟨⟩\npipeline x\n", "syntax", "expected a whole number, found the end of the line", No),
    m("edition ⟨twenty⟩\n", "syntax", "expected a whole number, found `twenty`", No),
    m("import ⟨shop⟩\n", "syntax", "lacks its quotes", Cures),
    m("import \"a.dia\"⟨;⟩\nimport \"b.dia\"\n", "syntax", "not with `;`", Cures),
    m("system shop ⟨postgres⟩\n", "syntax", "expected `:`", Cures),
    m("system ⟨shop-db⟩: postgres\n", "syntax", "signs other than letters", Cures),
    m("system ⟨größe⟩: postgres\n", "syntax", "", Cures),
    m("entity product ⟨shop⟩.public.products {\n  id bigint key\n}\n", "syntax", "expected `in`, found `shop`", Cures),
    m("entity ⟨{⟩\n  id bigint key\n}\n", "syntax", "expected a name", No),
    m("view v⟨⟩\n  product\n  | search.products\n}\n", "syntax", "or `{`", Cures),
    m("entity a in b.c⟨⟩\n  id bigint key\n}\n", "syntax", "expected `{`", Cures),
    m("entity a in b.c\n⟨{⟩\n  id bigint key\n}\n", "syntax", "stands on the line", Cures),
    m("product ⟨->⟩ search.products\n", "syntax", "arrows", Cures),
    m("product ⟨=>⟩ search.products\n", "syntax", "arrows", Cures),
    m("product ⟨|>⟩ search.products\n", "syntax", "not `|>`", Cures),
    m("product ⟨|⟩\n", "syntax", "expected a stage behind `|`", No),
    m("product ⟨|⟩\nsearch.products\n", "syntax", "expected a stage behind `|`", No),
    m("product ⟨search⟩.products\n", "syntax", "or `|`", Cures),
    m("product | search.products ⟨foo⟩\n", "syntax", "expected the end of the line, found `foo`", No),
    m("product⟨⟩\n", "syntax", "found the end of the line", No),
    m("⟨guarantee⟩ ordered per id\n", "misplaced_statement", "belongs in a view", No),
    m("⟨host⟩ = \"x\"\n", "misplaced_statement", "belongs in an environment", No),
    m("service s {\n  reads a\n}\n⟨}⟩\n", "syntax", "closes nothing", Cures),
    m("service s {\n  reads a\n} ⟨}⟩\n", "syntax", "expected the end of the line, found `}`", No),
    m("view v {\n  a\n  }\n  ⟨|⟩ b.c\n  guarantee ordered per id\n}\n", "syntax", "expected a declaration", No),
    m("⟨## alone⟩\n", "syntax", "documentation", No),
    m("edition 2026 ⟨pipeline⟩ x\n", "syntax", "expected the end of the line", Cures),
    m("edition 2026 ⟨##⟩ what\n", "syntax", "documentation", No),
    m("edition 2026 ⟨//⟩ what\n", "syntax", "a remark starts with `#`", Cures),
    m("system log ⟨kafka⟩ { encoding avro }\n", "syntax", "expected `:`", Cures),
    m("defaults ⟨x⟩ {\n  bad records stop\n}\n", "syntax", "expected `{`", No),
    m("hard ⟨constrain⟩ c on a: b > 0\n", "syntax", "did you mean `constraint`?", Cures),
    m("hard constraint c on a ⟨b⟩ > 0\n", "syntax", "expected `:`", Cures),
    m("process p ⟨form⟩ a {\n  emit b\n}\n", "syntax", "did you mean `from`?", Cures),
    m("environment prod ⟨extend⟩ base {\n  deploy files\n}\n", "syntax", "did you mean `extends`?", Cures),
    m("shop ⟨excpt⟩ shop.public.a | search\n", "syntax", "did you mean `except`?", Cures),
    // Braces and quotes.
    m("service s ⟨{⟩\n  reads a\n\nservice t {\n  reads b\n}\n", "syntax", "not closed", Cures),
    m("view v ⟨{⟩\n  a\n  | b.c\n\n## Next.\nview w {\n  a\n  | b.d\n}\n", "syntax", "not closed", Cures),
    m("entity a in b.c ⟨{⟩\n  id bigint key\n", "syntax", "not closed", Cures),
    m(
        "environment dev {\n  system shop ⟨{⟩ host = \"x\"\n  system cache { url = \"y\" }\n}\n",
        "syntax",
        "not closed",
        Cures,
    ),
    m("environment dev ⟨{⟩\n  system shop { host = \"x\" }\n\nview v {\n  a | b.c\n}\n", "syntax", "not closed", Cures),
    m("service s {\n  team ⟨\"Shop⟩\n  reads a\n}\n", "syntax", "not closed on its line", No),
    m("service s { team ⟨\"Shop }⟩\nservice t { reads a }\n", "syntax", "not closed on its line", No),
    m("view v {\n  a | where b = ⟨'x⟩\n  | c.d\n}\n", "syntax", "not closed on its line", No),
    m("view v {\n  a | where b = 'it⟨'⟩s'\n  | c.d\n}\n", "syntax", "doubled", Cures),
    m("service s {\n  team ⟨“⟩Shop”\n}\n", "syntax", "typographic", No),
    m("service s {\n  team \"a⟨\\q⟩\"\n}\n", "bad_value", "no escape", Cures),
    // Entities and events.
    m("entity a in b.c {\n  id bigint ⟨primary key⟩\n}\n", "syntax", "written `key`", Cures),
    m("entity a in b.c {\n  id bigint key\n  name text ⟨not null⟩\n}\n", "syntax", "`not null`", Cures),
    m("entity a in b.c {\n  name text ⟨null⟩\n}\n", "syntax", "`?`", Cures),
    m("entity a in b.c {\n  id bigint ⟨kye⟩\n}\n", "syntax", "did you mean `key`?", Cures),
    m("entity a in b.c {\n  id⟨⟩\n}\n", "syntax", "expected a type", No),
    m("entity a in b.c {\n  id ⟨5⟩\n}\n", "syntax", "expected a type", No),
    m("entity a in b.c {\n  id bigint key⟨;⟩\n}\n", "syntax", "not with `;`", Cures),
    m("entity a in b.c {\n  ⟨primary key⟩ (a, b)\n}\n", "syntax", "written `key`", Cures),
    m("entity a in b.c {\n  key (a ⟨b⟩)\n}\n", "syntax", "expected `,` or `)`", Cures),
    m("entity a in b.c {\n  key (a, b⟨⟩\n  c text\n}\n", "syntax", "expected `,` or `)`", Cures),
    m("entity a in b.c {\n  key (⟨)⟩\n}\n", "syntax", "expected a name, found `)`", No),
    m("event a in b.c {\n  id bigint key\n  retain ⟨7⟩\n}\n", "unit_missing", "lacks its unit", No),
    m("event a in b.c {\n  retain ⟨7days⟩\n}\n", "bad_value", "", Cures),
    m("event a in b.c {\n  retain ⟨7 days⟩\n}\n", "bad_value", "", Cures),
    m("event a in b.c {\n  retain ⟨7fortnights⟩\n}\n", "bad_value", "", No),
    m("event a in b.c {\n  ⟨retian⟩ 7d\n}\n", "syntax", "did you mean `retain`?", Cures),
    m("event a in b.c {\n  retain ⟨99999999999999999999d⟩\n}\n", "bad_value", "too large", No),
    m(
        "entity a in b.c {\n  ⟨guarantee⟩ ordered per id\n}\n",
        "misplaced_statement",
        "belongs in a view or in a process",
        No,
    ),
    m("entity a in b.c {\n  volume 5 rows, ⟨40⟩ writes\n}\n", "unit_missing", "lacks its unit", No),
    m("entity a in b.c {\n  ⟨tasks⟩ = 4\n}\n", "misplaced_statement", "is a setting", No),
    m("entity a in b.c {\n  id bigint operation from ⟨cleint⟩\n}\n", "syntax", "did you mean `client`?", Cures),
    m("entity a in b.c {\n  s enum(⟨placed⟩, paid)\n}\n", "syntax", "expected a number or a text in quotes", No),
    m("entity a in b.c { id bigint ⟨primary key⟩, name text }\n", "syntax", "written `key`", Cures),
    m("entity a in b.c {\n  id bigint key\n  ⟨## alone⟩\n}\n", "syntax", "documentation", No),
    m("entity a in b.c {\n  ## doc\n  id bigint ⟨kee⟩\n}\n", "syntax", "did you mean `key`?", Cures),
    m("entity a in b.c {\n  id bigint key ⟨##⟩ doc\n}\n", "syntax", "documentation", No),
    m("entity a in b.c {\n  allow x ⟨becuase⟩ \"y\"\n}\n", "syntax", "did you mean `because`?", Cures),
    m("entity a in b.c {\n  allow x because \"y\" until ⟨tomorrow⟩\n}\n", "syntax", "expected a day", No),
    m("entity a in b.c {\n  allow x because \"y\" until ⟨2026-02-30⟩\n}\n", "bad_value", "not a day", No),
    // Systems, services, processes, constraints.
    m("system s: kafka { ⟨encodng⟩ avro }\n", "syntax", "did you mean `encoding`?", Cures),
    m("system s: kafka {\n  encoding avro ⟨envolves⟩ backward\n}\n", "syntax", "did you mean `evolves`?", Cures),
    m("system s: postgres {\n  may ⟨hodl⟩ pii\n}\n", "syntax", "did you mean `hold`?", Cures),
    m(
        "system s: postgres {\n  ⟨host⟩ = \"db\"\n}\n",
        "misplaced_statement",
        "is a setting and belongs in an environment",
        No,
    ),
    m("system s: postgres {\n  ⟨frobnicate⟩ now\n}\n", "syntax", "unknown statement `frobnicate` in a system", No),
    m("system s: postgres {\n  epoch ⟨two⟩\n}\n", "syntax", "expected a whole number", No),
    m(
        "service s {\n  ⟨guarantee⟩ ordered per id\n}\n",
        "misplaced_statement",
        "belongs in a view or in a process, not in a service",
        No,
    ),
    m("service s {\n  ⟨writs⟩ a\n}\n", "syntax", "did you mean `writes`?", Cures),
    m("service s {\n  ⟨WRITES⟩ a\n}\n", "syntax", "did you mean `writes`?", Cures),
    m("service s {\n  ⟨publishes⟩ a\n}\n", "syntax", "`emits`", Cures),
    m("service s {\n  writes a, b⟨,⟩\n  reads c\n}\n", "syntax", "goes on with the list", Cures),
    m("service s {\n  writes a ⟨b⟩\n}\n", "syntax", "expected", Cures),
    m("service s {\n  team ⟨Shop⟩\n}\n", "syntax", "lacks its quotes", Cures),
    m("service s {\n  reads a ⟨fro⟩ lookup\n}\n", "syntax", "did you mean `for`?", Cures),
    m("process p from a {\n  emit b (x ⟨sa⟩ y)\n}\n", "syntax", "expected `as`, an operator, `,` or `)`", No),
    m("process p from a {\n  emit b (x⟨,⟩ )\n}\n", "syntax", "goes on with the list", Cures),
    m("process p from a {\n  ⟨writes⟩ b\n}\n", "misplaced_statement", "belongs in a service", No),
    m("soft constraint c on a: b > 0 {\n  check every ⟨5⟩\n}\n", "unit_missing", "lacks its unit", No),
    m("soft constraint c on a: b > 0 {\n  ⟨chek⟩ every 5m\n}\n", "syntax", "did you mean `check`?", Cures),
    // Views and pipelines.
    m(
        "view v {\n  a\n  | ⟨wher⟩ stock > 0\n  | b.c\n}\n",
        "syntax",
        "unknown pipeline stage `wher`, did you mean `where`?",
        Cures,
    ),
    m("view v {\n  a\n  | ⟨filter⟩ stock > 0\n  | b.c\n}\n", "syntax", "did you mean `where`?", Cures),
    m("view v {\n  a\n  | ⟨explode⟩ stock > 0\n  | b.c\n}\n", "syntax", "unknown pipeline stage `explode`", No),
    m(
        "view v {\n  a\n  | where stock >⟨⟩\n  | b.c\n}\n",
        "syntax",
        "expected a column or expression, found the end of the line",
        No,
    ),
    m("view v {\n  a\n  | where stock ⟨==⟩ 0\n  | b.c\n}\n", "syntax", "not `==`", Cures),
    m("view v {\n  a\n  | where x = 1 ⟨&&⟩ y = 2\n  | b.c\n}\n", "syntax", "`and`", Cures),
    m("view v {\n  a\n  | select x ⟨||⟩ y as z\n  | b.c\n}\n", "syntax", "no operator", No),
    m("view v {\n  a\n  | where state = ⟨\"paid\"⟩\n  | b.c\n}\n", "syntax", "double quotes", Cures),
    m("view v {\n  a\n  | select x, y⟨,⟩\n  | b.c\n}\n", "syntax", "goes on with the list", Cures),
    m("view v {\n  a\n  | select x ⟨y⟩\n  | b.c\n}\n", "syntax", "expected", No),
    m("view v {\n  a\n  | group ⟨customer⟩\n  | b.c\n}\n", "syntax", "expected `by`", Cures),
    m("view v {\n  a\n  | join b ⟨where⟩ b.x = x\n  | b.c\n}\n", "syntax", "expected `as` or `on`", No),
    m("view v {\n  a\n  | window tumbling ⟨1⟩ on at\n  | b.c\n}\n", "unit_missing", "lacks its unit", No),
    m("view v {\n  a\n  | where (x = 1⟨⟩\n  | b.c\n}\n", "syntax", "`)`", Cures),
    m("view v {\n  a\n  | mask email ⟨by⟩ hash\n  | b.c\n}\n", "syntax", "expected `with`", Cures),
    m("view v {\n  a\n  ⟨|⟩\n  | b.c\n}\n", "syntax", "expected a stage behind `|`", No),
    m(
        "view v {\n  a ⟨|⟩\n  where stock > 0 |\n  b.c\n\n  guarantee ordered per id\n}\n",
        "syntax",
        "expected a stage behind `|`",
        No,
    ),
    m("view v {\n  a ⟨b⟩\n  | c.d\n}\n", "syntax", "expected `|` or the end of the line, found `b`", No),
    m("view v {\n  ⟨|⟩ c.d\n}\n", "syntax", "starts with its source", No),
    m("view v { ⟨}⟩\n", "syntax", "starts with its source", No),
    m("view v {\n  ⟨## The source.⟩\n  a\n  | c.d\n}\n", "syntax", "documentation", No),
    m("view v {\n  guarantee ordered per id\n\n  ⟨a⟩\n  | c.d\n}\n", "misplaced_statement", "above its statements", No),
    m(
        "view v {\n  a\n  | c.d\n  guarantee ordered per id\n  ⟨| where x > 0⟩\n}\n",
        "misplaced_statement",
        "below the statements",
        No,
    ),
    m("view v {\n  a | c.d\n  ⟨where⟩ x > 0\n}\n", "syntax", "lacks its `|`", Cures),
    m("view v {\n  a | c.d\n  objective fresh within ⟨5⟩\n}\n", "unit_missing", "the duration `5` lacks its unit", No),
    m("view v {\n  a | c.d\n  objective fresh within ⟨5min⟩\n}\n", "bad_value", "", Cures),
    m("view v {\n  a | c.d\n  objective fresh ⟨withn⟩ 5s\n}\n", "syntax", "did you mean `within`?", Cures),
    m("view v {\n  a | c.d\n  ⟨guarantee fresh⟩ within 5s\n}\n", "syntax", "`objective`", Cures),
    m("view v {\n  a | c.d\n  ⟨ordered⟩ per id\n}\n", "syntax", "`guarantee`", Cures),
    m("view v {\n  a | c.d\n  ⟨guarantie⟩ ordered per id\n}\n", "syntax", "did you mean `guarantee`?", Cures),
    m("view v {\n  a | c.d\n  guarantee ⟨orderd⟩ per id\n}\n", "syntax", "did you mean `ordered`?", Cures),
    m("view v {\n  a | c.d\n  guarantee ordered ⟨by⟩ id\n}\n", "syntax", "expected `per` or `totally`", No),
    m("view v {\n  a | c.d\n  audit count() ⟨hourly⟩\n}\n", "syntax", "expected", No),
    m("view v {\n  a | c.d\n  audit sum(x) every 1d within ⟨0.01⟩\n}\n", "unit_missing", "lacks its `%`", Cures),
    m("view v {\n  a | c.d\n  via ⟨cdcc⟩\n}\n", "syntax", "did you mean `cdc`?", Cures),
    m("view v {\n  a | c.d\n  ⟨writes⟩ x\n}\n", "misplaced_statement", "belongs in a service, not in a view", No),
    m("view v {\n  a | c.d\n  ⟨frobnicate⟩ x\n}\n", "syntax", "unknown statement `frobnicate` in a view", No),
    m("view v {\n  a | c.d\n  bad records ⟨skip⟩\n}\n", "syntax", "expected `stop` or `to`", No),
    m("defaults {\n  ⟨audti⟩ count() every 1d\n}\n", "syntax", "did you mean `audit`?", Cures),
    // Environments.
    m("environment prod {\n  system shop {\n    host ⟨\"db\"⟩\n  }\n}\n", "syntax", "expected `=`", Cures),
    m("environment prod {\n  system shop {\n    host⟨:⟩ \"db\"\n  }\n}\n", "syntax", "not `:`", Cures),
    m("environment prod {\n  system shop {\n    host =⟨⟩\n  }\n}\n", "syntax", "expected a value", No),
    m("environment prod {\n  system shop { host = \"a\" ⟨port⟩ = 5432 }\n}\n", "syntax", "expected `,` or", Cures),
    m(
        "environment prod {\n  system shop { slot_limit = ⟨64GB⟩ }\n}\n",
        "bad_value",
        "neither a size nor a duration",
        No,
    ),
    m("environment prod {\n  system shop { url = [\"a\", \"b\"⟨⟩ }\n}\n", "syntax", "`]`", Cures),
    m("environment prod {\n  ⟨depoy⟩ files\n}\n", "syntax", "did you mean `deploy`?", Cures),
    m("environment prod {\n  ⟨sytem⟩ shop { host = \"x\" }\n}\n", "syntax", "did you mean `system`?", Cures),
    m("environment prod {\n  secret a = env ⟨A⟩\n}\n", "syntax", "lacks its quotes", Cures),
    m("environment prod {\n  ⟨guarantee⟩ ordered per id\n}\n", "misplaced_statement", "belongs in a view", No),
    m("environment prod {\n  x = ⟨99999999999999999999⟩\n}\n", "bad_value", "too large", No),
    m("environment prod {\n  x = ⟨99999999999TiB⟩\n}\n", "bad_value", "too large", No),
    // More of what newcomers type.
    m("entity product ⟨{⟩\n  id bigint key\n}\n", "syntax", "expected `in`, found `{`", No),
    m("entity product in a.b ⟨(⟩\n  id bigint key,\n  name text\n)\n", "syntax", "in braces, not in parentheses", No),
    m("⟨ENTITY⟩ a in b.c {\n  id bigint key\n}\n", "syntax", "did you mean `entity`?", Cures),
    m("event a in b.c ⟨partition⟩ by id {\n  id bigint key\n}\n", "syntax", "did you mean `partitioned`?", Cures),
    m("event a in b.c\n  ⟨partitioned by id {⟩\n  id bigint key\n}\n", "syntax", "stands on one line", Cures),
    m("event a in b.c partitioned by ⟨{⟩\n  id bigint key\n}\n", "syntax", "expected a column or expression", No),
    m("secret x ⟨=⟩ \"hunter2\"\n", "syntax", "never stands in a file", No),
    m("system shop:⟨⟩\n  kind: postgres\n", "syntax", "found the end of the line", No),
    m("system shop: postgres { schema ⟨schemas/x.sql⟩ }\n", "syntax", "lacks its quotes", Cures),
    m("system shop: postgres { leader ⟨eu⟩ }\n", "syntax", "expected `in` or `per`", No),
    m("pipeline ⟨my-shop⟩\n", "syntax", "signs other than letters", Cures),
    m("edition ⟨\"2026\"⟩\n", "syntax", "stands without quotes", Cures),
    m("import \"a.dia\"⟨,⟩ \"b.dia\"\n", "syntax", "expected the end of the line", No),
    m("⟨@⟩foo\n", "syntax", "expected a declaration", No),
    m("hard constraint c on a: unique ⟨email⟩\n", "syntax", "found `email`", No),
    m("product ⟨||⟩ search.products\n", "syntax", "no operator", No),
    m("view v\n⟨{⟩\n  a | b.c\n}\n", "syntax", "stands on the line of its declaration", Cures),
    m("view v {⟨{⟩\n  a | b.c\n}}\n", "syntax", "expected a name or path", No),
    m("view v {\n  ⟨select⟩ a from b\n}\n", "syntax", "not a query", No),
    m("view v {\n  ⟨from⟩ product\n  | search.products\n}\n", "syntax", "without a word", Cures),
    m("view v ⟨as⟩ select a from b\n", "syntax", "or `{`, found `as`", No),
    m("view v ⟨(⟩product | search.x)\n", "syntax", "in braces", No),
    m("view v {\n  a\n  | where x in ⟨1⟩, 2\n  | b.c\n}\n", "syntax", "expected `(`", No),
    m("view v {\n  a\n  | where a > 1 and⟨⟩\n  | b.c\n}\n", "syntax", "expected a column or expression", No),
    m("view v {\n  a\n  | select sum(x ⟨as⟩ y)\n  | b.c\n}\n", "syntax", "found `as`", No),
    m("view v { a | b.c ⟨guarantee⟩ ordered per id }\n", "syntax", "found `guarantee`", Cures),
    m("view v {\n  a | b.c\n  allow dual_write ⟨\"reason\"⟩\n}\n", "syntax", "expected `because`, found a text", Cures),
    m("view v {\n  a | b.c\n  allow dual_write⟨⟩\n  guarantee ordered per id\n}\n", "syntax", "expected `because`", No),
    m("view v {\n  a | b.c\n  objective fresh within 5s⟨.⟩\n}\n", "syntax", "found `.`", No),
    m("view v {\n  a | b.c\n  rebuild from log ⟨in⟩ 6h\n}\n", "syntax", "expected `within`", Cures),
    m("view v {\n  a | b.c\n  audit every ⟨1h⟩\n}\n", "syntax", "found `1h`", No),
    m("view v {\n  a | b.c\n  ⟨@⟩foo\n}\n", "syntax", "expected a statement of a view", No),
    m("process p from a {\n  emit b\n  assume deterministic⟨⟩\n}\n", "syntax", "expected `because`", No),
    m("service s {\n  reads a⟨;⟩ b\n}\n", "syntax", "not with `;`", No),
    m("service s {\n  writes a ⟨reads⟩ b\n}\n", "syntax", "found `reads`", No),
    m("service s {\n  reads a for⟨⟩\n}\n", "syntax", "expected a purpose", No),
    m("service s {\n  reads a.b.⟨⟩\n}\n", "syntax", "expected a name", No),
    m("entity a in b.c {\n  id bigint key references⟨⟩\n}\n", "syntax", "found the end of the line", No),
    m("entity a in b.c {\n  id⟨:⟩ bigint key\n}\n", "syntax", "without `:`", Cures),
    m("entity a in b.c {\n  id uuid key operation ⟨client⟩\n}\n", "syntax", "expected `from`", Cures),
    m("entity a in b.c {\n  price decimal(12,2⟨⟩\n  name text\n}\n", "syntax", "expected `,` or `)`", Cures),
    m("environment prod {\n  replicas ⟨3⟩\n}\n", "syntax", "expected `=`", Cures),
    m("environment prod {\n  system shop {\n    host = ⟨db.internal⟩\n  }\n}\n", "syntax", "lacks its quotes", Cures),
    m("environment prod {\n  secret x = vault⟨(⟩\"a\")\n}\n", "syntax", "expected a text in quotes, found `(`", No),
];

/// The text without marks, and where they stood.
fn marked(text: &str) -> (String, usize, usize) {
    let (before, rest) = text.split_once('⟨').unwrap_or((text, "⟩"));
    let (inside, after) = rest.split_once('⟩').unwrap_or((rest, ""));
    (format!("{before}{inside}{after}"), before.len(), before.len() + inside.len())
}

fn cured(text: &str, fix: &crate::diag::Fix) -> String {
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.range(), &edit.text);
    }
    text
}

#[test]
fn each_mistake_is_one_finding_at_its_place() {
    let file = FileId(0);
    let show = std::env::var_os("SHOW").is_some();
    let mut wrong = Vec::new();
    for mistake in MISTAKES {
        let (text, from, to) = marked(mistake.text);
        let lines = LineIndex::new(&text);
        let place = |at: u32| lines.position(&text, at);
        let span = Span::new(file, from, to);
        let findings = parse(file, &text).diagnostics;
        let described: Vec<String> = findings
            .iter()
            .map(|d| {
                let (a, b) = (place(d.primary.span.start), place(d.primary.span.end));
                let fix = d.fix.as_ref().map(|fix| cured(&text, fix));
                format!(
                    "{} {}:{}-{}:{} {} [{}] fix {fix:?}",
                    d.rule,
                    a.line,
                    a.column,
                    b.line,
                    b.column,
                    d.message,
                    d.help.clone().unwrap_or_default()
                )
            })
            .collect();
        if show {
            println!("{}\n   {}", mistake.text, described.join("\n   "));
        }
        let good = match findings.as_slice() {
            [only] => {
                let fix = match &only.fix {
                    None => Fix::None,
                    Some(fix) if parse(file, &cured(&text, fix)).diagnostics.is_empty() => Fix::Cures,
                    Some(_) => {
                        wrong.push(format!("the edit does not cure: {text}"));
                        Fix::Cures
                    }
                };
                only.rule == mistake.rule
                    && only.message.contains(mistake.says)
                    && only.primary.span == span
                    && fix == mistake.fix
            }
            _ => false,
        };
        if !good {
            wrong.push(format!(
                "{}\n   want {} {:?} {:?}\n   got  {}",
                mistake.text,
                mistake.rule,
                mistake.says,
                mistake.fix,
                described.join("\n        ")
            ));
        }
    }
    assert!(MISTAKES.len() >= 190, "{} mistakes", MISTAKES.len());
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), MISTAKES.len(), wrong.join("\n"));
}
