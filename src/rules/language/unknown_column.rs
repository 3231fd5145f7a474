use super::super::rule;

rule! {
    /// A column is named that the record or view does not have, a type is not of the language, or a store needs columns that nobody declares.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   price       decimal(12,2)
    /// }
    /// view product_search { product | select product_id, prise | search.products }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   price       decimal(12,2)
    /// }
    /// view product_search { product | select product_id, price | search.products }
    /// ```
    {
        name: "unknown_column", severity: Error, waivable: false, title: "a column or type is not known", check: None,
    }
}
