use super::{Context, Sink, rule};
use crate::model::relation::InputId;
use crate::model::walk::Reader;
use crate::plan::{Origin, needed_log};
use crate::units::size;

rule! {
    /// A replication slot loses its place before the longest outage is over.
    ///
    /// `slot_limit` is how much of its log the server keeps for the slot. While the capture stands still, the log grows by what the whole server writes
    /// (`log rate`); when the bound is reached the server gives the slot up. Only a new snapshot helps then, and rows that were deleted meanwhile are never
    /// noticed. What has to fit is twice the outage (`survives outage of`, 3 days unless stated) with the way back.
    ///
    /// ```dia,bad
    /// system shop: postgres { log rate 5MiB/s }
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   secret pw = env "PW"
    ///   system kafka { bootstrap = "kafka:9092" }
    ///   system shop { host = "shop-db", database = "shop", password = secret pw, slot_limit = 64GiB }
    ///   system search { url = "https://search:9200" }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres { log rate 100KiB/s }
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   secret pw = env "PW"
    ///   system kafka { bootstrap = "kafka:9092" }
    ///   system shop { host = "shop-db", database = "shop", password = secret pw, slot_limit = 64GiB }
    ///   system search { url = "https://search:9200" }
    /// }
    /// ```
    {
        name: "slot_too_small", severity: Error, waivable: true, title: "a slot is given up before the outage is over", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for source in cx.plan.deployments.iter().flat_map(|deployment| &deployment.sources) {
        let (Some(limit), system) = (&source.slot_limit, model.system(source.system)) else { continue };
        let Some(rate) = &system.log_rate else { continue };
        let Origin::Stated(at) = limit.why.origin else { continue };
        let captured = |reader: &Reader| {
            model.follows(*reader).into_iter().any(|input| match input {
                InputId::Entity(id) => model.entity(id).home.system == source.system,
                InputId::Event(_) | InputId::View(_) => false,
            })
        };
        let longest = model.all_readers().filter(captured).map(|reader| needed_log(reader.view()));
        let Some(needed) = longest.reduce(|first, next| if next.ms > first.ms { next } else { first }) else {
            continue;
        };
        let rate_of = PerSecond(rate.value);
        let bytes = rate_of.written(needed.ms);
        if bytes <= limit.value {
            continue;
        }
        let name = &system.name;
        let full = rate_of.takes(limit.value);
        let wanted = size(bytes.div_ceil(GIB).saturating_mul(GIB));
        let mut finding = sink
            .at(
                at,
                format!(
                    "the slot of `{name}` keeps {}, and {wanted} may be written while it stands still",
                    size(limit.value)
                ),
            )
            .here(format!("full after {}", full))
            .also(rate.span, "so much does the server write to its log");
        if let Some(span) = needed.span {
            finding = finding.also(span, needed.sum.clone());
        }
        sink.push(
            finding
                .help(format!(
                    "give the server the room and write `slot_limit = {wanted}`, or state a shorter `survives outage of`"
                ))
                .story([
                    format!(
                        "The capture of `{name}` stops; {} later its log has outgrown what the slot may keep.",
                        full
                    ),
                    "The server gives the slot up.".to_owned(),
                    "The capture comes back and has to start anew: rows deleted meanwhile stay in every view."
                        .to_owned(),
                ]),
        );
    }
}

const GIB: u64 = 1 << 30;

/// What a server writes to its log, in bytes a second.
#[derive(Clone, Copy)]
struct PerSecond(f64);

impl PerSecond {
    /// Bytes after that many ms.
    fn written(self, ms: u64) -> u64 {
        // A rate is a few digits and a time at most years: what is lost in between is no byte that matters.
        whole(self.0 * seconds(ms))
    }

    /// How long so many bytes take, in words.
    fn takes(self, bytes: u64) -> String {
        let minutes = whole(seconds(bytes) * 1000.0 / self.0.max(f64::MIN_POSITIVE) / 60.0);
        match minutes {
            0..=180 => format!("{minutes} minutes"),
            181..=4320 => format!("{} hours", minutes / 60),
            _ => format!("{} days", minutes / 1440),
        }
    }
}

fn seconds(thousandths: u64) -> f64 {
    thousandths as f64 / 1000.0
}

/// A number that is not negative, without what stands behind the point.
fn whole(number: f64) -> u64 {
    number as u64
}
