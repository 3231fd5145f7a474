use super::super::rule;

rule! {
    /// A file is not UTF-8.
    ///
    /// The finding names the first byte that is not.
    ///
    /// Save the file as UTF-8. With iconv: `iconv -f latin1 -t utf8 old.dia > new.dia`.
    {
        name: "not_utf8", severity: Error, waivable: false, title: "a file is not UTF-8", check: None,
    }
}
