use super::{Context, Sink, rule};
use crate::model::{Entity, Model};
use crate::plan::baseline::{OldForm, OldRecord, routed};

rule! {
    /// The key of a log changes: the same row gets other bytes for a key, and is another row to everything behind it.
    ///
    /// Kafka finds a key's partition, and compaction a key's older versions, by its bytes; stores find a row by it. Another column in the key, another name or
    /// another type of one (the key is written with its schema) moves rows to other partitions and leaves their old versions behind for ever.
    ///
    /// Compared with an earlier compilation (`--against`, or the folder that is compiled to); silent without one.
    ///
    /// ```dia,before
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id int key }
    /// view found { product | search.products }
    /// ```
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view found { product | search.products }
    /// ```
    ///
    /// So do the records of an event that is `partitioned by` something else.
    ///
    /// Stop the writers, let every view catch up, and start a log of another name: an environment gives the system a new `topic_prefix`. Then say `allow` with
    /// the date of that change.
    {
        name: "key_bytes_change", severity: Error, waivable: true, title: "the key of a log changes", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for form in cx.old_forms() {
        entities(cx, sink, &form);
        events(cx, sink, &form);
    }
}

/// Events whose records are routed by something else now.
fn events(cx: &Context, sink: &mut Sink, form: &OldForm) {
    for event in cx.model.events.iter().filter(|event| !event.routing.is_empty()) {
        let Some(was) = form.records.events.get(&event.name).and_then(OldRecord::routing) else { continue };
        let is = routed(&event.routing);
        if is == was {
            continue;
        }
        let name = &event.name;
        let span = event.partitioned.unwrap_or(event.span);
        let mut finding = sink
            .at(span, format!("`{name}` is partitioned by {is}, and was by {was}"))
            .here("what routes a record is its key in the log");
        if span != event.span {
            finding = finding.also(event.span, format!("the log of `{name}` holds records under the old key"));
        }
        sink.push(
            finding.help(format!("keep `partitioned by {was}`, or record `{name}` in a topic of another name")).story(
                [
                    format!("A record of `{name}` lies in a partition that a reader has not come to yet."),
                    format!("The next one that belongs behind it is routed by {is}, into another partition."),
                    "The reader meets the second one first.".to_owned(),
                ],
            ),
        );
    }
}

fn entities(cx: &Context, sink: &mut Sink, form: &OldForm) {
    let captured = cx.model.captured_entities();
    for id in captured {
        let entity = cx.model.entity(id);
        let Some(old) = form.records.entities.get(&entity.name).filter(|_| form.captures(&entity.name)) else {
            continue;
        };
        if old.key.is_empty() || entity.key.is_empty() {
            continue;
        }
        let Some((culprit, what)) = changed(entity, old) else { continue };
        let span = culprit.and_then(|name| entity.column(name)).map_or(entity.span, |column| column.span);
        let mut finding =
            sink.at(span, format!("the key of `{}` changes: {what}", entity.name)).here("part of the key");
        if span != entity.span {
            finding = finding.also(entity.span, format!("the log of `{}` holds rows under the old key", entity.name));
        }
        sink.push(
            finding.help(help(cx.model, entity, old)).story([
                format!("Row 17 of `{}` lies in the log under the old key.", entity.name),
                "It changes, and the change is written under the new key, into another partition.".to_owned(),
                "Compaction keeps both for ever; a view that is made again has row 17 twice, or in its old form."
                    .to_owned(),
            ]),
        );
    }
}

/// The first difference of two keys: the column that is there now, and what is to be said.
fn changed<'a>(entity: &'a Entity, old: &OldRecord) -> Option<(Option<&'a str>, String)> {
    if entity.key != old.key {
        let new = entity.key.iter().find(|name| !old.key.contains(name)).map(String::as_str);
        return Some((
            new.or(entity.key.first().map(String::as_str)),
            format!("({}) was ({})", entity.key.join(", "), old.key.join(", ")),
        ));
    }
    entity.key.iter().find_map(|name| {
        let (is, was) = (entity.column(name)?.ty.word(), &old.columns.iter().find(|column| column.name == *name)?.ty);
        (is != *was).then(|| (Some(name.as_str()), format!("`{name}` is {is} and was {was}")))
    })
}

fn help(model: &Model, entity: &Entity, old: &OldRecord) -> String {
    let system = &model.system(entity.home.system).name;
    format!("keep ({}) as it was, or start a new log: another `topic_prefix` for `{system}`", old.key.join(", "))
}
