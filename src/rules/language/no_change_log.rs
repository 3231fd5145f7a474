use super::super::rule;

rule! {
    /// A pipeline starts in a system that has no change log.
    ///
    /// Looking at a store again and again cannot see what came and went between two looks.
    ///
    /// ```dia,bad
    /// system cache: redis
    /// system search: elasticsearch
    /// entity session in cache.sessions { id text key }
    /// session | search.sessions
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity session in shop.public.sessions { id text key }
    /// session | search.sessions
    /// ```
    {
        name: "no_change_log", severity: Error, waivable: false, title: "this system has no change log diac can read", check: None,
    }
}
