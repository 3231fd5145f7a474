use super::{Context, Sink, rule};

rule! {
    /// Foreign code may answer otherwise when it reads the same again.
    ///
    /// After every restart some events are read again. What makes events of them has to make the same ones, else two answers to one question are on their way.
    /// Of foreign code diac sees nothing but the image's name: say why it answers alike, in `assume deterministic because "…"`. It is listed in the document.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// event application in log.applications { request_id uuid key operation from client }
    /// event decision in log.decisions { request_id uuid key }
    /// process score from application {
    ///   run "scorer:latest"
    ///   emit decision
    /// }
    /// service desk { emits application }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// event application in log.applications { request_id uuid key operation from client }
    /// event decision in log.decisions { request_id uuid key }
    /// process score from application {
    ///   run "scorer:14"
    ///   emit decision
    ///   assume deterministic because "the decision is stored under request_id; a replay reads it"
    /// }
    /// service desk { emits application }
    /// ```
    {
        name: "nondeterminism", severity: Error, waivable: true, title: "a replay would answer differently", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for process in &model.processes {
        let Some(run) = &process.run else { continue };
        let assumed = !process.assumes.is_empty()
            || (!process.emits.is_empty()
                && process.emits.iter().all(|emit| !model.event(emit.event).assumes.is_empty()));
        if assumed || sink.misread(process.scope) {
            continue;
        }
        let emitted: Vec<String> =
            process.emits.iter().map(|emit| format!("`{}`", model.event(emit.event).name)).collect();
        let emitted = if emitted.is_empty() { "its answer".to_owned() } else { emitted.join(" or ") };
        let message = format!("`{}` runs foreign code, and nothing says that it answers alike twice", process.name);
        let finding =
            sink.at(run.span, message).here("no `assume deterministic`").also(process.span, "in this process");
        sink.push(
            finding
                .help("pin the image and add `assume deterministic because \"…\"`; or store the decision under the id of what caused it")
                .story([
                    format!("`{}` reads an event, emits {emitted}, and is restarted.", process.name),
                    "It reads the event again, with another version, another table or another clock.".to_owned(),
                    "The second answer is not the first; both were sent.".to_owned(),
                ]),
        );
    }
}
