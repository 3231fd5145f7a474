//! Laws over every text: the grammar is total, holes lie where they are said to, nothing is slow.

use proptest::prelude::*;

use super::examples::examples;
use crate::source::{FileId, Span};
use crate::syntax::ast::*;
use crate::syntax::holes::MOST;
use crate::syntax::{Parsed, parse};

/// Words and signs of the language, to be shuffled.
const TOKENS: &[&str] = &[
    "edition",
    "2026",
    "pipeline",
    "import",
    "system",
    "entity",
    "event",
    "view",
    "process",
    "service",
    "hard",
    "soft",
    "constraint",
    "environment",
    "secret",
    "defaults",
    "in",
    "on",
    "by",
    "per",
    "from",
    "via",
    "outbox",
    "partitioned",
    "version",
    "replaces",
    "where",
    "select",
    "join",
    "left",
    "group",
    "window",
    "tumbling",
    "nest",
    "as",
    "union",
    "key",
    "mask",
    "with",
    "guarantee",
    "ordered",
    "exactly",
    "once",
    "objective",
    "fresh",
    "within",
    "audit",
    "every",
    "allow",
    "because",
    "until",
    "assume",
    "emit",
    "when",
    "run",
    "writes",
    "reads",
    "emits",
    "for",
    "team",
    "deploy",
    "raw",
    "case",
    "then",
    "else",
    "end",
    "cast",
    "and",
    "or",
    "not",
    "is",
    "null",
    "like",
    "a",
    "b",
    "shop.public.orders",
    "x.*",
    "*",
    "5s",
    "64GiB",
    "0.5%",
    "40/s",
    "1_000",
    "1.5",
    "2026-12-31",
    "\"text\"",
    "'text'",
    "\"open",
    "'open",
    "`a b`",
    "`",
    "# remark",
    "## doc",
    "\\",
    "|",
    "||",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    "=",
    "<>",
    "<=",
    "+",
    "-",
    "/",
    "?",
    "[]",
    ";",
    "->",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "é",
    "\u{feff}",
];

/// What holds for every parse.
fn holds(text: &str, parsed: &Parsed) {
    let size = u32::try_from(text.len()).expect("small");
    let mut spans: Vec<Span> = parsed.holes.clone();
    spans.extend(parsed.comments.iter().map(|comment| comment.span));
    for finding in &parsed.diagnostics {
        spans.push(finding.primary.span);
        spans.extend(finding.labels.iter().map(|label| label.span));
        spans.extend(finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span));
        assert!(!finding.message.contains("internal error"), "{finding:?}\n{text}");
        assert!(!finding.message.is_empty() && !finding.message.ends_with('.'), "{finding:?}");
        // Identifiers of rules have underscores; names in findings stand in backticks.
        let prose: String = finding.message.split('`').step_by(2).collect();
        assert!(!prose.contains('_'), "{finding:?}");
    }
    for span in spans {
        assert!(span.start <= span.end && span.end <= size, "{span:?} of {size}");
        assert!(text.get(span.range()).is_some(), "{span:?} cuts a character");
    }
    // A hole is a mistake, and a mistake is said.
    assert!(parsed.holes.is_empty() || !parsed.diagnostics.is_empty(), "{text}");
    let with_hole = |span: &Span| parsed.holes.iter().any(|hole| span.start <= hole.start && hole.end <= span.end);
    for span in nodes(&parsed.ast).into_iter().filter(|span| !with_hole(span)) {
        let text = text.get(span.range()).expect("on characters");
        assert_eq!(text, text.trim(), "{span:?}");
        assert!(!text.is_empty() && !text.starts_with('#'), "{text:?}");
        let last = text.lines().last().unwrap_or_default();
        let remark =
            last.find('#').filter(|at| !last.get(..*at).is_some_and(|before| before.contains(['"', '\'', '`'])));
        assert_eq!(remark, None, "a remark ends {text:?}");
    }
}

