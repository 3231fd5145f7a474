use super::super::rule;

rule! {
    /// A file that `import` names cannot be read.
    ///
    /// Paths are relative to the file that names them.
    ///
    /// Correct the path; the finding names the nearest file there is.
    {
        name: "import_not_found", severity: Error, waivable: false, title: "an imported file is not there", check: None,
    }
}
