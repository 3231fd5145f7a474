use super::{Context, Sink, rule};
use crate::model::types::Type;
use crate::model::{Model, Via, View};
use crate::systems::Kind;

rule! {
    /// A view in a warehouse, or one that money is added up in, is never compared with its record.
    ///
    /// Every layer assumes that the one below it is right. An audit asks both sides the same question and says when the answers differ.
    ///
    /// Said of named views in Snowflake, BigQuery, ClickHouse and Iceberg, and of those in a relational database that hold a decimal with digits behind the point.
    /// A view in an index or a cache shows amounts and adds none up.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system warehouse: snowflake
    /// entity order in shop.public.orders { order_id uuid key, total decimal(12,2) }
    /// view orders_fact { order | warehouse.analytics.orders_fact }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system warehouse: snowflake
    /// entity order in shop.public.orders { order_id uuid key, total decimal(12,2) }
    /// view orders_fact {
    ///   order | warehouse.analytics.orders_fact
    ///   audit sum(total) every 1d within 0.01%
    /// }
    /// ```
    {
        name: "no_audit", severity: Advice, waivable: true, title: "no audit on a money or warehouse view", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for view in cx.model.views.iter().filter(|view| view.named && view.audits.is_empty() && view.via != Via::Unknown) {
        let Some(store) = &view.store else { continue };
        let amount = amount(view);
        let warehouse = match cx.model.system(store.system).kind {
            Kind::Snowflake | Kind::Bigquery | Kind::Clickhouse | Kind::Iceberg => true,
            Kind::Postgres | Kind::Mysql | Kind::Mariadb | Kind::Sqlserver | Kind::Oracle if amount.is_some() => false,
            Kind::Postgres
            | Kind::Mysql
            | Kind::Mariadb
            | Kind::Sqlserver
            | Kind::Oracle
            | Kind::Mongodb
            | Kind::Kafka
            | Kind::Flink
            | Kind::Elasticsearch
            | Kind::Opensearch
            | Kind::Redis => continue,
        };
        let audit = match &amount {
            Some(column) => format!("audit sum({column}) every 1d"),
            None => "audit count() every 1d".to_owned(),
        };
        let why = match amount {
            Some(column) if !warehouse => format!("`{column}` is added up by somebody"),
            Some(_) | None => "figures are drawn from it".to_owned(),
        };
        sink.push(
            sink.at(view.span, format!("nothing compares `{}` with its record", view.name))
                .here(why)
                .also(store.span, format!("kept in {}", place(cx.model, view)))
                .help(format!("add `{audit}`")),
        );
    }
}

/// The first column that holds an exact number with digits behind the point.
fn amount(view: &View) -> Option<String> {
    let money = |ty: &Type| matches!(ty, Type::Decimal { scale, .. } if *scale != Some(0));
    let columns = view.relation.iter().flat_map(|relation| &relation.columns);
    columns.filter(|column| money(&column.ty) && column.mask.is_none()).map(|column| column.name.clone()).next()
}

fn place(model: &Model, view: &View) -> String {
    format!("`{}`", model.store_path(view))
}