/// The spans of nodes, as far down as they are told apart by more than one rule.
fn nodes(file: &File) -> Vec<Span> {
    let mut spans = Vec::new();
    for item in &file.items {
        match item {
            Item::Edition(edition) => spans.push(edition.span),
            Item::Pipeline(name) | Item::Secret(name) => spans.push(name.span),
            Item::Import(import) => spans.push(import.span),
            Item::System(system) => spans.extend([system.span, system.name.span]),
            Item::Entity(entity) => {
                spans.extend([entity.span, entity.home.span]);
                members(&entity.members, &mut spans);
            }
            Item::Event(event) => {
                spans.extend([event.span, event.home.span]);
                spans.extend(event.partitioned.iter().map(|expr| expr.span));
                members(&event.members, &mut spans);
            }
            Item::View(view) => {
                spans.extend([view.span, view.source.span]);
                stages(&view.stages, &mut spans);
                spans.extend(view.statements.iter().map(|statement| statement.span));
            }
            Item::Process(process) => spans.push(process.span),
            Item::Service(service) => spans.push(service.span),
            Item::Constraint(constraint) => spans.push(constraint.span),
            Item::Environment(environment) => {
                spans.push(environment.span);
                for statement in &environment.statements {
                    spans.push(match statement {
                        EnvStatement::Deploy { span, .. }
                        | EnvStatement::Secret { span, .. }
                        | EnvStatement::Tune { span, .. } => *span,
                        EnvStatement::Setting(setting) => setting.span,
                    });
                }
            }
            Item::Defaults(defaults) => spans.push(defaults.span),
            Item::Bare(bare) => {
                spans.push(bare.span);
                stages(&bare.stages, &mut spans);
            }
        }
    }
    spans
}

fn members(members: &[Member], spans: &mut Vec<Span>) {
    for member in members {
        if let Member::Column(column) = member {
            spans.extend([column.span, column.ty.span]);
            spans.extend(column.modifiers.iter().map(|modifier| modifier.span));
        }
    }
}

fn stages(stages: &[Stage], spans: &mut Vec<Span>) {
    for stage in stages {
        spans.push(stage.span);
        if let StageKind::Where(expr) = &stage.kind {
            spans.push(expr.span);
        }
        if let StageKind::Select(items) = &stage.kind {
            spans.extend(items.iter().filter_map(|item| match item {
                SelectItem::Expr { expr, .. } => Some(expr.span),
                SelectItem::Star(_) => None,
            }));
        }
    }
}

fn shuffled() -> impl Strategy<Value = String> {
    let token = prop::sample::select(TOKENS);
    let blank = prop::sample::select(&[" ", " ", " ", "", "\n"][..]);
    prop::collection::vec((token, blank), 0..80)
        .prop_map(|tokens| tokens.into_iter().flat_map(|(token, blank)| [token, blank]).collect())
}

