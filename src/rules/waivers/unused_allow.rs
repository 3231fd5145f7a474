use super::super::rule;
use super::code;
use crate::diag::{Diagnostic, Severity};
use crate::model::Allow;

rule! {
    /// An `allow` without effect: no finding of its rule touches the declaration it stands in.
    ///
    /// A waiver that waives nothing would silently cover the next mistake of that kind.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view product_search {
    ///   product | search.products
    ///   allow dual_write because "the importer still writes the index"
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view product_search {
    ///   product | search.products
    /// }
    /// ```
    {
        name: "unused_allow", severity: Warning, waivable: true, title: "`allow` without effect", check: None,
    }
}

pub(super) fn finding(allow: &Allow) -> Diagnostic {
    Diagnostic::new(code(RULE.name, Severity::Warning), allow.span, format!("`allow {}` has no effect", allow.rule))
        .here("nothing in this declaration breaks that rule")
        .help("delete the line")
}
