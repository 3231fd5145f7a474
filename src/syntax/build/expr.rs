//! Expressions.
//!
//! INVARIANT: a tree is at most [`LIMIT`] levels deep, also where a long sum nests to the left: every later pass recurses.

use super::Builder;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{ArithOp, CompareOp, Expr, ExprKind, Literal, SelectItem, Spanned};
use crate::syntax::parse::{Node, Rule};

/// How deep an expression's tree may be.
const LIMIT: usize = 256;

/// An expression and the depth of its tree.
struct Deep {
    expr: Expr,
    depth: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn expr(&mut self, node: &Node<'a>) -> Option<Expr> {
        self.any(node).map(|deep| deep.expr)
    }

    pub(super) fn need_expr(&mut self, node: &Node<'a>) -> Option<Expr> {
        let child = self.need(node, Rule::expr)?;
        self.expr(&child)
    }

    /// The expressions of the list among the parts.
    pub(super) fn exprs(&mut self, node: &Node<'a>) -> Vec<Expr> {
        let list = node.child(Rule::exprs);
        list.iter().flat_map(|list| list.all(Rule::expr)).filter_map(|expr| self.expr(&expr)).collect()
    }

    pub(super) fn select_items(&mut self, node: &Node<'a>) -> Vec<SelectItem> {
        let mut items = Vec::new();
        for item in node.all(Rule::select_item) {
            if let Some(star) = item.child(Rule::star) {
                items.push(SelectItem::Star(Spanned { value: star.text().to_owned(), span: self.span(&star) }));
            } else if let Some(expr) = self.need_expr(&item) {
                let alias = item.child(Rule::name).map(|name| self.name(&name));
                items.push(SelectItem::Expr { expr, alias });
            }
        }
        items
    }

    /// Puts a node on top of its parts, unless that is too deep.
    fn on(&mut self, node: &Node, depth: usize, kind: ExprKind) -> Option<Deep> {
        let span = self.span(node);
        if depth >= LIMIT {
            let message = format!("the expression nests more than {LIMIT} deep");
            let finding = Diagnostic::new(codes::NESTING_TOO_DEEP, span, message);
            self.diagnostics.push(finding.help("divide the expression over several views"));
            return None;
        }
        Some(Deep { expr: Expr { kind, span }, depth: depth + 1 })
    }

    /// Builds any expression. Levels of the grammar that add nothing are walked down in a loop, for the stack's sake.
    fn any(&mut self, node: &Node<'a>) -> Option<Deep> {
        let mut node = node.clone();
        while is_level(node.rule()) {
            let mut children = node.children();
            match (children.next(), children.next()) {
                (Some(only), None) => node = only,
                _ => break,
            }
        }
        let node = &node;
        match node.rule() {
            Rule::expr => self.joined(node, Rule::and_expr, ExprKind::Or),
            Rule::and_expr => self.joined(node, Rule::not_expr, ExprKind::And),
            Rule::not_expr => {
                let inner = self.need(node, Rule::cmp_expr)?;
                let mut deep = self.any(&inner)?;
                for _ in node.all(Rule::kw_not) {
                    deep = self.on(node, deep.depth, ExprKind::Not(Box::new(deep.expr)))?;
                }
                Some(deep)
            }
            Rule::cmp_expr => self.comparison(node),
            Rule::sum_expr | Rule::mul_expr => self.arithmetic(node),
            Rule::unary => {
                let inner = self.need(node, Rule::primary)?;
                let deep = self.any(&inner)?;
                self.on(node, deep.depth, ExprKind::Neg(Box::new(deep.expr)))
            }
            _ => self.primary(node),
        }
    }

    fn joined(&mut self, node: &Node<'a>, part: Rule, kind: fn(Vec<Expr>) -> ExprKind) -> Option<Deep> {
        let mut parts = Vec::new();
        let mut depth = 0;
        for child in node.all(part) {
            let deep = self.any(&child)?;
            depth = depth.max(deep.depth);
            parts.push(deep.expr);
        }
        self.on(node, depth, kind(parts))
    }

    fn comparison(&mut self, node: &Node<'a>) -> Option<Deep> {
        let mut sums = node.all(Rule::sum_expr);
        let Some(left) = sums.next() else { return self.internal(node) };
        let left = self.any(&left)?;
        if let Some(op) = node.child(Rule::cmp_op) {
            let Some(right) = sums.next() else { return self.internal(node) };
            let right = self.any(&right)?;
            let op = match op.text() {
                "=" => CompareOp::Eq,
                "<>" | "!=" => CompareOp::Ne,
                "<" => CompareOp::Lt,
                "<=" => CompareOp::Le,
                ">" => CompareOp::Gt,
                _ => CompareOp::Ge,
            };
            let kind = ExprKind::Compare { op, left: Box::new(left.expr), right: Box::new(right.expr) };
            return self.on(node, left.depth.max(right.depth), kind);
        }
        let Some(test) = node.children().nth(1) else { return Some(left) };
        let (expr, negated) = (Box::new(left.expr), test.has(Rule::kw_not));
        match test.rule() {
            Rule::is_null => self.on(node, left.depth, ExprKind::IsNull { expr, negated }),
            Rule::like => {
                let pattern = self.need(&test, Rule::sum_expr)?;
                let pattern = self.any(&pattern)?;
                let depth = left.depth.max(pattern.depth);
                self.on(node, depth, ExprKind::Like { expr, pattern: Box::new(pattern.expr), negated })
            }
            Rule::in_list => {
                let (list, depth) = self.list(&test)?;
                self.on(node, depth.max(left.depth), ExprKind::In { expr, list, negated })
            }
            _ => self.internal(node),
        }
    }

