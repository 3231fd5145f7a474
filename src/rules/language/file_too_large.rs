use super::super::rule;

rule! {
    /// A `.dia` file is larger than 4 MiB.
    ///
    /// A page that large is generated, and generated text belongs in a schema file.
    ///
    /// Split the file and `import` the parts, or let `schema "dump.sql"` name the tables.
    {
        name: "file_too_large", severity: Error, waivable: false, title: "a file is too large", check: None,
    }
}
