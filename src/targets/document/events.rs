//! The section on how events are written: what whoever emits one must put into its record.

use super::Context;
use super::terms::Writer;
use crate::model::relation::InputId;
use crate::plan::Deployment;
use crate::plan::encoding::{EventForm, HEADER, KeyPart};
use crate::targets::markdown::{Table, code, codes, inline};
use crate::targets::{docs_text, schemas};

/// The section; nothing where the page has no event.
pub fn section(cx: &Context) -> String {
    let Some(deployment) = cx.plan.deployments.iter().find(|deployment| !deployment.events.is_empty()) else {
        return String::new();
    };
    let mut text = format!(
        "Whoever emits an event writes it so; readers ignore members they do not know. The value is one JSON object in UTF-8, without a schema around it. \
         Records go to the partition that Kafka's own producers choose for the key (murmur2), with all replicas acknowledging (`acks=all`, \
         idempotent).\n\nWhere several events share a topic, the header {} (text) says which one a record is; a record without it, or with a name that \
         nobody declares, stops its readers.\n\n",
        code(HEADER)
    );
    for form in &deployment.events {
        text.push_str(&event(cx, deployment, form));
    }
    text
}

fn event(cx: &Context, deployment: &Deployment, form: &EventForm) -> String {
    let found = cx.model.event(form.event);
    let mut text =
        format!("**{}** ({}) in {}: ", code(&form.name), cx.at(found.span), code(&deployment.topic(form.topic).name));
    text.push_str(&format!("key {}; ", key(cx, form)));
    text.push_str(&if form.told_apart() {
        format!("header {} = {}; ", code(HEADER), code(&form.name))
    } else {
        format!("header {} = {}, or none; ", code(HEADER), code(&form.name))
    });
    text.push_str(&format!("emitted by {}; ", super::map::emitted_by(cx, form.event)));
    let readers = cx.index.processes(InputId::Event(form.event));
    if !readers.is_empty() {
        text.push_str(&format!("read by process {}; ", codes(readers)));
    }
    text.push_str(&format!("schema in {}.\n\n", code(&schemas::file(form))));
    let mut table = Table::new(&["member", "written as", "may be null", "means"]);
    for field in &form.fields {
        table.row([
            code(&field.name),
            inline(&schemas::words(&field.ty)),
            if field.nullable { "yes, or missing".into() } else { "no".into() },
            inline(&docs_text(&field.docs)),
        ]);
    }
    text + &table.or("Its members are not declared.")
}

fn key(cx: &Context, form: &EventForm) -> String {
    if let [KeyPart::Other(term)] = form.key.as_slice() {
        return format!("the text of {}", code(&Writer::plain(cx).text(term)));
    }
    schemas::key(form)
}
