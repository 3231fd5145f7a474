use super::{Context, Sink, rule};

rule! {
    /// A rule may be broken for a while, and nothing says how that is found or made good.
    ///
    /// A soft rule is a promise to notice and to make amends: how often it is looked at, and the event that starts the amends.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// entity stock in shop.public.stock { product_id bigint key, on_hand int }
    /// soft constraint never_oversold on stock: on_hand >= 0
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system log: kafka
    /// entity stock in shop.public.stock { product_id bigint key, on_hand int }
    /// event oversold in log.oversold { product_id bigint key, missing int }
    /// soft constraint never_oversold on stock: on_hand >= 0 {
    ///   check every 1m
    ///   compensate with oversold
    /// }
    /// ```
    {
        name: "unrepaired_soft_rule", severity: Error, waivable: false, title: "a soft rule without repair", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for constraint in cx.model.constraints.iter().filter(|constraint| !constraint.hard) {
        let (lacks, add) = match (constraint.compensates, constraint.check_every.is_some()) {
            (true, true) => continue,
            (false, true) => ("what makes amends", "`compensate with event`, the event that starts the amends"),
            (true, false) => ("how often it is looked at", "`check every 1m`"),
            (false, false) => (
                "how it is found and what makes amends",
                "`check every 1m` and `compensate with event`, the event that starts the amends",
            ),
        };
        if sink.misread(constraint.scope) {
            continue;
        }
        let finding = sink
            .at(constraint.span, format!("`{}` may be broken, and nothing says {lacks}", constraint.name))
            .here("a soft rule")
            .also(constraint.rule_span, "what may not hold for a while");
        sink.push(finding.help(format!("add {add}; or make it a `hard constraint`")).story([
            format!("`{}` is broken on the first busy day.", constraint.name),
            "Nobody is told; the only question is who finds out.".to_owned(),
        ]));
    }
}
