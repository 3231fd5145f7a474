//! The document of the sample, read as a reviewer would.

use super::*;
use crate::targets::sample;

fn sample_text() -> String {
    sample::with_sound(|plan, others| {
        let cx = Context::new(plan, others);
        text(&cx, &diagrams::all(&cx).map(|(name, chart)| (name, chart.mermaid())))
    })
}

#[test]
fn first_table_names_what_keeps_each_view() {
    let text = sample_text();
    let table = text.split("## 2. Data flow").next().unwrap();
    for piece in [
        "| `product` | shop · `public.products` | `storefront` | `product_search` | search · index `products_v1`, read as `products` | Bento 1.17.0 |",
        "Kafka Connect, `debezium-jdbc` 3.6.0.Final",
        "nobody knows (`via unknown`)",
        "`importer`, by code of its own",
    ] {
        assert!(table.contains(piece), "{piece} in\n{table}");
    }
}

#[test]
fn nothing_is_called_proved() {
    let text = sample_text();
    assert!(text.contains("| `ordered per product_id` | `shop.dia:31` | **not analysed by this version** |"), "{text}");
    assert!(text.contains("budgeted and watched, not proved"));
    let proved = text.matches("proved").count();
    let allowed =
        ["not proved", "*Proved*", "is called proved"].iter().map(|piece| text.matches(piece).count()).sum::<usize>();
    // `*Proved*` is written large and is not among the small ones.
    assert_eq!(proved, allowed - text.matches("*Proved*").count(), "{text}");
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
