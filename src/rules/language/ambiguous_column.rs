use super::super::rule;

rule! {
    /// A column's name stands for two columns of joined rows.
    ///
    /// Behind a `join`, a column that both rows have is reached through its row's name. A column that the join's condition holds equal on both sides is one.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system compute: flink
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   brand_id    bigint
    ///   name        text
    /// }
    /// entity brand in shop.public.brands {
    ///   brand_id  bigint  key
    ///   name      text
    /// }
    /// view found {
    ///   product
    ///   | join brand on brand.brand_id = product.brand_id
    ///   | select product_id, name
    ///   | search.products
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system compute: flink
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   brand_id    bigint
    ///   name        text
    /// }
    /// entity brand in shop.public.brands {
    ///   brand_id  bigint  key
    ///   name      text
    /// }
    /// view found {
    ///   product
    ///   | join brand on brand.brand_id = product.brand_id
    ///   | select product_id, product.name, brand.name as brand
    ///   | search.products
    /// }
    /// ```
    {
        name: "ambiguous_column", severity: Error, waivable: false, title: "this name may be two columns", check: None,
    }
}
