use super::{Context, Sink, rule};
use crate::plan::{Origin, Reading, Slot, Source};

rule! {
    /// Two captures read one replication slot.
    ///
    /// A slot remembers how far one reader has come. Two readers take turns: each gets what the other does not see, and what one confirms is gone for
    /// the other. Of a binlog it is the server id that tells readers apart: the server cuts off one of two that have the same.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system crm: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// entity customer in crm.public.customers { customer_id bigint key }
    /// product | search.products
    /// customer | search.customers
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   secret pw = env "PW"
    ///   system shop { host = "db", database = "shop", password = secret pw, slot_limit = 64GiB, slot = "debezium" }
    ///   system crm { host = "db", database = "crm", password = secret pw, slot_limit = 64GiB, slot = "debezium" }
    ///   system search { url = "http://search:9200" }
    /// }
    /// ```
    ///
    /// Give each capture a slot of its own, or leave the name to diac.
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system crm: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// entity customer in crm.public.customers { customer_id bigint key }
    /// product | search.products
    /// customer | search.customers
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   secret pw = env "PW"
    ///   system shop { host = "db", database = "shop", password = secret pw, slot_limit = 64GiB, slot = "debezium" }
    ///   system crm { host = "db", database = "crm", password = secret pw, slot_limit = 64GiB }
    ///   system search { url = "http://search:9200" }
    /// }
    /// ```
    {
        name: "shared_slot", severity: Error, waivable: false, title: "two captures read one slot", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for deployment in &cx.plan.deployments {
        for (at, source) in deployment.sources.iter().enumerate() {
            // Slots and ids are a server's; what is not said may be another one.
            let same_server = |other: &&Source| {
                other.host.literal().is_some()
                    && other.host.literal() == source.host.literal()
                    && other.port == source.port
            };
            for other in deployment.sources.iter().take(at).filter(same_server) {
                match (&source.reading, &other.reading) {
                    (Reading::Slot(mine), Reading::Slot(theirs)) if mine.slot.value == theirs.slot.value => {
                        slots(cx, sink, (source, mine), (other, theirs));
                    }
                    (Reading::Binlog(mine), Reading::Binlog(theirs))
                        if mine.server_id.literal().is_some() && mine.server_id == theirs.server_id =>
                    {
                        ids(cx, sink, source, other);
                    }
                    _ => continue,
                }
                break;
            }
        }
    }
}

fn slots(cx: &Context, sink: &mut Sink, (source, mine): (&Source, &Slot), (other, theirs): (&Source, &Slot)) {
    let place = |why: &crate::plan::Why, system| match why.origin {
        Origin::Stated(span) => span,
        Origin::Default | Origin::Derived | Origin::Safety => cx.model.system(system).span,
    };
    let (here, there) = (place(&mine.slot.why, source.system), place(&theirs.slot.why, other.system));
    let slot = &mine.slot.value;
    sink.push(
        sink.at(here, format!("`{}` and `{}` read one slot, `{slot}`", other.name, source.name))
            .here("the same slot again")
            .also(there, format!("taken by `{}`", other.name))
            .help("give each capture a slot of its own")
            .story([
                format!("The capture of `{}` starts and reads `{slot}`.", other.name),
                format!("The capture of `{}` finds the slot in use, or takes it over after a restart.", source.name),
                "What one of them confirms the server forgets, and the other one never sees it.".to_owned(),
            ]),
    );
}

/// The same of a binlog: its readers are told apart by their ids (facts/sources MY-03).
fn ids(cx: &Context, sink: &mut Sink, source: &Source, other: &Source) {
    let stated = |source: &Source| {
        let env = cx.plan.deployments.iter().find(|it| it.sources.iter().any(|found| found.name == source.name))?.env;
        let setting = cx.model.environments.get(env?.0)?.systems.get(&source.system)?.get("server_id");
        setting.map(|setting| setting.span)
    };
    let place = |source: &Source| stated(source).unwrap_or_else(|| cx.model.system(source.system).span);
    sink.push(
        sink.at(place(source), format!("`{}` and `{}` read one binlog under one server id", other.name, source.name))
            .here("the same id again")
            .also(place(other), format!("taken by `{}`", other.name))
            .help("give each capture an id of its own, which no server and no replica has")
            .story([
                format!("The capture of `{}` registers at the server as a replica.", other.name),
                format!(
                    "The capture of `{}` registers under the same id, and the server cuts the first one off.",
                    source.name
                ),
                "It comes back and cuts off the second one, and so on: both read in turns, and neither gets on."
                    .to_owned(),
            ]),
    );
}
