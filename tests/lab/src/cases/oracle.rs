//! The real consumers as judges of generated files: Connect's validate endpoint, Bento's linter, databases that take each file twice and are as before after
//! the teardown.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use crate::clients::{connect, http};
use crate::pipeline::Pipeline;
use crate::servers::postgres::Postgres;

/// The worker has nothing against any connector of the tree, and knows every key.
pub fn validate(pipeline: &Pipeline) -> Result<usize> {
    let connectors = pipeline.tree.connectors()?;
    for (name, config) in &connectors {
        let complaints = connect::validate(&pipeline.connect.url, name, config)?;
        ensure!(complaints.is_empty(), "{name}: {}", complaints.join("\n"));
    }
    Ok(connectors.len())
}

/// What databases hold, as names: what a teardown must bring back.
pub type Inventory = BTreeMap<String, BTreeSet<String>>;

/// Everything that generated SQL could make, in some databases.
pub fn inventory(postgres: &Postgres, databases: &[&str]) -> Result<Inventory> {
    databases.iter().map(|it| Ok(((*it).to_owned(), inventory_of(postgres, it)?))).collect()
}

fn inventory_of(postgres: &Postgres, database: &str) -> Result<BTreeSet<String>> {
    let rows = postgres.client(database)?.query(
        "SELECT 'relation ' || n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
         UNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
          WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
         UNION ALL SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
         UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'
         UNION ALL SELECT 'publication ' || pubname FROM pg_publication
         UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots WHERE database = current_database()
         UNION ALL SELECT 'role ' || rolname FROM pg_roles
         UNION ALL SELECT 'right of ' || a.grantee::regrole || ' in ' || c.oid::regclass FROM pg_class c, aclexplode(c.relacl) a
          WHERE a.grantee NOT IN (0, 10)",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Runs everything a second time, sweeps, deletes the connectors and tears down. `systems` are pairs of a folder below `sql` and its database. What
/// remains is what was there before, and the views' own tables, which the teardown leaves to be read.
pub fn apply_again_and_tear_down(
    postgres: &Postgres,
    pipeline: Pipeline,
    systems: &[(&str, &str)],
    before: &Inventory,
) -> Result<()> {
    pipeline.tree.apply()?;
    pipeline.wait_running()?;
    let Pipeline { tree, connect, bento } = pipeline;
    drop(bento);
    for (folder, database) in systems {
        for sweep in tree.files(&format!("sql/{folder}"), "sql")?.iter().filter(|it| it.ends_with("95-sweep.sql")) {
            for _ in 0..2 {
                tree.sql(&postgres.url(database), &sweep.display().to_string())?;
            }
        }
    }
    for (name, _) in tree.connectors()? {
        http::delete(&format!("{}/connectors/{name}", connect.url))?.success()?;
    }
    // A deleted connector's task lets go of the slot a moment later; the worker's end does it for certain.
    drop(connect);
    for (folder, database) in systems {
        let url = postgres.url(database);
        for _ in 0..2 {
            tree.sql(&url, &format!("sql/{folder}/99-teardown.sql"))?;
        }
        let left = inventory_of(postgres, database)?;
        let empty = BTreeSet::new();
        let was = before.get(*database).unwrap_or(&empty);
        let tables = std::fs::read_to_string(tree.at(&format!("sql/{folder}/99-teardown.sql")))?;
        let is_view = |name: &str| {
            let bare = name.rsplit('.').next().unwrap_or(name);
            let bare = bare.strip_suffix("_pkey").unwrap_or(bare);
            name.starts_with("relation ")
                && tables.contains(&format!("--   DROP TABLE IF EXISTS \"public\".\"{bare}\";"))
        };
        let new: Vec<&String> =
            left.difference(was).filter(|it| !is_view(it) && !is_role_of_another(it, systems, database)).collect();
        ensure!(new.is_empty(), "{database}: left by the teardown: {new:#?}");
        let lost: Vec<&String> = was.difference(&left).collect();
        ensure!(lost.is_empty(), "{database}: taken by the teardown: {lost:#?}");
    }
    Ok(())
}

/// Roles belong to the cluster: those of the systems still to be torn down are no business of this one.
fn is_role_of_another(name: &str, systems: &[(&str, &str)], database: &str) -> bool {
    let rest = systems.iter().skip_while(|(_, it)| *it != database).skip(1);
    name.starts_with("role ") && rest.count() > 0
}
