//! The document of the sample, read as a reviewer would.

use super::*;
use crate::targets::sample;

fn sample_text() -> String {
    sample::with_sound(|plan, others| {
        let cx = Context::new(plan, others);
        text(&cx, &drawings(&cx))
    })
}

#[test]
fn first_tables_name_what_keeps_each_view() {
    let text = sample_text();
    let table = text.split("## 2. Data flow").next().unwrap();
    for piece in [
        "| `product` | shop · `public.products` | `product_id` | `storefront` | `product_search`, `product_card`, `labels` | – |",
        "| `product_search` | `product` | state | `product_id` | search · index `products_v1`, read as `products` | Bento 1.17.0 | `storefront` (full_text) |",
        "Kafka Connect, `debezium-jdbc` 3.6.0.Final",
        "nobody knows (`via unknown`)",
        "`importer`, by code of its own",
    ] {
        assert!(table.contains(piece), "{piece} in\n{table}");
    }
}

#[test]
fn only_what_is_argued_is_called_proved() {
    let text = sample_text();
    assert!(text.contains("| `ordered per product_id` | `shop.dia:31` | **proved** |"), "{text}");
    assert!(text.contains("Why `ordered per product_id` is proved:"), "{text}");
    assert!(text.contains("Therefore: the store takes a change only if its position in the record's log is higher."));
    assert!(text.contains("Bounded check: "), "{text}");
    assert!(text.contains("budgeted and watched, not proved"));
    assert_eq!(text.matches("**proved**").count(), text.matches("Why `").count(), "{text}");
}

#[test]
fn risks_defaults_and_raw_values_are_listed() {
    let text = sample_text();
    assert!(text.contains("| `dual_write` | moves \\| in spring | 2026-12-31 | `shop.dia:24` | two places are written for one fact (`shop.dia:22`) |"), "{text}");
    assert!(text.contains("| partitions | 6 | Changing it later moves keys. | default | all |"), "{text}");
    assert!(text.contains("`batch.size` of `shop-sink-open_orders-v1` | `2000`"), "{text}");
    assert!(text.contains("## 7. Environment `dev`") && text.contains("## 8. Environment `prod`"));
}

#[test]
fn no_machine_path_and_no_open_fence() {
    let text = sample_text();
    assert!(!text.contains("examples/"), "the folder all files are in is left out");
    assert!(text.contains("`sub/shop.env.dia`"));
    assert_eq!(text.matches("```").count() % 2, 0);
    for line in text.lines() {
        assert_eq!(line.trim_end(), line, "{line:?}");
    }
}

#[test]
fn diagrams_are_files_too() {
    let out = sample::emit(&[&Document]);
    for name in ["dataflow", "write-path", "read-path", "ordering"] {
        let chart = &out.get(&format!("diagrams/{name}.mmd")).unwrap().text;
        assert!(chart.starts_with("flowchart LR\n"), "{chart}");
    }
    let chart = &out.get("diagrams/dataflow.mmd").unwrap().text;
    assert!(chart.contains("-->|\"change log, per product_id\"|"), "{chart}");
    assert!(chart.contains("-->|\"within 5s, Bento\"|"), "{chart}");
    assert!(chart.contains("-.->|\"nobody knows how\"|"), "{chart}");
}

#[test]
fn many_tables_become_one_node() {
    let (mut model, plan, sources) = (sample::model(), sample::plan(), sample::sources());
    for number in 0..60 {
        let mut entity = model.entities[0].clone();
        entity.name = format!("t{number}");
        entity.home.table = entity.name.clone();
        model.entities.push(entity);
    }
    let sound = SoundPlan::for_tests(&model, &plan, &sources);
    let mut out = OutputTree::default();
    Document.emit(&sound, &mut out);
    let chart = &out.get("diagrams/write-path.mmd").unwrap().text;
    assert!(chart.contains("60 tables"), "{chart}");
    assert!(!chart.contains("t37"), "{chart}");
}

/// The document of a page as it would be if nothing stood against it: of pages that this version does not compile too.
fn page(name: &str) -> String {
    let inputs = crate::cli::load::load(&[name.to_owned()]).unwrap();
    let resolved = crate::model::resolve::resolve(&inputs);
    let plan = crate::plan::plan(&resolved.model, None);
    let checked = crate::check::check(&resolved.model, &plan, &inputs.sources, resolved.diagnostics, "2026-07-01");
    let mut sound = SoundPlan::for_tests(&resolved.model, &plan, &inputs.sources);
    sound.findings = &checked.findings;
    let cx = Context::new(&sound, &OutputTree::default());
    text(&cx, &drawings(&cx))
}

fn has(text: &str, pieces: &[&str]) {
    for piece in pieces {
        assert!(text.contains(piece), "{piece}\nis not in\n{text}");
    }
}

