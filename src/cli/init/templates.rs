//! The texts that are there before any schema is read.

use crate::systems::Kind;

/// A first page by name: what the record is followed by.
pub(super) struct Template {
    /// The word behind `diac init`.
    pub name: &'static str,
    /// What it shows, for the list of them.
    pub says: &'static str,
    stores: &'static [Store],
}

/// A store of a template, and the view in it.
struct Store {
    /// Its declaration, with a remark above.
    system: &'static str,
    /// The view's name.
    view: &'static str,
    /// The view's declaration, with what it says.
    text: &'static str,
    /// For what it is read.
    purpose: &'static str,
    /// The secret it needs, if it needs one: the name and the variable.
    secret: Option<(&'static str, &'static str)>,
    /// Its line in an environment.
    settings: &'static str,
}

const SEARCH: Store = Store {
    system: "# A store that follows. Others: opensearch, redis, snowflake, and a second postgres.\nsystem search: elasticsearch\n",
    view: "product_search",
    text: "## What a customer can find: products in stock, without the notes.
view product_search {
  product
  | where stock > 0
  | drop notes
  | search.products

  objective fresh within 5s
}
",
    purpose: "full_text",
    secret: None,
    settings: "system search { url = \"http://localhost:9200\" }",
};

const CACHE: Store = Store {
    system: "# A cache that follows: one key a row, the row as JSON.\nsystem cache: redis\n",
    view: "product_card",
    text: "## What a product page shows, by the product's number.
view product_card {
  product
  | select product_id, name, price, stock
  | cache.product

  objective fresh within 2s
}
",
    purpose: "lookup",
    secret: None,
    settings: "system cache { url = \"redis://localhost:6379\" }",
};

const WAREHOUSE: Store = Store {
    system: "# A warehouse that follows: a table that is always the record's.\nsystem warehouse: snowflake\n",
    view: "products_dim",
    text: "## Products for reports. The notes stay where they are.
view products_dim {
  product
  | drop notes
  | warehouse.analytics.products_dim

  objective fresh within 15m
}
",
    purpose: "olap",
    secret: Some(("warehouse_key", "WAREHOUSE_KEY")),
    settings: "system warehouse { account = \"dev\", user = \"DIAC\", private_key = secret warehouse_key }",
};

const REPLICA: Store = Store {
    system: "# A second database that follows. Nobody but the pipeline writes what it holds.\nsystem reports: postgres\n",
    view: "report_products",
    text: "## Products for reports, in a database of their own. The notes stay where they are.
view report_products {
  product
  | drop notes
  | reports.public.products

  objective fresh within 15m
}
",
    purpose: "oltp",
    secret: Some(("reports_password", "REPORTS_PASSWORD")),
    settings: "system reports { host = \"localhost\", port = 5433, database = \"reports\", password = secret reports_password }",
};

/// All templates; the first is the one without a name.
pub(super) const ALL: &[Template] = &[
    Template { name: "search", says: "a search index", stores: &[SEARCH] },
    Template { name: "cache", says: "a cache", stores: &[CACHE] },
    Template { name: "warehouse", says: "a warehouse", stores: &[WAREHOUSE] },
    Template { name: "replica", says: "a second database", stores: &[REPLICA] },
    Template { name: "hub", says: "all of them", stores: &[SEARCH, CACHE, WAREHOUSE, REPLICA] },
];

impl Template {
    /// A first page about a small shop, and its environment.
    pub(super) fn texts(&self, pipeline: &str, page: &str) -> [String; 2] {
        let each = |of: &dyn Fn(&Store) -> String| self.stores.iter().map(of).collect::<Vec<_>>();
        let (systems, views) = (each(&|s| s.system.to_owned()).join("\n"), each(&|s| s.text.to_owned()).join("\n"));
        let reads = each(&|s| format!("  reads {} for {}\n", s.view, s.purpose)).concat();
        let first = self.stores.first().map_or("", |store| store.view);
        let text = format!(
            r#"edition 2026
pipeline {pipeline}

# A first page, made up so that there is something to change. It compiles as it is:
#
#   diac check .      everything that is wrong, at the line
#   diac graph .      a picture
#   diac compile .    every file that runs it, in out/
#
# Where it runs is said in the other file, so that this one holds what is meant and nothing else.

# ---- The systems ----

# The database that decides. With `schema "dump.sql"` in it, diac reads tables, columns and keys by itself.
system shop: postgres

{systems}
# ---- What is decided ----

## What the shop sells. Lines with two hashes travel along: into the documents, to topics and tables.
entity product in shop.public.products {{
  product_id  bigint         key
  name        text
  price       decimal(12,2)
  stock       int
  notes       text?  # the question mark: may be null. Personal data is marked `pii`
}}

# ---- What follows ----

{views}
# ---- Who touches it ----

# A service that also wrote `{first}` would be refused: two writers of one fact drift apart.
service storefront {{
  writes product
{reads}}}
"#
        );
        let secrets: Vec<(&str, &str)> = std::iter::once(("shop_password", "SHOP_PASSWORD"))
            .chain(self.stores.iter().filter_map(|store| store.secret))
            .collect();
        let bound: String = secrets.iter().map(|(name, env)| format!("  secret {name} = env \"{env}\"\n")).collect();
        let names: Vec<&str> = secrets.iter().map(|(name, _)| *name).collect();
        let settings = each(&|s| format!("  {}\n", s.settings)).concat();
        let env = format!(
            r#"{}
environment local {{
  deploy files
  replication = 1
{bound}  system shop {{ host = "localhost", database = "shop", password = secret shop_password }}
{settings}}}
{PRODUCTION}"#,
            head(page, &names)
        );
        [text, env]
    }
}

/// The environment of a page whose systems are databases.
pub(super) fn environment(page: &str, systems: &[(&str, Kind)]) -> String {
    let secrets: Vec<String> = systems.iter().map(|(system, _)| format!("{system}_password")).collect();
    let mut text = head(page, &secrets.iter().map(String::as_str).collect::<Vec<_>>());
    text.push_str("\nenvironment local {\n  deploy files\n  replication = 1\n");
    for (system, kind) in systems {
        let variable = system.to_uppercase();
        let settings = kind.facts().settings;
        let has = |name: &str| settings.iter().any(|setting| setting.name == name);
        let database = if has("database") { format!(", database = \"{system}\"") } else { String::new() };
        // Any number will do that no other reader of the server's log has.
        let server = if has("server_id") { ", server_id = 184_054" } else { "" };
        text.push_str(&format!(
            "\n  secret {system}_password = env \"{variable}_PASSWORD\"\n  system {system} {{ host = \"localhost\"{database}{server}, \
             password = secret {system}_password }}\n"
        ));
    }
    text.push_str("}\n");
    text.push_str(PRODUCTION);
    text
}

/// The environment of a page from which nothing is deployed yet.
pub(super) fn nowhere(page: &str) -> String {
    format!(
        "edition 2026\nimport \"{page}\"\n\n# Where the page will run. There is nothing to deploy yet, so nothing is said of hosts and secrets.\n"
    )
}

fn head(page: &str, secrets: &[&str]) -> String {
    let secrets: String = secrets.iter().map(|secret| format!("secret {secret}\n")).collect();
    format!(
        "edition 2026\nimport \"{page}\"\n\n# Where the page runs. A secret has a name here and its value nowhere.\n{secrets}"
    )
}

const PRODUCTION: &str = r#"
# A second environment is a second folder in out/. For Kubernetes:
#
# environment prod extends local {
#   deploy strimzi { cluster = "events", namespace = "data", connect = "connect-main" }
#   replication = 3
# }
"#;
