use super::super::rule;

rule! {
    /// A time or a size is given as a bare number.
    ///
    /// A number without its unit means seconds to one reader and milliseconds to the next.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view product_search {
    ///   product | search.products
    ///   objective fresh within 5
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view product_search {
    ///   product | search.products
    ///   objective fresh within 5s
    /// }
    /// ```
    {
        name: "unit_missing", severity: Error, waivable: false, title: "a number lacks its unit", check: None,
    }
}
