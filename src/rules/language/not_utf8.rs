use super::super::rule;

rule! {
    /// A file is not UTF-8.
    ///
    /// The finding names the first byte that is not. Save the file as UTF-8; with iconv: `iconv -f WINDOWS-1252 -t UTF-8 old.dia > new.dia`.
    ///
    /// A SQL file may also be in UTF-16. One that is neither is read where nothing but remarks and texts is concerned: as Windows-1252, and advice says so. Old
    /// databases are dumped in the encoding of their server, and binary values stand in the data of a dump as they are. Where a name is concerned, it would
    /// be a guess.
    {
        name: "not_utf8", severity: Error, waivable: false, title: "a file is not UTF-8", check: None,
    }
}
