//! The figures as tables, in Markdown.

use crate::Figures;
use crate::pages::Form;

/// What was measured of one pipeline.
pub struct Measured {
    pub passes: Figures,
    pub compile: Figures,
    pub unchanged: Figures,
    pub bare: Figures,
    pub skip: Figures,
}

/// The passes, in their order; `resolve` reads the schema, too.
const PASSES: [&str; 7] = ["parse", "schema", "resolve", "plan", "check", "emit", "write"];

fn of(figures: &Figures, name: &str) -> f64 {
    figures.get(name).copied().unwrap_or(0) as f64
}

/// Nanoseconds as milliseconds.
fn ms(nanoseconds: f64) -> String {
    let ms = nanoseconds / 1e6;
    if ms < 10.0 { format!("{ms:.1}") } else { format!("{ms:.0}") }
}

/// Bytes as megabytes.
fn mb(bytes: f64) -> String {
    let mb = bytes / 1e6;
    if mb < 10.0 { format!("{mb:.1}") } else { format!("{mb:.0}") }
}

/// Prints one row a size.
pub fn print(form: Form, all: &[(usize, Measured)]) {
    let title = match form {
        Form::Whole => "whole system, two lines",
        Form::Each => "an entity and two views for each table",
    };
    println!("\n{title}: CPU time in ms, memory and lengths in MB\n");
    println!(
        "| tables | source | files | written | parse | schema | resolve | plan | check | emit | write | total | wall | bare loop | total / bare | unchanged | compare loop | peak | allowed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (tables, measured) in all {
        let Measured { passes, compile, unchanged, bare, skip } = measured;
        let resolve = (of(passes, "resolve") - of(passes, "schema")).max(0.0);
        let allowed = 2.0 * of(bare, "bytes") + 20.0 * of(compile, "source");
        let cells = [
            tables.to_string(),
            mb(of(compile, "source")),
            of(bare, "files").to_string(),
            mb(of(bare, "bytes")),
            ms(of(passes, "parse")),
            ms(of(passes, "schema")),
            ms(resolve),
            ms(of(passes, "plan")),
            ms(of(passes, "check")),
            ms(of(passes, "emit")),
            ms(of(passes, "write")),
            ms(of(compile, "total")),
            ms(of(compile, "wall")),
            ms(of(bare, "total")),
            format!("{:.1}", of(compile, "total") / of(bare, "total").max(1.0)),
            ms(of(unchanged, "total")),
            ms(of(skip, "total")),
            mb(of(compile, "peak")),
            mb(allowed),
        ];
        println!("| {} |", cells.join(" | "));
    }
    for pair in all.windows(2) {
        let [(few, before), (many, after)] = pair else { continue };
        let times = *many as f64 / *few as f64;
        let growth = |name: &&str| {
            let grown = of(&after.passes, name) / of(&before.passes, name).max(1.0);
            format!("{name} {:.1}", grown / times)
        };
        let growth: Vec<String> = PASSES.iter().map(growth).collect();
        println!("\nCPU time for each table, {many} tables against {few}: {}", growth.join(", "));
    }
}
