use super::super::rule;

rule! {
    /// A system is of a kind diac does not know.
    ///
    /// ```dia,bad
    /// system shop: postgress
    /// system search: elasticsearch
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// ```
    {
        name: "unknown_kind", severity: Error, waivable: false, title: "this kind of system is not known", check: None,
    }
}
