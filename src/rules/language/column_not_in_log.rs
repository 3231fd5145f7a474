use super::super::rule;

rule! {
    /// A view selects a column that the database computes and does not write to its change log.
    ///
    /// PostgreSQL's logical decoding leaves generated columns out, so the value would always be null and look like data. The column is left out of
    /// the view. In a condition or a mask the finding is an error: the view would be another one.
    ///
    /// Leave it out of `select`, or store the value in an ordinary column.
    {
        name: "column_not_in_log", severity: Warning, waivable: true, title: "a column has no source in the log", check: None,
    }
}
