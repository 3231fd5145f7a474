use super::{Context, Sink, rule};
use crate::plan::Origin;

rule! {
    /// Two captures read one replication slot.
    ///
    /// A slot remembers how far one reader has come. Two readers take turns: each gets what the other does not see, and what one confirms is gone for
    /// the other.
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
            let before = deployment.sources.iter().take(at).find(|other| {
                // Slots are a server's; what is not said may be another one.
                other.slot.value == source.slot.value
                    && other.host.literal().is_some()
                    && other.host.literal() == source.host.literal()
                    && other.port == source.port
            });
            let Some(other) = before else { continue };
            let place = |why: &crate::plan::Why, system| match why.origin {
                Origin::Stated(span) => span,
                Origin::Default | Origin::Derived | Origin::Safety => cx.model.system(system).span,
            };
            let (here, there) = (place(&source.slot.why, source.system), place(&other.slot.why, other.system));
            let slot = &source.slot.value;
            sink.push(
                sink.at(here, format!("`{}` and `{}` read one slot, `{slot}`", other.name, source.name))
                    .here("the same slot again")
                    .also(there, format!("taken by `{}`", other.name))
                    .help("give each capture a slot of its own")
                    .story([
                        format!("The capture of `{}` starts and reads `{slot}`.", other.name),
                        format!(
                            "The capture of `{}` finds the slot in use, or takes it over after a restart.",
                            source.name
                        ),
                        "What one of them confirms the server forgets, and the other one never sees it.".to_owned(),
                    ]),
            );
        }
    }
}
