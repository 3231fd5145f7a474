//! `diac compile` and `diac check`: the passes, one behind the other, and what becomes of their verdict.

use super::args::{self, Deny, Format, Input};
use super::manifest::About;
use super::write::{self, Difference, Scope, Written};
use super::{Exit, UsageError, against, console, date, load};
use crate::diag::{self, Diagnostic, Summary};
use crate::model::Model;
use crate::output::OutputTree;
use crate::prove::Depth;
use crate::render::{github, human, json, sarif};
use crate::source::SourceMap;
use crate::syntax::suggest::nearest;

/// All findings, no files.
pub(super) fn check(args: &args::Check) -> Result<Exit, UsageError> {
    let depth = if args.deep { Depth::DEEP } else { Depth::USUAL };
    run(&args.input, None, Search { depth, traces: !args.no_traces })
}

/// All findings, and the files unless one stands in the way.
pub(super) fn compile(args: &args::Compile) -> Result<Exit, UsageError> {
    run(&args.input, Some(args), Search { depth: Depth::USUAL, traces: true })
}

/// How runs that break a promise are looked for, and whether they are shown.
#[derive(Clone, Copy)]
struct Search {
    depth: Depth,
    traces: bool,
}

fn run(input: &Input, output: Option<&args::Compile>, search: Search) -> Result<Exit, UsageError> {
    let today = input.today.clone().unwrap_or_else(date::today);
    let mut inputs = load::load(&input.files)?;
    if let Some(output) = output {
        write::admit(&output.out).map_err(UsageError)?;
    }
    let resolved = crate::model::resolve::resolve(&inputs);
    // The trees are in the model now; what is made next takes their room.
    inputs.files = Vec::new();
    let model = resolved.model;
    let mut env = input.env.as_deref();
    if let Some(name) = env
        && let Err(sentence) = environment(&model, name)
    {
        // Where something could not be read, the environment may be in it: the finding comes first.
        let broken = inputs.diagnostics.iter().chain(&resolved.diagnostics).any(Diagnostic::blocks);
        if !broken {
            return Err(UsageError(sentence));
        }
        env = None;
    }
    let plan = crate::plan::plan(&model, env);
    let baseline = match (&input.against, output) {
        (Some(dir), _) => Some(against::folder(dir)?),
        (None, Some(output)) => against::own(&output.out)?,
        (None, None) => None,
    };
    let mut before = std::mem::take(&mut inputs.diagnostics);
    before.extend(resolved.diagnostics);
    let sources = &inputs.sources;
    let mut checked = crate::check::check_to(search.depth, &model, &plan, sources, before, &today, baseline.as_ref());
    if !search.traces {
        checked.findings.iter_mut().for_each(|finding| finding.trace = None);
    }
    let Some(output) = output else {
        diag::unbuilt_is_advice(&mut checked.findings);
        report(input.format, &checked.findings, &inputs.sources)?;
        let counts = Summary::of(&checked.findings);
        return Ok(if counts.errors > 0 || denied(input, counts) { Exit::Findings } else { Exit::Clean });
    };
    report(input.format, &checked.findings, &inputs.sources)?;
    let denied = denied(input, Summary::of(&checked.findings));
    let Some(sound) = checked.sound().filter(|_| !denied) else { return Ok(Exit::Findings) };
    let mut tree = crate::targets::emit(&sound);
    if env.is_some() {
        let order: Vec<&str> = model.environments.iter().map(|env| env.name.as_str()).collect();
        against::keep_others(&mut tree, &output.out, &order)?;
    }
    let about = About { pipeline: model.pipeline.clone(), edition: model.edition, rules: silent(&checked.findings) };
    let deployed: Vec<String> = plan.deployments.iter().map(|deployment| deployment.name.clone()).collect();
    let scope = match env {
        Some(name) => Scope::Only(name.to_owned()),
        None => Scope::All(deployed.clone()),
    };
    let exit = if output.check {
        stale(output, &tree, &about, &scope)
    } else {
        let written = write::write(&output.out, &tree, &about, &scope).map_err(UsageError)?;
        tell(output, &written, &tree, &deployed)
    };
    // The process ends here: to take millions of pieces of memory apart would only cost time.
    std::mem::forget((checked, tree));
    std::mem::forget((inputs, model, plan));
    exit
}

/// Whether warnings count, and there are some.
fn denied(input: &Input, counts: Summary) -> bool {
    input.deny == Some(Deny::Warnings) && counts.warnings > 0
}