    fn list(&mut self, node: &Node<'a>) -> Option<(Vec<Expr>, usize)> {
        let mut list = Vec::new();
        let mut depth = 0;
        for expr in node.all(Rule::expr) {
            let deep = self.any(&expr)?;
            depth = depth.max(deep.depth);
            list.push(deep.expr);
        }
        Some((list, depth))
    }

    fn arithmetic(&mut self, node: &Node<'a>) -> Option<Deep> {
        let mut sum: Option<Deep> = None;
        let mut op = None;
        for child in node.children() {
            match child.rule() {
                Rule::sum_op | Rule::mul_op => {
                    op = Some(match child.text() {
                        "+" => ArithOp::Add,
                        "-" => ArithOp::Sub,
                        "*" => ArithOp::Mul,
                        "/" => ArithOp::Div,
                        _ => ArithOp::Rem,
                    });
                }
                _ => {
                    let right = self.any(&child)?;
                    sum = match (sum, op.take()) {
                        (Some(left), Some(op)) => {
                            let depth = left.depth.max(right.depth);
                            let span = left.expr.span.to(right.expr.span);
                            let kind = ExprKind::Arith { op, left: Box::new(left.expr), right: Box::new(right.expr) };
                            let mut deep = self.on(node, depth, kind)?;
                            deep.expr.span = span;
                            Some(deep)
                        }
                        _ => Some(right),
                    };
                }
            }
        }
        sum
    }

    fn primary(&mut self, node: &Node<'a>) -> Option<Deep> {
        match node.rule() {
            Rule::parens => {
                let inner = self.need(node, Rule::expr)?;
                let mut deep = self.any(&inner)?;
                deep.expr.span = self.span(node);
                Some(deep)
            }
            Rule::cast => {
                let (inner, ty) = (self.need(node, Rule::expr)?, self.need(node, Rule::type_name)?);
                let (deep, ty) = (self.any(&inner)?, self.type_name(&ty)?);
                self.on(node, deep.depth, ExprKind::Cast { expr: Box::new(deep.expr), ty })
            }
            Rule::case_expr => self.choice(node),
            Rule::call => {
                let name = self.need_name(node)?;
                let (args, depth) = self.list(node)?;
                self.on(node, depth, ExprKind::Call { name, args, star: node.has(Rule::star) })
            }
            Rule::duration => {
                let duration = self.duration(node);
                self.on(node, 0, ExprKind::Duration(duration))
            }
            Rule::literal => {
                let literal = self.literal(node)?;
                self.sql_quotes(node, &literal);
                self.on(node, 0, ExprKind::Literal(literal))
            }
            Rule::expr_path => {
                let path = self.need_path(node)?;
                self.on(node, 0, ExprKind::Path(path))
            }
            _ => self.internal(node),
        }
    }

    fn choice(&mut self, node: &Node<'a>) -> Option<Deep> {
        let mut arms = Vec::new();
        let mut depth = 0;
        for arm in node.all(Rule::case_arm) {
            let mut parts = arm.all(Rule::expr);
            let (Some(when), Some(then)) = (parts.next(), parts.next()) else { return self.internal(&arm) };
            let (when, then) = (self.any(&when)?, self.any(&then)?);
            depth = depth.max(when.depth).max(then.depth);
            arms.push((when.expr, then.expr));
        }
        let mut otherwise = None;
        if let Some(last) = node.child(Rule::expr) {
            let deep = self.any(&last)?;
            depth = depth.max(deep.depth);
            otherwise = Some(Box::new(deep.expr));
        }
        self.on(node, depth, ExprKind::Case { arms, otherwise })
    }

    /// In SQL double quotes make a name; who reads SQL must not have to guess.
    fn sql_quotes(&mut self, node: &Node<'a>, literal: &Literal) {
        let (Literal::Text(text), Some(_)) = (literal, node.find(Rule::double_quoted)) else { return };
        let span = self.span(node);
        let quoted = format!("'{}'", text.replace('\'', "''"));
        let message = format!("the value `{text}` stands in double quotes");
        self.diagnostics.push(
            Diagnostic::new(codes::SYNTAX, span, message)
                .help("write values in single quotes, as in SQL")
                .fix(span, quoted),
        );
    }
}

/// Whether a rule is a level of binding strength.
fn is_level(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::expr
            | Rule::and_expr
            | Rule::not_expr
            | Rule::cmp_expr
            | Rule::sum_expr
            | Rule::mul_expr
            | Rule::unary
            | Rule::primary
    )
}
