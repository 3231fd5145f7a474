use super::{Context, Sink, rule};
use crate::model::Via;

rule! {
    /// Two code paths make one view: a batch job and a stream.
    ///
    /// Two programs that should say the same drift apart with the first correction that reaches one of them. A log that is kept long enough replays what the batch
    /// would make again, with the one program there is.
    ///
    /// ```dia,bad
    /// system warehouse: snowflake
    /// event page_viewed in kafka.page_views { event_id uuid key, user_id bigint }
    /// view views_per_day {
    ///   page_viewed | warehouse.web.views
    ///   via batch and stream every 24h
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system warehouse: snowflake
    /// event page_viewed in kafka.page_views { event_id uuid key, user_id bigint }
    /// view views_per_day {
    ///   page_viewed | warehouse.web.views
    /// }
    /// ```
    {
        name: "lambda", severity: Error, waivable: true, title: "two code paths for one view", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for view in &cx.model.views {
        let (Via::BatchAndStream { .. }, Some(span)) = (&view.via, view.via_span) else { continue };
        let mut finding = sink
            .at(view.at(span), format!("a batch job and a stream both make `{}`", view.name))
            .here("two programs for one result");
        if !view.says(span) {
            finding = finding.also(span, "said for all views that say nothing else");
        }
        sink.push(
            finding
                .help("delete the line: the stream can replay what its log keeps; or `allow lambda because \"…\"`")
                .story([
                    "A correction of the rounding reaches the batch job in March and the stream in May.".to_owned(),
                    format!(
                        "In between, yesterday and today disagree in `{}`, and neither is wrong by its own program.",
                        view.name
                    ),
                ]),
        );
    }
}
