use super::super::rule;

rule! {
    /// The file says it is written for an edition this version does not know.
    ///
    /// An edition fixes the words and defaults of a page. A newer page needs a newer diac.
    ///
    /// ```dia,bad
    /// edition 2031
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// ```
    ///
    /// ```dia,good
    /// edition 2026
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// ```
    {
        name: "unknown_edition", severity: Error, waivable: false, title: "this edition is not known", check: None,
    }
}
