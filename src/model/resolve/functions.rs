//! Functions in expressions.

use super::Context;
use super::expressions::{Family, NotBuilt, Typed, family};
use super::scope::Scope;
use crate::diag::{Diagnostic, codes};
use crate::model::expr::Expr;
use crate::model::relation::{AGGREGATES, Term};
use crate::model::types::Type;
use crate::source::Span;
use crate::syntax::ast::{self, Name};
use crate::syntax::suggest::nearest;

/// Functions of the language.
const FUNCTIONS: &[&str] = &[
    "coalesce",
    "lower",
    "upper",
    "pair",
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "window_start",
    "window_end",
    "checksum",
];

/// What other languages call so, and why there is no such function here.
const IMPURE: &[&str] =
    &["now", "random", "rand", "current_timestamp", "current_date", "uuid", "gen_random_uuid", "sysdate", "getdate"];

impl Context<'_> {
    pub(super) fn call(
        &mut self,
        span: Span,
        name: &Name,
        args: &[ast::Expr],
        star: bool,
        scope: &Scope,
    ) -> Option<Typed> {
        let word = name.text.as_str();
        if IMPURE.contains(&word) {
            self.report(
                Diagnostic::new(codes::UNKNOWN_NAME, name.span, format!("there is no `{word}()`"))
                    .here("a replay would answer differently")
                    .help("let the record carry the value as a column"),
            );
            return None;
        }
        if !FUNCTIONS.contains(&word) {
            let mut diagnostic = Diagnostic::new(codes::UNKNOWN_NAME, name.span, format!("unknown function `{word}`"));
            diagnostic = match nearest(word, FUNCTIONS.iter().copied()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near),
                None => diagnostic.help(format!("the functions are {}", FUNCTIONS.join(", "))),
            };
            self.report(diagnostic);
            return None;
        }
        if AGGREGATES.contains(&word) {
            return self.aggregate(span, name, args, star, scope);
        }
        let (least, most) = match word {
            "coalesce" => (1, usize::MAX),
            "pair" => (2, 2),
            "lower" | "upper" => (1, 1),
            "checksum" => (0, usize::MAX),
            _ => (0, 0),
        };
        if args.len() < least || args.len() > most || star {
            let takes = match word {
                "coalesce" => "one value at least",
                "pair" => "two values",
                "lower" | "upper" => "one text",
                _ => "no value",
            };
            let example = match word {
                "coalesce" => "coalesce(a, 0)",
                "pair" => "pair(a, b)",
                "lower" | "upper" => &format!("{word}(column)"),
                _ => &format!("{word}()"),
            };
            self.report(
                Diagnostic::new(codes::BAD_VALUE, span, format!("`{word}` takes {takes}"))
                    .help(format!("write `{example}`")),
            );
            return None;
        }
        match word {
            "window_start" | "window_end" if !scope.windowed => {
                self.report(
                    Diagnostic::new(codes::MISPLACED_STATEMENT, name.span, format!("`{word}` needs a window"))
                        .here("no `window` stage stands before it")
                        .help("add `| window tumbling 1h on …` and `| group by …` before"),
                );
                return None;
            }
            "checksum" if !scope.audit => {
                self.report(
                    Diagnostic::new(codes::MISPLACED_STATEMENT, name.span, "`checksum` belongs to an audit")
                        .help("write `audit checksum(…) every 1h` in the view"),
                );
                return None;
            }
            _ => {}
        }
        let made: Vec<Option<Typed>> = args.iter().map(|arg| self.typed(arg, scope)).collect();
        let made: Vec<Typed> = made.into_iter().collect::<Option<_>>()?;
        self.simple(span, word, made.into_iter().zip(args.iter().map(|arg| arg.span)).collect())
    }

    /// A function that makes one value of values of one row.
    fn simple(&mut self, span: Span, word: &str, args: Vec<(Typed, Span)>) -> Option<Typed> {
        let pii = args.iter().find_map(|(arg, _)| arg.pii);
        let mut terms: Vec<Term> = args.iter().map(|(arg, _)| arg.term.clone()).collect();
        match word {
            "coalesce" => {
                let ty = self.one_type(&args)?;
                let nullable = args.iter().all(|(arg, _)| arg.nullable);
                let built: Result<Vec<Expr>, NotBuilt> = args.into_iter().map(|(arg, _)| arg.built).collect();
                let built = built.map(Expr::Coalesce);
                Some(Typed { term: Term::Apply(word.into(), terms), ty, nullable, pii, built })
            }
            "lower" | "upper" => {
                let (arg, at) = args.into_iter().next()?;
                if !matches!(family(&arg.ty), Family::Text | Family::Any) {
                    let message = format!("`{word}` takes a text, and this is {}", arg.ty.phrase());
                    self.report(
                        Diagnostic::new(codes::TYPE_MISMATCH, at, message).help("take a column that is a text"),
                    );
                    return None;
                }
                let built = arg.built.map(Box::new);
                let built = built.map(if word == "lower" { Expr::Lower } else { Expr::Upper });
                Some(Typed {
                    term: Term::Apply(word.into(), terms),
                    ty: Type::Text,
                    nullable: arg.nullable,
                    pii,
                    built,
                })
            }
            "pair" => {
                self.one_type(&args)?;
                // Free of order: pair(a, b) is pair(b, a).
                terms.sort();
                let nullable = args.iter().any(|(arg, _)| arg.nullable);
                let built = Err(NotBuilt::new(span, "`pair` is"));
                Some(Typed { term: Term::Apply(word.into(), terms), ty: Type::Text, nullable, pii, built })
            }
            "checksum" => {
                let built = Err(NotBuilt::new(span, "`checksum` is"));
                Some(Typed {
                    term: Term::Apply(word.into(), terms),
                    ty: Type::Bigint,
                    nullable: false,
                    pii: None,
                    built,
                })
            }
            _ => {
                let built = Err(NotBuilt::new(span, format!("`{word}` is")));
                Some(Typed {
                    term: Term::Apply(word.into(), terms),
                    ty: Type::Timestamp,
                    nullable: false,
                    pii: None,
                    built,
                })
            }
        }
    }

    /// A function that makes one value of many rows.
    fn aggregate(&mut self, span: Span, name: &Name, args: &[ast::Expr], star: bool, scope: &Scope) -> Option<Typed> {
        let word = name.text.as_str();
        if scope.grouped.is_none() {
            self.report(
                Diagnostic::new(
                    codes::MISPLACED_STATEMENT,
                    name.span,
                    format!("`{word}` makes one value of many rows"),
                )
                .here("no `group by` stands before it")
                .help("add `| group by …` before"),
            );
            return None;
        }
        let built = Err(NotBuilt::new(span, format!("`{word}` is")));
        let count = word == "count";
        let arg = match (count, args, star) {
            (true, [], _) => {
                let term = Term::Apply(word.into(), Vec::new());
                return Some(Typed { term, ty: Type::Bigint, nullable: false, pii: None, built });
            }
            (_, [arg], false) => arg,
            _ => {
                let takes = if count { "`*` or one value" } else { "one value" };
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, span, format!("`{word}` takes {takes}"))
                        .help(format!("write `{word}({})`", if count { "*" } else { "column" })),
                );
                return None;
            }
        };
        // Inside, it is the single row that counts.
        let inner = Scope { grouped: None, ..scope.clone() };
        let typed = self.typed(arg, &inner)?;
        let number = matches!(family(&typed.ty), Family::Number | Family::Any);
        if matches!(word, "sum" | "avg") && !number {
            let message = format!("`{word}` takes a number, and this is {}", typed.ty.phrase());
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, arg.span, message).help("take a column that holds a number"),
            );
            return None;
        }
        let ty = match (word, &typed.ty) {
            ("count", _) | ("sum", Type::Smallint | Type::Int | Type::Bigint) => Type::Bigint,
            // A sum outgrows its addends; its scale stays.
            ("sum", Type::Decimal { scale: Some(scale), .. }) => {
                Type::Decimal { precision: Some(38), scale: Some(*scale) }
            }
            ("avg", Type::Decimal { .. }) => Type::Decimal { precision: None, scale: None },
            ("avg", _) => Type::Double,
            (_, ty) => ty.clone(),
        };
        let (nullable, pii) = if count { (false, None) } else { (typed.nullable, typed.pii) };
        Some(Typed { term: Term::Apply(word.into(), vec![typed.term]), ty, nullable, pii, built })
    }
}
