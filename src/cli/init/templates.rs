//! The texts that are there before any schema is read.

/// A first page about a small shop, and its environment.
pub(super) fn first(pipeline: &str, page: &str) -> [String; 2] {
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

# A store that follows. Others: opensearch, redis, snowflake, and a second postgres.
system search: elasticsearch

# ---- What is decided ----

## What the shop sells. Lines with two hashes travel along: into the documents, to topics and tables.
entity product in shop.public.products {{
  product_id  bigint         key
  name        text
  price       decimal(12,2)
  stock       int
  notes       text?          # the question mark: may be null. Personal data is marked `pii`
}}

# ---- What follows ----

## What a customer can find: products in stock, without the notes.
view product_search {{
  product
  | where stock > 0
  | drop notes
  | search.products

  objective fresh within 5s
}}

# ---- Who touches it ----

# A service that also wrote `product_search` would be refused: two writers of one fact drift apart.
service storefront {{
  writes product
  reads product_search for full_text
}}
"#
    );
    let env = format!(
        r#"{}
environment local {{
  deploy files
  replication = 1
  secret shop_password = env "SHOP_PASSWORD"
  system shop {{ host = "localhost", database = "shop", password = secret shop_password }}
  system search {{ url = "http://localhost:9200" }}
}}
{PRODUCTION}"#,
        head(page, &["shop"])
    );
    [text, env]
}

/// The environment of a page whose systems are all PostgreSQL.
pub(super) fn environment(page: &str, systems: &[&str]) -> String {
    let mut text = head(page, systems);
    text.push_str("\nenvironment local {\n  deploy files\n  replication = 1\n");
    for system in systems {
        let variable = system.to_uppercase();
        text.push_str(&format!(
            "\n  secret {system}_password = env \"{variable}_PASSWORD\"\n  system {system} {{ host = \"localhost\", database = \"{system}\", \
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

fn head(page: &str, systems: &[&str]) -> String {
    let secrets: String = systems.iter().map(|system| format!("secret {system}_password\n")).collect();
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
