//! What can be written behind `diac`. What later versions will understand is known here too, so that it is answered in a sentence.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::date;

/// Compiles data-integration pipelines: from one page of intent to every configuration that runs it.
#[derive(Debug, Parser)]
#[command(name = "diac", version, disable_help_subcommand = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Checks pipelines and writes every file that runs them, unless an error stands.
    Compile(Compile),
    /// Checks pipelines and writes nothing.
    Check(Check),
    /// Starts a project: writes a first page that compiles, and the environment it runs in. Overwrites nothing.
    Init(Init),
    /// Prints a picture of a pipeline, sound or not.
    Graph(Graph),
    /// Prints, view by view, why it follows its record: the argument hop by hop, and how far a search for a run that breaks it went.
    Prove(Prove),
    /// Brings pages into their one form: what they say, with every remark, stays.
    Fmt(Fmt),
    /// Prints the page of a rule: what it finds, why that is wrong, and what to do instead.
    Explain(Explain),
    /// Lists all rules.
    Rules(Rules),
    #[command(external_subcommand)]
    Other(Vec<OsString>),
}

#[derive(Debug, Args)]
pub struct Compile {
    #[command(flatten)]
    pub input: Input,
    /// The folder to write to. diac owns the files that its MANIFEST.json lists and keeps all others.
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: String,
    /// Writes nothing, and exits with 3 when the folder is not what would be written.
    #[arg(long)]
    pub check: bool,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "")]
    pub deploy: Option<String>,
}

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub input: Input,
    /// Looks for runs with more crashes and in more states: slower.
    #[arg(long)]
    pub deep: bool,
    /// Tells in words what would happen, instead of showing the shortest run step by step.
    #[arg(long)]
    pub no_traces: bool,
}

#[derive(Debug, Args)]
pub struct Input {
    /// The files to read, with what they import. A folder stands for its .dia files, `-` for a page piped in.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Looks at this environment only, instead of every deployed one.
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// How findings are printed: for people on stderr; as JSON, SARIF 2.1.0 or GitHub's workflow commands on stdout.
    #[arg(
        long,
        value_enum,
        value_name = "human|json|sarif|github",
        default_value = "human",
        hide_possible_values = true
    )]
    pub format: Format,
    /// Treats warnings as a failure too. Advice never counts.
    #[arg(long, value_name = "warnings")]
    pub deny: Option<Deny>,
    /// The date that waivers are held against, instead of today's.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date::parse)]
    pub today: Option<String>,
    /// A folder that an earlier compilation wrote: what changed since then is judged too. `compile` takes the folder it writes to.
    #[arg(long, value_name = "DIR")]
    pub against: Option<String>,
}

#[derive(Debug, Args)]
pub struct Init {
    /// What follows the record in the first page: search, cache, warehouse, replica or hub (all of them). Without one: search.
    #[arg(value_name = "TEMPLATE")]
    pub template: Option<String>,
    /// The folder to start in; it is made where it is not there, and must hold no .dia file. Alone it needs no template before it.
    #[arg(value_name = "DIR")]
    pub dir: Option<String>,
    /// Starts from the tables of a database's schema: a dump, or migrations by a glob in quotes. Which database it is for is
    /// told by what only that one writes.
    #[arg(long, value_name = "FILE.sql")]
    pub schema: Option<String>,
    /// The kind of database the schema is for, where it cannot be told: postgres, mysql, mariadb, sqlserver, oracle, snowflake.
    #[arg(long, value_name = "KIND", requires = "schema")]
    pub kind: Option<String>,
}

#[derive(Debug, Args)]
pub struct Graph {
    /// The files to read, with what they import. A folder stands for its .dia files, `-` for a page piped in.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// What is shown: how data flows, who writes, who reads, or what keeps the order.
    #[arg(
        long,
        value_enum,
        value_name = "dataflow|write|read|order",
        default_value = "dataflow",
        hide_possible_values = true
    )]
    pub view: Picture,
    /// The language of the picture.
    #[arg(long, value_enum, value_name = "mermaid|dot", default_value = "mermaid", hide_possible_values = true)]
    pub format: Drawing,
    /// The date that waivers are held against, instead of today's.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date::parse)]
    pub today: Option<String>,
}

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Picture {
    Dataflow,
    Write,
    Read,
    Order,
}

/// What a picture is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Drawing {
    Mermaid,
    Dot,
    #[value(hide = true)]
    Svg,
}

#[derive(Debug, Args)]
pub struct Prove {
    /// The files to read, with what they import. A folder stands for its .dia files, `-` for a page piped in.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Only this view.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Looks for runs with more crashes and in more states, and shows what the view does not hold against.
    #[arg(long)]
    pub deep: bool,
    /// For people, for machines, or the runs that break a promise as sequence diagrams.
    #[arg(long, value_enum, value_name = "human|json|mermaid", default_value = "human", hide_possible_values = true)]
    pub format: Proof,
    /// The date that waivers are held against, instead of today's.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date::parse)]
    pub today: Option<String>,
}

/// What an argument is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Proof {
    Human,
    Json,
    Mermaid,
}

#[derive(Debug, Args)]
pub struct Fmt {
    /// The files to format; what they import is not. A folder stands for its .dia files, `-` for a page piped in. Changed ones are listed.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Writes nothing, and exits with 3 when a file would change.
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// The rule's name, as findings show it.
    #[arg(value_name = "RULE", required_unless_present = "path")]
    pub rule: Option<String>,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "")]
    pub path: Option<String>,
}

#[derive(Debug, Args)]
pub struct Rules {
    /// How the list is printed.
    #[arg(long, value_enum, value_name = "human|json", default_value = "human", hide_possible_values = true)]
    pub format: Listing,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Json,
    Sarif,
    Github,
}

/// How the list of rules is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listing {
    Human,
    Json,
}

/// What is treated as a failure besides errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    Warnings,
}

/// Commands of later versions.
pub const LATER: &[&str] = &["lint", "import", "diff", "migrate", "verify", "pull", "lsp", "completions"];

/// Commands of this version.
pub const NOW: &[&str] = &["compile", "check", "init", "fmt", "graph", "prove", "explain", "rules"];

impl Command {
    /// An option that is written and that this version does not understand.
    pub fn later(&self) -> Option<&'static str> {
        match self {
            Self::Compile(compile) => compile.deploy.as_ref().map(|_| "--deploy"),
            Self::Explain(explain) => explain.path.as_ref().map(|_| "explain --path"),
            Self::Graph(graph) => (graph.format == Drawing::Svg).then_some("--format svg"),
            Self::Check(_) | Self::Prove(_) | Self::Init(_) | Self::Fmt(_) | Self::Rules(_) | Self::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
