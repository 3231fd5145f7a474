use super::super::rule;

rule! {
    /// A statement stands where it has no meaning.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   retain 7d
    /// }
    /// product | search.products
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    /// }
    /// product | search.products
    /// ```
    {
        name: "misplaced_statement", severity: Error, waivable: false, title: "a statement stands where it has no meaning", check: None,
    }
}
