use super::super::rule;

rule! {
    /// A view follows from itself, directly or through other views.
    ///
    /// A wrong value would go round and refresh itself; what is deleted would come back.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// view a { b }
    /// view b { a | search.b }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view a { product }
    /// view b { a | search.b }
    /// ```
    {
        name: "view_cycle", severity: Error, waivable: false, title: "a view follows from itself", check: None,
    }
}
