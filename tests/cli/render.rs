use diac::diag::{Code, Diagnostic, Waived};
use diac::render::human::{Look, one, report};
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

fn same(actual: &str, expected: &str) {
    assert!(actual == expected, "got:\n{actual}\nexpected:\n{expected}");
}

#[test]
fn show() {
    let (sources, id) = shop();
    println!("{}", one(&dual_write(id), &sources, Look::PLAIN));
    let mut sources = SourceMap::default();
    let id = sources.add("shop.dia", SHOP);
    let b = "entity product in shop.public.products {\n  id integer key\n}\n";
    let second = sources.add("env/records.dia", b);
    let d = Diagnostic::new(DUAL_WRITE, at(id, SHOP, "  | where stock > 0"), "x").here("culprit").also(at(second, b, "product"), "in another file").also(at(id, SHOP, "catalog"), "far away");
    println!("{}", one(&d, &sources, Look::PLAIN));
    let d = Diagnostic::new(SYNTAX, Span::new(id, SHOP.len(), SHOP.len()), "expected `}`").here("the end of the file");
    println!("{}", one(&d, &sources, Look::PLAIN));
    let d = Diagnostic::new(SYNTAX, at(id, SHOP, SHOP.trim()), "whole").here("the end of the file");
    println!("{}", one(&d, &sources, Look::PLAIN));
    let d = Diagnostic::new(SYNTAX, at(id, SHOP, "view product_search {\n  product\n"), "multi").here("these lines").also(at(id, SHOP, "where"), "within");
    println!("{}", one(&d, &sources, Look::PLAIN));
    let e = sources.add("empty.dia", "");
    let d = Diagnostic::new(SYNTAX, Span::new(e, 0, 0), "nothing is declared").here("here");
    println!("{}", one(&d, &sources, Look::PLAIN));
    let d = Diagnostic::new(SYNTAX, at(id, SHOP, "product, product_search, product_cache"), "nested labels on one line").here("outer").also(at(id, SHOP, "product_search,"), "inner").also(at(id, SHOP, "product, product_search, product_cache"), "same place");
    println!("{}", one(&d, &sources, Look { width: 100, colour: diac::render::human::Colour::Ansi }));
    let mut w = dual_write(id);
    w.waived = Some(Waived { reason: "the importer leaves".into(), until: Some("2026-12-31".into()) });
    println!("{}", report(&[dual_write(id), w], &sources, Look::PLAIN));
    let long = format!("pipeline {} {{ wrong }} {}", "a".repeat(500_000), "b".repeat(500_000));
    let l = sources.add("long.dia", &long);
    let d = Diagnostic::new(SYNTAX, at(l, &long, "wrong"), "long line").here("here").also(at(l, &long, "pipeline"), "start");
    println!("{}", one(&d, &sources, Look::PLAIN));
    let t = "\tgröße\t= \u{1b}[31m 漢字 x\r\n";
    let l = sources.add("tab.dia", t);
    let d = Diagnostic::new(SYNTAX, at(l, t, "="), "tabs and wide").here("here").also(at(l, t, "x"), "behind").also(at(l, t, "\r\n"), "end");
    println!("{}", one(&d, &sources, Look::PLAIN));
    same("", "");
}
