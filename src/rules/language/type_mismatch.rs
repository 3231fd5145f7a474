use super::super::rule;

rule! {
    /// A declared type contradicts the schema, or two kinds of values are compared.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   name        text
    /// }
    /// view named { product | where name > 5 | search.named }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   name        text
    /// }
    /// view named { product | where name > '5' | search.named }
    /// ```
    {
        name: "type_mismatch", severity: Error, waivable: false, title: "a value is of another type than its place", check: None,
    }
}
