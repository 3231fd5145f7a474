use super::super::rule;
use super::code;
use crate::diag::{Diagnostic, Severity};
use crate::model::Allow;

rule! {
    /// An `allow` has run out.
    ///
    /// A waiver with `until` holds through that day. Behind it the finding counts again, and so does the waiver itself: somebody meant to be done by then.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view product_search {
    ///   product | search.products
    ///   allow lossy_type because "prices are shown, never summed" until 2020-01-31
    /// }
    /// ```
    ///
    /// Finish what the waiver was for and delete it, or give a new date and the reason for it.
    {
        name: "expired_allow", severity: Error, waivable: false, title: "`allow` has run out", check: None,
    }
}

pub(super) fn finding(allow: &Allow) -> Diagnostic {
    let until = allow.until.as_ref();
    let (span, date) = until.map_or((allow.span, ""), |until| (until.span, until.value.as_str()));
    Diagnostic::new(code(RULE.name, Severity::Error), span, format!("`allow {}` ran out on {date}", allow.rule))
        .here("this was the last day")
        .help("finish the work and delete the line, or give a new date and reason")
}
