//! Truth tables of filters, run by the real Bento. `t`, `f` and `n` stand for true, false and null, `!` for a record that is refused.

use serde_json::{Value, json};

use crate::real::commands;
use crate::sample::{array, arrival_of, decimal, flow};
use diac::model::expr::Expr;
use diac::model::types::Type;
use diac::plan::PlannedFlow;
use diac::syntax::ast::{ArithOp, CompareOp};

fn columns() -> Vec<(&'static str, Type)> {
    vec![
        ("a", Type::Bool),
        ("b", Type::Bool),
        ("i", Type::Int),
        ("big", Type::Bigint),
        ("n", Type::Decimal { precision: None, scale: None }),
        ("price", decimal(12, 2)),
        ("f", Type::Double),
        ("s", Type::Text),
        ("d", Type::Date),
        ("dt", Type::Datetime),
        ("ts", Type::Timestamp),
        ("t", Type::Time),
        ("tags", array(Type::Text)),
        ("x", Type::Other("inet".into())),
    ]
}

fn col(name: &str) -> Expr {
    let ty = columns().into_iter().find(|(known, _)| *known == name).map(|(_, ty)| ty);
    Expr::Column { name: name.into(), ty: ty.unwrap_or_else(|| panic!("{name}")), nullable: true }
}

fn text(text: &str) -> Expr {
    Expr::Text(text.into())
}

fn dec(digits: &str) -> Expr {
    Expr::Decimal(digits.into())
}

fn cmp(left: Expr, op: CompareOp, right: Expr) -> Expr {
    Expr::Compare { op, left: Box::new(left), right: Box::new(right) }
}

fn arith(left: Expr, op: ArithOp, right: Expr) -> Expr {
    Expr::Arith { op, left: Box::new(left), right: Box::new(right) }
}

fn is_in(expr: Expr, list: Vec<Expr>, negated: bool) -> Expr {
    Expr::In { expr: Box::new(expr), list, negated }
}

