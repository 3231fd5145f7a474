use super::super::rule;

rule! {
    /// Several logs are declared, and a record does not say which of them carries its changes.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system bus: kafka
    /// system bus_us: kafka
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres { log bus }
    /// system bus: kafka
    /// system bus_us: kafka
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// ```
    {
        name: "ambiguous_log", severity: Error, waivable: false, title: "which log is not said", check: None,
    }
}