/// An example with one piece taken out, doubled or replaced.
fn damaged() -> impl Strategy<Value = String> {
    let texts: Vec<String> = examples().into_iter().map(|(_, text)| text).collect();
    (prop::sample::select(texts), any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(TOKENS), 0_u8..4)
        .prop_map(|(text, at, length, token, how)| {
            let floor = |mut at: usize| {
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let from = floor(at.index(text.len()));
            let to = floor((from + length).min(text.len()));
            let (before, piece, after) = (&text[..from], &text[from..to], &text[to..]);
            match how {
                0 => format!("{before}{after}"),
                1 => format!("{before}{piece}{piece}{after}"),
                2 => format!("{before}{token}{after}"),
                _ => format!("{before}{piece}{token}{after}"),
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_parses(text in "[ -~\n\té#]{0,200}") {
        holds(&text, &parse(FileId(0), &text));
    }

    #[test]
    fn shuffled_tokens_parse(text in shuffled()) {
        holds(&text, &parse(FileId(0), &text));
    }

    #[test]
    fn damaged_examples_parse(text in damaged()) {
        holds(&text, &parse(FileId(0), &text));
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

#[test]
fn spans_of_examples_hold() {
    for (name, text) in examples() {
        let parsed = parse(FileId(0), &text);
        assert!(!nodes(&parsed.ast).is_empty(), "{name}");
        holds(&text, &parsed);
    }
}

fn rules(text: &str) -> Vec<&'static str> {
    let parsed = parse(FileId(0), text);
    holds(text, &parsed);
    parsed.diagnostics.iter().map(|finding| finding.rule).collect()
}

#[test]
fn deep_nesting_is_one_finding() {
    for (open, close) in
        [("(", ")"), ("f(", ")"), ("cast(", " as int)"), ("a in (", ")"), ("case when ", " then 1 end")]
    {
        let nested = |depth: usize| format!("a | where {}1{} | b.c\n", open.repeat(depth), close.repeat(depth));
        assert_eq!(rules(&nested(64)), [""; 0], "{open}");
        assert_eq!(rules(&nested(65)), ["nesting_too_deep"], "{open}");
        assert_eq!(rules(&nested(100_000)), ["nesting_too_deep"], "{open}");
        // Without the closing signs every level could be tried twice.
        assert_eq!(rules(&format!("a | where {}1 | b.c\n", open.repeat(64))), ["syntax"], "{open}");
    }
    assert_eq!(rules(&format!("environment e {{ a = {}{} }}", "[".repeat(64), "]".repeat(64))), [""; 0]);
    assert_eq!(rules(&format!("environment e {{ a = {} }}", "[".repeat(64))), ["syntax"]);
    assert_eq!(rules(&"a {".repeat(100_000)).len(), 1);
    assert_eq!(rules(&format!("a | where {}x | b.c", "not ".repeat(100_000))), ["nesting_too_deep"]);
    assert_eq!(rules(&format!("a | where x{} > 0 | b.c", " + x".repeat(100_000))), ["nesting_too_deep"]);
    assert_eq!(rules(&format!("a | where x{} | b.c", " and x".repeat(10_000))), [""; 0]);
}

#[test]
fn long_lines_and_long_files_parse() {
    let long = format!("a | select {} | b.c\n", vec!["column_name"; 20_000].join(", "));
    assert_eq!(rules(&long), [""; 0]);
    assert_eq!(rules(&format!("service s {{ writes {} }}", vec!["e"; 20_000].join(", "))), [""; 0]);
    assert_eq!(rules(&format!("entity e in a.b {{\n{}}}\n", "\n".repeat(20_000))), [""; 0]);
    assert_eq!(rules(&format!("entity e in a.b {{\n{}}}\n", "  # remark\n\n".repeat(10_000))), [""; 0]);
    let body = "  column_name decimal(12,2)? pii # said\n".repeat(98);
    let file: String = (0..100).map(|at| format!("entity e{at} in a.b {{\n{body}}}\n")).collect();
    assert_eq!(file.lines().count(), 10_000);
    let parsed = parse(FileId(0), &file);
    assert_eq!((parsed.diagnostics.len(), parsed.ast.items.len(), parsed.comments.len()), (0, 100, 9_800));
}

#[test]
fn many_mistakes_are_as_many_findings() {
    let bad = format!("entity e in a.b {{\n{}}}\n", "  id bigint primary key\n".repeat(3_000));
    assert_eq!(rules(&bad).len(), MOST + 1);
    assert_eq!(rules(&"improt \"x\"\n".repeat(3_000)).len(), MOST + 1);
    assert_eq!(rules(&"improt \"x\"\n".repeat(MOST)).len(), MOST);
    assert_eq!(rules(&format!("service s {{\n{}}}\n", "## alone\n".repeat(20_000))), ["syntax"]);
    assert_eq!(rules(&"## alone\n".repeat(20_000)), ["syntax"]);
    let missing: String = (0..3_000).map(|at| format!("service s{at} {{\n  reads a\n")).collect();
    assert_eq!(rules(&missing).len(), MOST + 1);
}

#[test]
fn a_file_has_a_largest_size() {
    let text = "\n".repeat(4 * 1024 * 1024);
    assert_eq!(rules(&text), [""; 0]);
    let parsed = parse(FileId(0), &format!("{text}\n"));
    assert_eq!(parsed.diagnostics.len(), 1);
    assert_eq!(parsed.diagnostics[0].rule, "file_too_large");
    assert!(parsed.diagnostics[0].message.contains("4 MiB"));
}
