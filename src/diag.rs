//! What diac has to say: findings as plain data. Rendering is in `render`, the rules are in `rules`.

use crate::source::Span;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is written while it stands.
    Error,
    /// Counts with `--deny warnings`.
    Warning,
    /// Never counts.
    Advice,
}

impl Severity {
    /// The word in JSON reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// The name and weight of a rule, as passes that come before the rules need them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The rule's name, snake case, for ever.
    pub name: &'static str,
    /// The weight of its findings.
    pub severity: Severity,
}

impl Code {
    /// A rule whose findings are errors.
    #[must_use]
    pub const fn error(name: &'static str) -> Self {
        Self { name, severity: Severity::Error }
    }
    /// A rule whose findings are warnings.
    #[must_use]
    pub const fn warning(name: &'static str) -> Self {
        Self { name, severity: Severity::Warning }
    }
    /// A rule whose findings are advice.
    #[must_use]
    pub const fn advice(name: &'static str) -> Self {
        Self { name, severity: Severity::Advice }
    }
}

/// A remark on a piece of source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there; lower case, no full stop; may be empty.
    pub message: String,
}

/// A change of text that cures a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Replacements; they do not overlap.
    pub edits: Vec<Edit>,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// The waiver that covers a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// The reason after `because`.
    pub reason: String,
    /// The date after `until`, as `YYYY-MM-DD`.
    pub until: Option<String>,
}

/// The shortest run that breaks a promise, in the user's own names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// How it shows, its code, and by what: `stale overwrite (A01) by race`.
    pub title: String,
    /// What it takes, and how much was looked at.
    pub extent: String,
    /// The places whose contents are shown.
    pub places: Vec<String>,
    /// What happens, in order.
    pub steps: Vec<TraceStep>,
    /// What is there at the end, and whether anything will mend it; a sentence each without a full stop.
    pub end: Vec<String>,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceStep {
    /// Who.
    pub who: String,
    /// Does what.
    pub does: String,
    /// To whom; none where it stays with itself.
    pub to: Option<String>,
    /// Whether it is a fault.
    pub fault: bool,
    /// What the places hold then.
    pub holds: Vec<String>,
    /// The statement that stands for who acts.
    pub span: Option<Span>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule's name.
    pub rule: &'static str,
    /// Its weight.
    pub severity: Severity,
    /// What is wrong; lower case, names in backticks, no full stop.
    pub message: String,
    /// The culprit.
    pub primary: Label,
    /// The evidence.
    pub labels: Vec<Label>,
    /// What to do, one imperative.
    pub help: Option<String>,
    /// What would happen, step by step, with the user's own names.
    pub story: Vec<String>,
    /// The shortest run that shows it, where the explorer has one; it takes the place of the story for people.
    pub trace: Option<Box<Trace>>,
    /// The smallest edit that helps, where one is certain.
    pub fix: Option<Fix>,
    /// Set where an `allow` covers the finding; it does not count then.
    pub waived: Option<Waived>,
}

impl Diagnostic {
    /// A finding of `code` at `span`.
    #[must_use]
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule: code.name,
            severity: code.severity,
            message: message.into(),
            primary: Label { span, message: String::new() },
            labels: Vec::new(),
            help: None,
            story: Vec::new(),
            trace: None,
            fix: None,
            waived: None,
        }
    }

    /// Says what is to be seen at the culprit.
    #[must_use]
    pub fn here(mut self, message: impl Into<String>) -> Self {
        self.primary.message = message.into();
        self
    }

    /// Adds evidence.
    #[must_use]
    pub fn also(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Tells what would happen, a step a line.
    #[must_use]
    pub fn story<S: Into<String>>(mut self, steps: impl IntoIterator<Item = S>) -> Self {
        self.story = steps.into_iter().map(Into::into).collect();
        self
    }

    /// Shows the shortest run.
    #[must_use]
    pub fn trace(mut self, trace: Option<Trace>) -> Self {
        self.trace = trace.map(Box::new);
        self
    }

    /// Offers the edit that replaces `span` by `text`.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { edits: vec![Edit { span, text: text.into() }] });
        self
    }

    /// Whether it stands in the way of writing files.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error && self.waived.is_none()
    }
}

/// Sorts by place, then rule, and drops exact repetitions: the order in which findings are shown.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        (a.primary.span, a.rule, &a.message, &a.primary.message).cmp(&(
            b.primary.span,
            b.rule,
            &b.message,
            &b.primary.message,
        ))
    });
    diagnostics.dedup();
}

