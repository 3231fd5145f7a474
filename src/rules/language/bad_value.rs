use super::super::rule;

rule! {
    /// A value is outside what its place allows.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint         key
    ///   price       decimal(2,12)
    /// }
    /// product | search.products
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint         key
    ///   price       decimal(12,2)
    /// }
    /// product | search.products
    /// ```
    {
        name: "bad_value", severity: Error, waivable: false, title: "a value is not one its place allows", check: None,
    }
}
