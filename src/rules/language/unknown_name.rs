use super::super::rule;

rule! {
    /// A name is used that nothing declares.
    ///
    /// Every system, entity, event, view, service, environment and secret has one name, and each name stands for one thing.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view product_search { produkt | search.products }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view product_search { product | search.products }
    /// ```
    {
        name: "unknown_name", severity: Error, waivable: false, title: "a name is declared nowhere", check: None,
    }
}
