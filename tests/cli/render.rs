use diac::diag::{Code, Diagnostic, Waived};
use diac::render::human::{Colour, Look, one, report, summary};
use diac::source::{FileId, SourceMap, Span};

const DUAL_WRITE: Code = Code::error("dual_write");
const SYNTAX: Code = Code::error("syntax");

const SHOP: &str = "\
pipeline shop

service catalog {
  team \"Catalog\"
  writes product, product_search, product_cache
}

view product_search {
  product
  | where stock > 0
  | search.products
}
";

fn at(file: FileId, text: &str, what: &str) -> Span {
    let start = text.find(what).unwrap();
    Span::new(file, start, start + what.len())
}

fn shop() -> (SourceMap, FileId) {
    let mut sources = SourceMap::default();
    let id = sources.add("shop.dia", SHOP);
    (sources, id)
}

fn dual_write(id: FileId) -> Diagnostic {
    Diagnostic::new(DUAL_WRITE, at(id, SHOP, "product_search,").to(at(id, SHOP, "product_search")), "two places are written for one fact")
        .here("and also its copy in search.products")
        .also(at(id, SHOP, "product,").to(at(id, SHOP, "product")), "decided here: shop.public.products")
        .story([
            "catalog and importer change product 17 at the same moment.",
            "shop commits catalog's price, then importer's. The row ends with importer's. Nothing tells the index that its own order was another one.",
            "Both calls returned success.",
        ])
        .help("delete `product_search` from `writes`; diac will feed it from product's change log")
}

/// Compares a drawing with a text that starts on the line behind its opening quote.
fn same(actual: &str, expected: &str) {
    let expected = expected.strip_prefix('\n').unwrap_or(expected);
    assert!(actual == expected, "got:\n{actual}\nexpected:\n{expected}");
    assert!(actual.lines().all(|line| line == line.trim_end()), "blanks at the end of a line");
}

fn plain(finding: &Diagnostic, sources: &SourceMap) -> String {
    one(finding, sources, Look::PLAIN)
}

fn one_file(name: &str, text: &str, what: &str) -> String {
    let mut sources = SourceMap::default();
    let id = sources.add(name, text);
    let span = if what.is_empty() { Span::new(id, text.len(), text.len()) } else { at(id, text, what) };
    plain(&Diagnostic::new(SYNTAX, span, "said").here("here"), &sources)
}

#[test]
fn story_and_help_stand_under_the_lines() {
    let (sources, id) = shop();
    same(
        &plain(&dual_write(id), &sources),
        "
dual_write  × two places are written for one fact
   ╭─[shop.dia:5:19]
 3 │ service catalog {
 4 │   team \"Catalog\"
 5 │   writes product, product_search, product_cache
   ·          ────┬─── ───────┬───────
   ·              │           ╰── and also its copy in search.products
   ·              ╰── decided here: shop.public.products
 6 │ }
   ╰────
  what would happen:
    1. catalog and importer change product 17 at the same moment.
    2. shop commits catalog's price, then importer's. The row ends with importer's. Nothing tells
       the index that its own order was another one.
    3. Both calls returned success.
  help: delete `product_search` from `writes`; diac will feed it from product's change log
",
    );
}

