use super::super::rule;
use super::code;
use crate::diag::{Diagnostic, Severity};
use crate::model::Allow;

rule! {
    /// An `allow` for a rule that never yields.
    ///
    /// Some findings are no risks to be taken knowingly: what they describe cannot run, or cannot be right.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view product_search {
    ///   product | search.products
    ///   allow store_taken because "we know"
    /// }
    /// ```
    ///
    /// Cure the finding instead; `diac explain` with the rule's name says how.
    {
        name: "not_waivable", severity: Error, waivable: false, title: "this rule never yields", check: None,
    }
}

pub(super) fn finding(allow: &Allow) -> Diagnostic {
    Diagnostic::new(code(RULE.name, Severity::Error), allow.rule_span, format!("`{}` never yields", allow.rule))
        .here("no reason makes it right")
        .help(format!("delete the line and cure the finding; `diac explain {}` says how", allow.rule))
}
