//! How the stores of views are reached.

use super::names::database_name;
use super::settings::Settings;
use super::{Address, Template};
use crate::model::{SystemId, Value};
use crate::systems::Kind;

/// The address of a store; none for a kind this version does not fill.
pub(super) fn address(settings: &mut Settings, system: SystemId) -> Option<Address> {
    let model = settings.model;
    let name = model.system(system).name.clone();
    Some(match model.system(system).kind {
        Kind::Postgres => {
            let role = settings
                .literal(system, "user")
                .map_or_else(|| database_name(&model.pipeline, &name), |user| user.value);
            let about = format!("password of the role `{role}` in `{name}`");
            Address::Postgres {
                host: settings.template(system, "host", &format!("name or address of the server of `{name}`")),
                port: settings.template_or(system, "port", &format!("port of `{name}`"), "5432"),
                database: settings.template(system, "database", &format!("database of `{name}`")),
                password: settings.template(system, "password", &about),
                sslmode: settings.literal(system, "sslmode").map(|mode| mode.value),
                role,
            }
        }
        Kind::Elasticsearch | Kind::Opensearch => {
            let about = format!("base address of `{name}`");
            let optional = |settings: &mut Settings, key: &str, about: &str| {
                settings
                    .system(system, key)
                    .map(|setting| setting.value.clone())
                    .map(|value: Value| settings.value(&value, about))
            };
            Address::Search {
                urls: settings.templates(system, "url", &about),
                user: optional(settings, "user", &format!("user of `{name}`")),
                password: optional(settings, "password", &format!("password for `{name}`")),
            }
        }
        Kind::Redis => Address::Redis { url: settings.template(system, "url", &format!("address of `{name}`")) },
        Kind::Snowflake => {
            let account = settings.template(system, "account", &format!("account of `{name}`"));
            let text = |settings: &Settings, key: &str, default: &str| {
                settings.literal(system, key).map_or_else(|| default.to_owned(), |stated| stated.value)
            };
            Address::Snowflake {
                url: account.then(Template::text(".snowflakecomputing.com:443")),
                user: settings.template(system, "user", &format!("user of the connector in `{name}`")),
                private_key: settings.template(system, "private_key", &format!("private key of that user in `{name}`")),
                role: text(settings, "role", "DIAC"),
                database: text(settings, "database", &name.to_uppercase()),
                warehouse: text(settings, "warehouse", "DIAC_WH"),
            }
        }
        Kind::Mysql
        | Kind::Mariadb
        | Kind::Sqlserver
        | Kind::Oracle
        | Kind::Mongodb
        | Kind::Kafka
        | Kind::Flink
        | Kind::Bigquery
        | Kind::Clickhouse
        | Kind::Iceberg => return None,
    })
}