fn like(expr: Expr, pattern: &str) -> Expr {
    Expr::Like { expr: Box::new(expr), pattern: pattern.into(), negated: false }
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

/// Runs every expression over every row; a case is the expression with a letter for each row. A row is kept where the expression is true, and by its
/// negation where it is false.
fn check(rows: &[Value], cases: &[(Expr, &str)]) {
    let id = flow(Vec::new(), &[("id", Type::Int)]);
    let records: Vec<Value> = rows
        .iter()
        .map(|row| {
            let mut row = row.clone();
            row["id"] = json!(1);
            json!({"op": "c", "after": row, "source": {"lsn": 1}})
        })
        .collect();
    for (expr, expected) in cases {
        let run = |expr: Expr| {
            let arrivals = columns().into_iter().filter(|(name, _)| expr.columns().contains(name));
            let filter_arrivals = arrivals.map(|(name, ty)| (name.to_owned(), arrival_of(&ty))).collect();
            commands(&PlannedFlow { filters: vec![expr], filter_arrivals, ..id.clone() }, &records)
        };
        let (yes, no) = (run(expr.clone()), run(not(expr.clone())));
        let letters: String = yes
            .iter()
            .zip(&no)
            .map(|(yes, no)| match (yes["op"].as_str(), no["op"].as_str()) {
                (Some("put"), Some("del")) => 't',
                (Some("del"), Some("put")) => 'f',
                (Some("del"), Some("del")) => 'n',
                _ => '!',
            })
            .collect();
        assert_eq!(letters, *expected, "{expr:?}\n{yes:?}\n{no:?}");
    }
}

pub fn logic_has_three_values() {
    let values = [json!(true), json!(false), json!(null)];
    let rows: Vec<Value> =
        values.iter().flat_map(|a| values.iter().map(move |b| json!({"a": a, "b": b, "i": 0}))).collect();
    let (a, b) = (|| col("a"), || col("b"));
    // Dividing by i, which is 0: an operand before it decides where it can.
    let fails = || cmp(arith(Expr::Integer(1), ArithOp::Div, col("i")), CompareOp::Eq, Expr::Integer(1));
    check(
        &rows,
        &[
            (Expr::And(vec![a(), b()]), "tfnfffnfn"),
            (Expr::Or(vec![a(), b()]), "ttttfntnn"),
            (not(a()), "ffftttnnn"),
            (not(Expr::And(vec![a(), b()])), "ftntttntn"),
            (cmp(a(), CompareOp::Eq, b()), "tfnftnnnn"),
            (cmp(a(), CompareOp::Ne, Expr::Bool(true)), "ffftttnnn"),
            (Expr::IsNull { expr: Box::new(a()), negated: false }, "ffffffttt"),
            (Expr::IsNull { expr: Box::new(a()), negated: true }, "ttttttfff"),
            (Expr::And(vec![a(), fails()]), "!!!fff!!!"),
            (Expr::Or(vec![a(), fails()]), "ttt!!!!!!"),
            (Expr::And(vec![a(), b(), Expr::Bool(true)]), "tfnfffnfn"),
            (Expr::Bool(false), "fffffffff"),
            (Expr::Null, "nnnnnnnnn"),
            (Expr::Coalesce(vec![a(), b(), Expr::Bool(false)]), "tttffftff"),
        ],
    );
}

pub fn numbers_compare_exactly() {
    let rows = [
        json!({"i": 5, "big": 9_007_199_254_740_993_i64, "n": "10.0", "price": "0.30", "f": 0.5}),
        json!({"i": -5, "big": -9_007_199_254_740_993_i64, "n": "-10.50", "price": "-0.30", "f": -1e-7}),
        json!({"i": 0, "big": 9_007_199_254_740_992_i64, "n": "123456789012345678901234567890.1", "price": "0.00", "f": 1e300}),
        json!({"i": null, "big": null, "n": null, "price": null, "f": null}),
        json!({"i": 1, "big": 1, "n": "NAN", "price": "1.00", "f": "NaN"}),
        json!({"i": 1, "big": 1, "n": "NEGATIVE_INFINITY", "price": "1.00", "f": 1.0}),
    ];
    use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
    check(
        &rows,
        &[
            (cmp(col("big"), Eq, Expr::Integer(9_007_199_254_740_993)), "tffnff"),
            (cmp(col("big"), Gt, Expr::Integer(9_007_199_254_740_992)), "tffnff"),
            (cmp(col("big"), Lt, Expr::Integer(-9_007_199_254_740_992)), "ftfnff"),
            (cmp(col("n"), Eq, Expr::Integer(10)), "tffnff"),
            (cmp(col("n"), Eq, dec("10.00")), "tffnff"),
            (cmp(col("n"), Lt, dec("-10.4")), "ftfnft"),
            (cmp(col("n"), Gt, dec("123456789012345678901234567890.0")), "fftntf"),
            (cmp(col("n"), Ge, dec("123456789012345678901234567890.2")), "fffntf"),
            (cmp(col("n"), Ne, col("n")), "fffnff"),
            (cmp(col("price"), Le, Expr::Integer(0)), "fttnff"),
            (cmp(col("price"), Eq, dec("-0.3")), "ftfnff"),
            (cmp(col("f"), Lt, dec("0.0001")), "ftfnff"),
            (cmp(col("f"), Gt, col("n")), "fttnft"),
            (cmp(Expr::Integer(3), Lt, col("i")), "tffnff"),
            (cmp(col("i"), Eq, Expr::Null), "nnnnnn"),
            (cmp(col("price"), Eq, text("0.3")), "tffnff"),
            (is_in(col("i"), vec![Expr::Integer(5), Expr::Integer(1)], false), "tffntt"),
            (is_in(col("i"), vec![Expr::Integer(5), Expr::Null], false), "tnnnnn"),
            (is_in(col("i"), vec![Expr::Integer(5), Expr::Null], true), "fnnnnn"),
            (is_in(col("price"), vec![dec("0.3"), Expr::Integer(0)], true), "ftfntt"),
            (cmp(Expr::Coalesce(vec![col("i"), Expr::Integer(5)]), Eq, Expr::Integer(5)), "tfftff"),
            (cmp(Expr::Coalesce(vec![col("n"), Expr::Integer(7)]), Eq, Expr::Integer(7)), "ffftff"),
        ],
    );
}

pub fn arithmetic_is_the_databases() {
    let rows = [
        json!({"i": 7, "big": 9_007_199_254_740_993_i64, "n": "1.1", "price": "0.10", "f": 0.5, "d": 10}),
        json!({"i": -7, "big": -3, "n": "-2.50", "price": "0.20", "f": 2.0, "d": 0}),
        json!({"i": null, "big": null, "n": null, "price": null, "f": null, "d": null}),
    ];
    use ArithOp::{Add, Div, Mul, Rem, Sub};
    use CompareOp::{Eq, Gt};
    let int = Expr::Integer;
    check(
        &rows,
        &[
            (cmp(arith(col("price"), Add, dec("0.2")), Eq, dec("0.3")), "tfn"),
            (cmp(arith(col("price"), Mul, int(3)), Eq, dec("0.3")), "tfn"),
            (cmp(arith(col("n"), Mul, int(3)), Gt, dec("3.3")), "ffn"),
            (cmp(arith(col("n"), Sub, col("price")), Eq, dec("-2.7")), "ftn"),
            (cmp(arith(col("big"), Add, int(1)), Eq, int(9_007_199_254_740_994)), "tfn"),
            (cmp(arith(col("i"), Div, int(2)), Eq, int(3)), "tfn"),
            (cmp(arith(col("i"), Div, int(2)), Eq, int(-3)), "ftn"),
            (cmp(arith(col("i"), Rem, int(4)), Eq, int(-3)), "ftn"),
            (cmp(arith(col("n"), Div, int(2)), Eq, dec("0.55")), "tfn"),
            (cmp(arith(col("i"), Div, dec("2.0")), Eq, dec("3.5")), "tfn"),
            (cmp(arith(col("i"), Div, int(0)), Eq, int(1)), "!!n"),
            (cmp(arith(col("f"), Mul, int(2)), Eq, int(1)), "tfn"),
            (cmp(arith(col("d"), Add, int(1)), Eq, Expr::Date("1970-01-02".into())), "ftn"),
            (cmp(arith(arith(col("i"), Add, int(1)), Mul, int(2)), Eq, int(16)), "tfn"),
        ],
    );
}

pub fn texts_are_texts() {
    let rows = [
        json!({"s": "abc", "x": "10.0.0.1", "tags": ["a"]}),
        json!({"s": "ÄB\n%_", "x": 7, "tags": null}),
        json!({"s": "", "x": null, "tags": []}),
        json!({"s": null, "x": "abc", "tags": null}),
    ];
    use CompareOp::{Eq, Gt, Lt};
    check(
        &rows,
        &[
            (cmp(col("s"), Eq, text("abc")), "tffn"),
            (cmp(col("s"), Lt, text("b")), "tftn"),
            (cmp(text(""), Eq, col("s")), "fftn"),
            (is_in(col("s"), vec![text("abc"), text("")], false), "tftn"),
            (is_in(col("s"), vec![text("abc"), Expr::Null], false), "tnnn"),
            (is_in(col("s"), vec![text("abc")], true), "fttn"),
            (like(col("s"), "a%"), "tffn"),
            (like(col("s"), "_b_"), "tffn"),
            (like(col("s"), "%"), "tttn"),
            (like(col("s"), "Ä_%\\%\\_"), "ftfn"),
            (like(col("s"), "a.c"), "fffn"),
            (Expr::Like { expr: Box::new(col("s")), pattern: "a%".into(), negated: true }, "fttn"),
            (cmp(Expr::Lower(Box::new(col("s"))), Eq, text("äb\n%_")), "ftfn"),
            (cmp(Expr::Upper(Box::new(col("s"))), Eq, text("ABC")), "tffn"),
            (cmp(Expr::Coalesce(vec![col("s"), text("none")]), Eq, text("none")), "ffft"),
            (cmp(col("x"), Eq, text("abc")), "ffnt"),
            (cmp(col("x"), Gt, Expr::Integer(6)), "!tn!"),
            (cmp(col("x"), Eq, col("s")), "ffnn"),
            (Expr::IsNull { expr: Box::new(col("tags")), negated: false }, "ftft"),
        ],
    );
}

pub fn moments_meet_in_one_unit() {
    let rows = [
        json!({"d": 0, "dt": 0, "ts": "1970-01-01T00:00:00.000000Z", "t": 3_600_000_000_i64}),
        json!({"d": -354_634, "dt": -1, "ts": "0999-01-17T00:00:00Z", "t": 0}),
        json!({"d": 157_010, "dt": 86_400_000_000_i64, "ts": "2399-11-18T12:00:00.5Z", "t": 86_399_999_999_i64}),
        json!({"d": null, "dt": null, "ts": null, "t": null}),
    ];
    use CompareOp::{Eq, Ge, Gt, Lt};
    let date = |text: &str| Expr::Date(text.into());
    check(
        &rows,
        &[
            (cmp(col("d"), Eq, date("1970-01-01")), "tffn"),
            (cmp(col("d"), Lt, date("0999-01-18")), "ftfn"),
            (cmp(col("d"), Ge, text("2399-11-18")), "fftn"),
            (cmp(col("dt"), Ge, date("1970-01-01")), "tftn"),
            (cmp(col("dt"), Lt, col("d")), "fftn"),
            (cmp(col("dt"), Eq, text("1969-12-31 23:59:59.999999")), "ftfn"),
            (cmp(col("ts"), Gt, date("1970-01-01")), "fftn"),
            (cmp(col("ts"), Eq, col("d")), "ttfn"),
            (cmp(col("ts"), Eq, text("2399-11-18T13:00:00.5+01:00")), "fftn"),
            (cmp(col("t"), Lt, text("01:00")), "ftfn"),
            (cmp(col("t"), Eq, text("23:59:59.999999")), "fftn"),
            (cmp(col("d"), Eq, text("no date")), "!!!!"),
            (cmp(Expr::Coalesce(vec![col("ts"), date("2000-01-01")]), Gt, date("1999-12-31")), "fftt"),
        ],
    );
}