#[test]
fn far_places_and_other_files_get_frames_behind_the_culprits() {
    let mut sources = SourceMap::default();
    let id = sources.add("shop.dia", SHOP);
    let records = "entity product in shop.public.products {\n  id integer key\n}\n";
    let other = sources.add("env/records.dia", records);
    let finding = Diagnostic::new(
        Code::warning("ghost_rows"),
        at(id, SHOP, "where stock > 0"),
        "filter on changing rows would leave ghosts",
    )
    .here("true today and false tomorrow")
    .also(at(other, records, "product"), "rows change")
    .also(at(id, SHOP, "catalog"), "by this service");
    same(
        &plain(&finding, &sources),
        "
ghost_rows  ⚠ filter on changing rows would leave ghosts
    ╭─[shop.dia:10:5]
  8 │ view product_search {
  9 │   product
 10 │   | where stock > 0
    ·     ───────┬───────
    ·            ╰── true today and false tomorrow
 11 │   | search.products
    ╰────
   ╭─[shop.dia:3:9]
 3 │ service catalog {
   ·         ───┬───
   ·            ╰── by this service
 4 │   team \"Catalog\"
   ╰────
   ╭─[env/records.dia:1:8]
 1 │ entity product in shop.public.products {
   ·        ───┬───
   ·           ╰── rows change
 2 │   id integer key
   ╰────
",
    );
}

#[test]
fn the_end_of_a_file_can_be_shown() {
    same(
        &one_file("a.dia", "view x {\n  product\n", ""),
        "
syntax  × said
   ╭─[a.dia:3:1]
 2 │   product
 3 │
   · ┬
   · ╰── here
   ╰────
",
    );
    same(
        &one_file("a.dia", "pipeline shop", ""),
        "
syntax  × said
   ╭─[a.dia:1:14]
 1 │ pipeline shop
   ·              ┬
   ·              ╰── here
   ╰────
",
    );
}

#[test]
fn an_empty_file_can_be_shown() {
    same(
        &one_file("empty.dia", "", ""),
        "
syntax  × said
   ╭─[empty.dia:1:1]
 1 │
   · ┬
   · ╰── here
   ╰────
",
    );
}

#[test]
fn labels_that_share_columns_are_told_apart() {
    let (sources, id) = shop();
    let outer = at(id, SHOP, "product, product_search, product_cache");
    let finding = Diagnostic::new(SYNTAX, outer, "said")
        .here("outer")
        .also(at(id, SHOP, "product_search,"), "inner")
        .also(outer, "the same place");
    same(
        &plain(&finding, &sources),
        "
syntax  × said
   ╭─[shop.dia:5:10]
 3 │ service catalog {
 4 │   team \"Catalog\"
 5 │   writes product, product_search, product_cache
   ·          ────┬───────────┬───────
   ·              │           ╰── inner
   ·              ╰─┤ outer
   ·                │ the same place
 6 │ }
   ╰────
",
    );
}

#[test]
fn several_lines_are_drawn_in_the_margin_and_many_at_their_first() {
    let (sources, id) = shop();
    let finding = Diagnostic::new(SYNTAX, at(id, SHOP, "view product_search {\n  product\n"), "said")
        .here("these")
        .also(at(id, SHOP, "where"), "one word");
    same(
        &plain(&finding, &sources),
        "
syntax  × said
    ╭─[shop.dia:8:1]
  8 │ ╭─▶ view product_search {
  9 │ ├─▶   product
    · ╰──── these
 10 │       | where stock > 0
    ·         ──┬──
    ·           ╰── one word
 11 │       | search.products
    ╰────
",
    );
    let finding = Diagnostic::new(SYNTAX, at(id, SHOP, SHOP), "said").here("all of it");
    same(
        &plain(&finding, &sources),
        "
syntax  × said
   ╭─[shop.dia:1:1]
 1 │ pipeline shop
   · ──────┬──────
   ·       ╰── all of it
   ╰────
",
    );
}

#[test]
fn a_very_long_line_is_cut_around_the_culprit() {
    let text = format!("pipeline {} {{ wrong }} {}", "a".repeat(500_000), "b".repeat(500_000));
    let drawn = one_file("long.dia", &text, "wrong");
    same(
        &drawn,
        &format!(
            "
syntax  × said
   ╭─[long.dia:1:500013]
 1 │ …{} {{ wrong }} {}…
   ·  {}──┬──
   ·  {}  ╰── here
   ╰────
",
            "a".repeat(27),
            "b".repeat(120 - 30 - 5 - 3),
            " ".repeat(30),
            " ".repeat(30)
        ),
    );
}

#[test]
fn a_large_file_is_drawn_like_a_small_one() {
    let mut text = String::new();
    for n in 0..40_000 {
        text.push_str(&format!("entity e{n} in shop.t\r\n"));
    }
    assert!(text.len() > 900_000);
    same(
        &one_file("large.dia", &text, "e30000 "),
        "
syntax  × said
       ╭─[large.dia:30001:8]
 30000 │ entity e29999 in shop.t
 30001 │ entity e30000 in shop.t
       ·        ───┬──
       ·           ╰── here
 30002 │ entity e30001 in shop.t
       ╰────
",
    );
}

#[test]
fn tabs_wide_letters_and_controls_keep_the_columns() {
    let mut sources = SourceMap::default();
    let text = "\tgröße\t= \u{1b}[31m 漢字 x\u{202e}\r\n";
    let id = sources.add("tab.dia", text);
    let finding = Diagnostic::new(SYNTAX, at(id, text, "="), "said \u{1b}[2J")
        .here("here")
        .also(at(id, text, "x"), "behind")
        .also(at(id, text, "漢字"), "wide");
    same(
        &plain(&finding, &sources),
        "
syntax  × said ␛[2J
   ╭─[tab.dia:1:8]
 1 │     größe   = ␛[31m 漢字 x\u{fffd}
   ·             ┬       ──┬─ ┬
   ·             │         │  ╰── behind
   ·             │         ╰── wide
   ·             ╰── here
   ╰────
",
    );
}

#[test]
fn spans_outside_the_text_are_no_trouble() {
    let mut sources = SourceMap::default();
    let id = sources.add("a.dia", "größe\n");
    for (start, end) in [(0, 99), (99, 120), (3, 4), (4, 5), (6, 7), (7, 7)] {
        let finding = Diagnostic::new(SYNTAX, Span::new(id, start, end), "said").here("here");
        assert!(plain(&finding, &sources).contains("╰── here"), "{start}..{end}");
    }
    let nowhere = Diagnostic::new(SYNTAX, Span::new(FileId(9), 0, 1), "said").help("do");
    same(&plain(&nowhere, &sources), "\nsyntax  × said\n  help: do\n");
}

#[test]
fn a_long_message_is_broken_under_its_start() {
    let mut sources = SourceMap::default();
    let id = sources.add("a.dia", "x\n");
    let finding = Diagnostic::new(Code::advice("one_database_enough"), Span::new(id, 0, 1), "word ".repeat(25).trim());
    let drawn = plain(&finding, &sources);
    assert!(drawn.starts_with("one_database_enough  ☞ word"), "{drawn}");
    assert!(drawn.lines().nth(1).unwrap().starts_with(&format!("{}word", " ".repeat(23))), "{drawn}");
    assert!(drawn.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn a_report_ends_with_the_waived_ones_and_a_summary() {
    let (sources, id) = shop();
    let mut waived = dual_write(id);
    waived.waived = Some(Waived { reason: "the importer goes".into(), until: Some("2026-12-31".into()) });
    let warning =
        Diagnostic::new(Code::warning("unread_view"), at(id, SHOP, "view product_search"), "nobody reads this view");
    let text = report(&[waived.clone(), warning.clone()], &sources, Look::PLAIN);
    same(
        &text,
        "
unread_view  ⚠ nobody reads this view
   ╭─[shop.dia:8:1]
 8 │ view product_search {
   · ───────────────────
 9 │   product
   ╰────

waived dual_write at shop.dia:5:19: two places are written for one fact, because the importer goes (until 2026-12-31)

every rule has a page: diac explain unread_view
1 warning (1 waived)
",
    );
    assert_eq!(summary(&[]), "no findings");
    assert_eq!(summary(&[waived.clone()]), "no findings (1 waived)");
    assert_eq!(summary(&[dual_write(id), dual_write(id), warning, waived]), "2 errors, 1 warning (1 waived)");
    assert_eq!(report(&[], &sources, Look::PLAIN), "no findings\n");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let (sources, id) = shop();
    let colourful = one(&dual_write(id), &sources, Look { width: 100, colour: Colour::Ansi });
    assert!(colourful.contains("\u{1b}[31mdual_write"));
    let mut bare = String::new();
    let mut inside = false;
    for c in colourful.chars() {
        match c {
            '\u{1b}' => inside = true,
            'm' if inside => inside = false,
            c if !inside => bare.push(c),
            _ => {}
        }
    }
    same(&bare, &plain(&dual_write(id), &sources));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    /// Whatever is labelled in whatever text: it is drawn, and says what it has to say.
    #[test]
    fn every_finding_can_be_drawn(
        text in "([ab{}\t é漢😀\u{301}\u{1b}\u{202e}]{0,8}(\n|\r\n|\r)?){0,12}([xyz ]{0,300})?",
        spans in proptest::collection::vec((0usize..400, 0usize..60), 1..5),
    ) {
        let mut sources = SourceMap::default();
        let id = sources.add("a.dia", text);
        let other = sources.add("b.dia", "one\n\ntwo");
        let span = |&(start, length): &(usize, usize)| Span::new(if start % 7 == 0 { other } else { id }, start, start + length);
        let mut finding = Diagnostic::new(SYNTAX, span(&spans[0]), "said").here("culprit");
        for (number, place) in spans.iter().enumerate().skip(1) {
            finding = finding.also(span(place), format!("evidence {number}"));
        }
        let drawn = plain(&finding, &sources);
        proptest::prop_assert!(drawn.contains("culprit"), "{}", drawn);
        proptest::prop_assert!(!drawn.contains(['\u{1b}', '\r', '\u{202e}', '\t']), "{}", drawn);
        for number in 1..spans.len() {
            proptest::prop_assert!(drawn.contains(&format!("evidence {number}")), "{}", drawn);
        }
    }
}
