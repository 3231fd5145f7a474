use super::super::rule;

rule! {
    /// Brackets are nested more than 64 deep, or more than 128 views follow from one another.
    ///
    /// No page that people write comes near; the limits keep a broken or hostile file from exhausting the machine.
    ///
    /// Take the expression apart, look for a bracket that is never closed, or let a view follow from an earlier one.
    {
        name: "nesting_too_deep", severity: Error, waivable: false, title: "brackets or views are nested too deep", check: None,
    }
}
