use super::super::rule;

rule! {
    /// A system is captured or filled that this version does not compile.
    ///
    /// `diac check` says so as advice, since the page may be sound; `diac compile` refuses it and writes nothing: half of it would look like the whole.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system lake: clickhouse
    /// entity product in shop.public.products { product_id bigint key }
    /// product | lake.raw.products
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// ```
    {
        name: "target_not_built", severity: Error, waivable: false, title: "this system is not compiled yet", check: None,
    }
}
