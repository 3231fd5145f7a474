use super::{Context, Sink, rule};
use crate::model::Via;

rule! {
    /// Nobody knows how a copy is made.
    ///
    /// `via unknown` writes down an open question of today's landscape. Until it is answered nothing can be promised of the copy.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system bank: postgres
    /// entity order in shop.public.orders { order_id uuid key }
    /// view settlement {
    ///   order | bank.public.settlements
    ///   via unknown
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system bank: postgres
    /// entity order in shop.public.orders { order_id uuid key }
    /// view settlement {
    ///   order | bank.public.settlements
    /// }
    /// ```
    {
        name: "unknown_mechanism", severity: Warning, waivable: true, title: "nobody knows how this copy is made", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for view in cx.model.views.iter().filter(|view| view.via == Via::Unknown) {
        let Some(span) = view.via_span else { continue };
        sink.push(
            sink.of(view, span, format!("nobody knows how `{}` is made", view.name))
                .here("this path carries no guarantee")
                .also(view.span, format!("kept in {}", cx.model.store_path(view)))
                .help("find the job or the service that writes it, and say so with `via`; or delete the line and let diac feed it")
                .story(["It works until the machine it runs on is retired, and then nobody knows why it stopped."]),
        );
    }
}
