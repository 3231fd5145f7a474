use super::super::rule;

rule! {
    /// The text is not of the language.
    ///
    /// One mistake is one finding: the line in question is left out, and everything around it is read as usual.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// service shopfront {
    ///   wrties product
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// service shopfront {
    ///   writes product
    /// }
    /// ```
    {
        name: "syntax", severity: Error, waivable: false, title: "this is not the language", check: None,
    }
}
