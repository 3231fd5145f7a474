//! DOT graphs that are valid whatever things are called: ids are generated, texts are quoted and escaped.

use super::chart::{Chart, Line, NOTHING, Shape};

/// A chart's text.
#[must_use]
pub fn text(chart: &Chart) -> String {
    let mut text = String::from(
        "digraph {\n  rankdir=LR\n  node [fontname=\"sans-serif\"]\n  edge [fontname=\"sans-serif\", fontsize=11]\n",
    );
    if chart.nodes.is_empty() {
        text.push_str(&format!("  n0 [shape=box, label=\"{NOTHING}\"]\n"));
    }
    for (id, (shape, lines)) in chart.nodes.iter().enumerate() {
        let label = lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("\\n");
        let shape = match shape {
            Shape::Round => "box, style=rounded",
            Shape::Cylinder => "cylinder",
            Shape::Hexagon => "hexagon",
            Shape::Box => "box",
        };
        text.push_str(&format!("  n{id} [shape={shape}, label=\"{label}\"]\n"));
    }
    for (from, to, line, label) in &chart.edges {
        let mut words = Vec::new();
        if !label.is_empty() {
            words.push(format!("label=\"{}\"", escape(label)));
        }
        if *line == Line::Dotted {
            words.push("style=dotted".into());
        }
        let words = if words.is_empty() { String::new() } else { format!(" [{}]", words.join(", ")) };
        text.push_str(&format!("  n{from} -> n{to}{words}\n"));
    }
    text.push_str("}\n");
    text
}

/// A text inside quotes. A backslash would start an escape of labels (`\\N` is the node's own name), an ampersand an entity of HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '&' => out.push_str("&amp;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_a_label() {
        let mut chart = Chart::default();
        let a = chart.node("a", Shape::Cylinder, vec!["x\"]; <b>\\N &amp; é".into(), "1. one".into()]);
        let b = chart.node("b", Shape::Round, vec!["ends in \\".into()]);
        chart.edge(a, b, Line::Solid, "where a > 1\ny");
        chart.edge(b, a, Line::Dotted, "");
        chart.edge(a, a, Line::Dotted, "digraph { }");
        let lines: Vec<String> = text(&chart).lines().skip(4).map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                r#"  n0 [shape=cylinder, label="x\"]; <b>\\N &amp;amp; é\n1. one"]"#,
                r#"  n1 [shape=box, style=rounded, label="ends in \\"]"#,
                r#"  n0 -> n1 [label="where a > 1 y"]"#,
                "  n1 -> n0 [style=dotted]",
                r#"  n0 -> n0 [label="digraph { }", style=dotted]"#,
                "}",
            ]
        );
    }

    #[test]
    fn empty_chart_is_valid() {
        assert!(text(&Chart::default()).ends_with("  n0 [shape=box, label=\"nothing to show\"]\n}\n"));
    }
}
