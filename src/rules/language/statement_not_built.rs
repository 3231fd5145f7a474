use super::super::rule;

rule! {
    /// A construct is understood and not compiled by this version.
    ///
    /// `diac check` says so as advice, since the page may be sound; `diac compile` refuses it and writes nothing: half of it would look like the whole.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// event paid in kafka.payments via outbox shop.public.outbox { payment_id uuid key }
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
