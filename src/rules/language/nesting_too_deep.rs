use super::super::rule;

rule! {
    /// Brackets are nested more than 64 deep.
    ///
    /// No page that people write comes near; the limit keeps a broken or hostile file from exhausting the machine.
    ///
    /// Take the expression apart, or look for a bracket that is never closed.
    {
        name: "nesting_too_deep", severity: Error, waivable: false, title: "brackets are nested too deep", check: None,
    }
}