/// Whether an environment of that name can be compiled; else why not.
fn environment(model: &Model, name: &str) -> Result<(), String> {
    if model.environments.is_empty() {
        if name == "default" {
            return Ok(());
        }
        return Err(format!("there is no environment `{name}`, since none is declared"));
    }
    let deployed = || model.environments.iter().filter(|env| env.deploy.is_some()).map(|env| env.name.as_str());
    if deployed().any(|env| env == name) {
        return Ok(());
    }
    let hint = match nearest(name, deployed()) {
        Some(other) => format!("did you mean `{other}`?"),
        None => match deployed().collect::<Vec<_>>().as_slice() {
            [] => "none is deployed".to_owned(),
            names => format!("deployed: `{}`", names.join("`, `")),
        },
    };
    if model.environments.iter().any(|env| env.name == name) {
        return Err(format!("environment `{name}` has no `deploy` and is only a base of others; {hint}"));
    }
    Err(format!("there is no environment `{name}`; {hint}"))
}

fn report(format: Format, findings: &[Diagnostic], sources: &SourceMap) -> Result<(), UsageError> {
    match format {
        Format::Json => console::out(&json::report(findings, sources)),
        Format::Sarif => console::out(&sarif::report(findings, sources, &described())),
        Format::Github => console::out(&github::report(findings, sources)),
        Format::Human => {
            console::err(&human::report(findings, sources, console::look()));
            Ok(())
        }
    }
}

/// The registry, as a report shows it.
fn described() -> Vec<sarif::Described> {
    let rules = crate::rules::ALL.iter();
    rules
        .map(|rule| sarif::Described { name: rule.name, title: rule.title, severity: rule.severity, page: rule.page })
        .collect()
}

/// Rules without any finding, waived ones included.
fn silent(findings: &[Diagnostic]) -> Vec<String> {
    let names = crate::rules::ALL.iter().map(|rule| rule.name);
    let mut names: Vec<String> =
        names.filter(|name| findings.iter().all(|finding| finding.rule != *name)).map(str::to_owned).collect();
    names.sort();
    names
}

fn stale(output: &args::Compile, tree: &OutputTree, about: &About, scope: &Scope) -> Result<Exit, UsageError> {
    let differences = write::compare(&output.out, tree, about, scope).map_err(UsageError)?;
    if differences.is_empty() {
        return Ok(Exit::Clean);
    }
    let dir = output.out.trim_end_matches('/');
    let lines = differences.iter().map(|difference| match difference {
        Difference::Differs(path) => format!("differs  {dir}/{path}\n"),
        Difference::Missing(path) => format!("missing  {dir}/{path}\n"),
        Difference::Extra(path) => format!("extra    {dir}/{path}\n"),
    });
    console::err(&lines.collect::<String>());
    Ok(Exit::Stale)
}

/// Says what was written and what to do with it.
fn tell(output: &args::Compile, written: &Written, tree: &OutputTree, deployed: &[String]) -> Result<Exit, UsageError> {
    let dir = output.out.trim_end_matches('/');
    let list = |paths: &[String]| paths.iter().map(|path| format!("{dir}/{path}")).collect::<Vec<_>>().join(", ");
    if !written.edited.is_empty() {
        console::err(&format!("overwritten, though edited by hand: {}\n", list(&written.edited)));
    }
    if !written.removed.is_empty() {
        console::err(&format!("gone, since no longer made: {}\n", list(&written.removed)));
    }
    if output.input.format == Format::Human {
        console::out(&next_steps(dir, tree, deployed))?;
    }
    Ok(Exit::Clean)
}

/// Three lines, with the paths that are there.
fn next_steps(dir: &str, tree: &OutputTree, deployed: &[String]) -> String {
    let has = |path: &str| tree.files().any(|(file, _)| file == path || file.starts_with(&format!("{path}/")));
    let each = |path: &str| {
        let there = deployed.iter().map(|name| format!("{name}/{path}")).filter(|path| has(path));
        there.map(|path| format!("{dir}/{path}")).collect::<Vec<_>>().join(" or ")
    };
    let scripts = each("apply.sh");
    let bento = each("bento");
    let audits = each("audits");
    let second = if scripts.is_empty() {
        format!("2. bring what is in {dir} to where it runs")
    } else {
        format!("2. run {scripts}, which only creates")
    };
    let third = match (bento.is_empty(), audits.is_empty()) {
        (false, false) => format!("3. start Bento with {bento}, then compare both sides with {audits}"),
        (false, true) => format!("3. start Bento with {bento}"),
        (true, false) => format!("3. compare both sides with {audits}"),
        (true, true) => format!("3. commit {dir} beside the source, so that a review shows what changes"),
    };
    let document = "integration-architecture.md";
    let first = if has(document) { format!("{dir}/{document}") } else { dir.to_owned() };
    format!("1. review {first}: what is promised, and why it holds\n{second}\n{third}\n")
}
