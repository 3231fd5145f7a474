use super::super::rule;

rule! {
    /// A construct is understood and not compiled by this version.
    ///
    /// Nothing is written for such a page: half of it would look like the whole.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// event paid in kafka.payments { payment_id uuid key }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// ```
    {
        name: "statement_not_built", severity: Error, waivable: false, title: "this is not compiled yet", check: None,
    }
}