#[test]
fn a_page_of_events_and_processes_shows_them() {
    let text = page("examples/transfers");
    has(
        &text,
        &[
            "| `instruction` | log · `account_instructions` | `request_id`, `leg` | `account_id` | 7d | process `split_transfer` | `ledger` |",
            "| `split_transfer` | `transfer_requested` | `instruction` | declared here, line by line |",
            "### 3.3 Process `split_transfer` (`transfers.dia:33`)",
            "`account_id` = `from_account`, `amount` = `-amount` | `transfers.dia:34` |",
            "- An operation goes by `instruction.leg` (`transfers.dia:21`), which belongs to the identity of `instruction`.",
            "- Rows are put together by `account_id` (`transfers.dia:51`).",
            "| `balance` | `sum(amount)` | `transfers.dia:23` |",
            "| `transfer_requested` | Every record, for ever (`retain forever`). |",
            "n2 -->|\"emits instruction, per account_id\"| n3",
        ],
    );
    assert!(!text.contains("### Entities") && !text.contains("Entity by entity"), "{text}");
    assert!(!text.contains("Deleted rows"), "facts are not deleted\n{text}");
}

#[test]
fn an_argument_follows_values_to_their_records() {
    let text = page("examples/company");
    has(
        &text,
        &[
            // Lineage through a view of a view.
            "| `sellable` | `coalesce(sum(stock_level.on_hand - stock_level.reserved), 0)` | `records.dia:",
            "- Rows are routed anew by `product_id` (`views.dia:",
            "a change of `brand`, `stock_by_product`, `rating` also changes rows of `product_search`"
                .replacen('a', "A", 1)
                .as_str(),
            // Two events of one topic keep their order; two topics would not.
            "they share a topic and its routing, so records of one key keep their order",
            "**Personal data.** `email` (personal: `records.dia:",
            "a row has one partner at most, since the condition fixes its whole key",
            "- `version` counts the changes of a row (`records.dia:",
            "- No time is stated for `user_activity`, `page_viewed_eu`, so that part of the way has no share.",
            "- The log of `order_placed` (`records.dia:",
            "- `user_activity_offline` follows `user_activity` (`views.dia:",
            "### 3.15 Constraint `never_oversold` (soft, `records.dia:",
            "| `never_oversold` | soft | `stock_level` | `(on_hand - reserved) >= 0` | a check every 1m | event `oversold` |",
            "repair of `never_oversold`",
            "| `profiles` | PostgreSQL | record | of each row where its `home_region` says | may hold |",
        ],
    );
}

#[test]
fn a_cause_is_found_in_another_topic_or_in_the_same() {
    let two = page("examples/social");
    has(&two, &["- `seen_revision` carries `revision` of `friendship` as its writer saw it (`social.dia:26`)"]);
    assert!(!two.contains("both are in one topic"), "{two}");
    let one = page("examples/social_one_log");
    has(
        &one,
        &[
            "- Both are in one topic: records whose routing gives the same value stand in one partition.",
            "| `deterministic` | `deliver` | keeps only the last friendship state of each pair | `social_one_log.dia:",
            "assumed: keeps only the last friendship state of each pair",
        ],
    );
}

#[test]
fn what_the_page_does_not_have_has_no_section() {
    let (model, mut plan, sources) = (Model::default(), sample::plan(), sample::sources());
    plan.deployments.clear();
    let sound = SoundPlan::for_tests(&model, &plan, &sources);
    let cx = Context::new(&sound, &OutputTree::default());
    let text = text(&cx, &drawings(&cx));
    for heading in [
        "Correctness analysis",
        "Bootstrap",
        "Decisions",
        "### Entities",
        "### Events",
        "### Views",
        "```mermaid",
        "**Rebuild.**",
        "None.",
    ] {
        assert!(!text.contains(heading), "{heading} in\n{text}");
    }
    // Numbers of sections go on without a gap.
    has(&text, &["2. Decided by default", "## 2. Decided by default"]);
}

#[test]
fn no_table_is_broken_by_names_and_texts() {
    let mut model = sample::model();
    let hostile = "a|b\n`c` ``d`` # e <b>";
    model.entities[0].name = hostile.into();
    model.entities[0].docs = vec![hostile.into(), "| x | y |".into()];
    model.entities[0].key = vec![hostile.into()];
    model.views[0].name = hostile.into();
    model.views[0].team = Some(hostile.into());
    model.services[0].name = hostile.into();
    model.services[0].docs = vec![hostile.into()];
    model.systems[0].managed =
        Some(crate::syntax::ast::Spanned { value: hostile.into(), span: sample::span("system shop") });
    let (plan, sources) = (sample::plan(), sample::sources());
    let sound = SoundPlan::for_tests(&model, &plan, &sources);
    let cx = Context::new(&sound, &OutputTree::default());
    let text = text(&cx, &drawings(&cx));
    let (mut columns, mut fenced) = (0, false);
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if fenced || !line.starts_with('|') {
            columns = 0;
            continue;
        }
        let cells = line.replace("\\|", "").matches('|').count();
        assert!(columns == 0 || cells == columns, "{line}");
        columns = cells;
    }
    for heading in text.lines().filter(|line| line.starts_with('#')) {
        assert!(
            heading.starts_with("# Integration") || heading.starts_with("## ") || heading.starts_with("### "),
            "{heading}"
        );
    }
}