/// What a page means is judged apart from what this version can compile: for who only checks a page, what is not compiled is advice.
pub fn unbuilt_is_advice(diagnostics: &mut [Diagnostic]) {
    let unbuilt = [codes::TARGET_NOT_BUILT.name, codes::STATEMENT_NOT_BUILT.name];
    for diagnostic in diagnostics.iter_mut().filter(|diagnostic| unbuilt.contains(&diagnostic.rule)) {
        diagnostic.severity = Severity::Advice;
    }
}

/// How many unwaived findings of each weight there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Pieces of advice.
    pub advice: usize,
}

impl Summary {
    /// Counts what is not waived.
    #[must_use]
    pub fn of(diagnostics: &[Diagnostic]) -> Self {
        let mut summary = Self::default();
        for diagnostic in diagnostics.iter().filter(|d| d.waived.is_none()) {
            match diagnostic.severity {
                Severity::Error => summary.errors += 1,
                Severity::Warning => summary.warnings += 1,
                Severity::Advice => summary.advice += 1,
            }
        }
        summary
    }
}

/// The findings that passes before the rules can make; each has its page in `rules`.
pub mod codes {
    use super::Code;
    /// The text is not of the language.
    pub const SYNTAX: Code = Code::error("syntax");
    /// Brackets are nested too deep.
    pub const NESTING_TOO_DEEP: Code = Code::error("nesting_too_deep");
    /// A file is larger than diac reads.
    pub const FILE_TOO_LARGE: Code = Code::error("file_too_large");
    /// A file is not UTF-8.
    pub const NOT_UTF8: Code = Code::error("not_utf8");
    /// The edition is not known.
    pub const UNKNOWN_EDITION: Code = Code::error("unknown_edition");
    /// An imported file is not there.
    pub const IMPORT_NOT_FOUND: Code = Code::error("import_not_found");
    /// A needed statement of a schema file could not be read.
    pub const UNREADABLE_SCHEMA: Code = Code::error("unreadable_schema");
    /// A path names a table its schema does not have.
    pub const UNKNOWN_TABLE: Code = Code::error("unknown_table");
    /// A name is declared nowhere.
    pub const UNKNOWN_NAME: Code = Code::error("unknown_name");
    /// A kind of system is not known.
    pub const UNKNOWN_KIND: Code = Code::error("unknown_kind");
    /// A column or type is not known.
    pub const UNKNOWN_COLUMN: Code = Code::error("unknown_column");
    /// A column's name stands for two columns of joined rows.
    pub const AMBIGUOUS_COLUMN: Code = Code::error("ambiguous_column");
    /// One name stands for two things.
    pub const NAME_TAKEN: Code = Code::error("name_taken");
    /// A declared type is not the schema's, or a value is of another type than its place.
    pub const TYPE_MISMATCH: Code = Code::error("type_mismatch");
    /// A statement stands where it has no meaning.
    pub const MISPLACED_STATEMENT: Code = Code::error("misplaced_statement");
    /// A number lacks its unit.
    pub const UNIT_MISSING: Code = Code::error("unit_missing");
    /// A value is outside what its place allows.
    pub const BAD_VALUE: Code = Code::error("bad_value");
    /// A kind of system has no target in this version.
    pub const TARGET_NOT_BUILT: Code = Code::error("target_not_built");
    /// A construct is understood and not compiled by this version.
    pub const STATEMENT_NOT_BUILT: Code = Code::error("statement_not_built");
    /// A column has no source in the log.
    pub const COLUMN_NOT_IN_LOG: Code = Code::warning("column_not_in_log");
    /// A view follows from itself.
    pub const VIEW_CYCLE: Code = Code::error("view_cycle");
    /// A kind of system has no change log that can be captured.
    pub const NO_CHANGE_LOG: Code = Code::error("no_change_log");
    /// A setting or property is not known. As raw property a warning (the rule says so), as a plain setting an error.
    pub const UNKNOWN_PROPERTY: Code = Code::error("unknown_property");
    /// Personal data is hashed without a secret.
    pub const UNSALTED_HASH: Code = Code::error("unsalted_hash");
    /// Several logs, and none is named.
    pub const AMBIGUOUS_LOG: Code = Code::error("ambiguous_log");
}
