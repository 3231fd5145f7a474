//! Mermaid flowcharts that are valid whatever things are called: ids are generated, texts are quoted and escaped.

use super::chart::{Chart, Line, NOTHING, Shape};

/// A chart's text.
#[must_use]
pub fn text(chart: &Chart) -> String {
    let mut text = String::from("flowchart LR\n");
    if chart.nodes.is_empty() {
        text.push_str(&format!("  n0[\"{NOTHING}\"]\n"));
    }
    for (id, (shape, lines)) in chart.nodes.iter().enumerate() {
        let label = lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("<br/>");
        let (open, close) = match shape {
            Shape::Round => ("([", "])"),
            Shape::Cylinder => ("[(", ")]"),
            Shape::Hexagon => ("{{", "}}"),
            Shape::Box => ("[", "]"),
        };
        text.push_str(&format!("  n{id}{open}\"{label}\"{close}\n"));
    }
    for (from, to, line, label) in &chart.edges {
        let arrow = match line {
            Line::Solid => "-->",
            Line::Dotted => "-.->",
        };
        let label = if label.is_empty() { String::new() } else { format!("|\"{}\"|", escape(label)) };
        text.push_str(&format!("  n{from} {arrow}{label} n{to}\n"));
    }
    text
}

/// A text inside quotes: signs that mean something to Mermaid or HTML as their numbers.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let trimmed = text.trim();
    for c in trimmed.chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' | '|' | '{' | '}' | '[' | ']' | '(' | ')' | '*' | '~'
            | '$' | '%' => {
                out.push_str(&format!("#{};", u32::from(c)));
            }
            // A text that starts like a list would be read as Markdown.
            '-' | '+' if out.is_empty() => out.push_str(&format!("#{};", u32::from(c))),
            '.' if out.bytes().all(|b| b.is_ascii_digit()) => out.push_str("#46;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    if out.is_empty() { " ".into() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_a_label() {
        let mut chart = Chart::default();
        let a = chart.node("a", Shape::Cylinder, vec!["x\"] end; <b>|`é`".into(), "1. one".into()]);
        let b = chart.node("b", Shape::Hexagon, vec!["end".into()]);
        assert_eq!(chart.node("a", Shape::Box, vec![]), a);
        chart.edge(a, b, Line::Solid, "where a > 1 | \"x\"\ny");
        chart.edge(a, b, Line::Solid, "where a > 1 | \"x\"\ny");
        chart.edge(b, a, Line::Dotted, "");
        assert_eq!(
            text(&chart),
            "flowchart LR\n  n0[(\"x#34;#93; end#59; #60;b#62;#124;#96;é#96;<br/>1#46; one\")]\n  n1{{\"end\"}}\n  \
             n0 -->|\"where a #62; 1 #124; #34;x#34; y\"| n1\n  n1 -.-> n0\n"
        );
    }

    #[test]
    fn empty_chart_is_valid() {
        assert_eq!(text(&Chart::default()), "flowchart LR\n  n0[\"nothing to show\"]\n");
        assert_eq!(escape(" \n"), " ");
    }
}
