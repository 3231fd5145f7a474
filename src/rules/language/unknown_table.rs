use super::super::rule;

rule! {
    /// A path names a table that its system's schema does not have, or a whole system is named and its tables are not known.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// shop | search
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// ```
    {
        name: "unknown_table", severity: Error, waivable: false, title: "the schema has no such table", check: None,
    }
}
