use super::super::rule;

rule! {
    /// Personal data is hashed on a way that knows no secret.
    ///
    /// Whoever guesses the value computes the same hash, so a hash without a secret salt hides nothing. Bento can hash with a secret; a connector's
    /// transforms cannot.
    ///
    /// ```dia,bad
    /// system shop: postgres { may hold pii }
    /// system report: postgres
    /// entity customer in shop.public.customers {
    ///   customer_id  bigint  key
    ///   email        text    pii
    /// }
    /// view customers { customer | mask email with hash | report.public.customers }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres { may hold pii }
    /// system report: postgres
    /// entity customer in shop.public.customers {
    ///   customer_id  bigint  key
    ///   email        text    pii
    /// }
    /// view customers { customer | mask email with redact | report.public.customers }
    /// ```
    {
        name: "unsalted_hash", severity: Error, waivable: false, title: "a hash without a secret", check: None,
    }
}
