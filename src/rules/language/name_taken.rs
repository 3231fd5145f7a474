use super::super::rule;

rule! {
    /// One name is given to two things, or one thing is stated twice.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// service product { writes product }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// service catalog { writes product }
    /// ```
    {
        name: "name_taken", severity: Error, waivable: false, title: "one name stands for two things", check: None,
    }
}
