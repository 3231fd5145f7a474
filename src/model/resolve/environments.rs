//! Environments: settings with their types, secrets with their sources, what one extends worked in.

use std::collections::BTreeMap;

use super::{Context, Named};
use crate::diag::{Diagnostic, codes};
use crate::model::{Binding, Deploy, EnvId, Environment, Flavour, Provider, SecretId, Setting, Value};
use crate::source::Span;
use crate::syntax::ast::{self, EnvStatement, Item, Literal, Name, TuneKind, ValueKind};
use crate::systems::SettingValue;

/// Settings of an environment itself.
const GLOBAL: &[(&str, SettingValue)] = &[
    ("partitions", SettingValue::Integer),
    ("replication", SettingValue::Integer),
    ("min_insync", SettingValue::Integer),
    ("runner", SettingValue::Text),
];
/// Settings of a view.
const VIEW: &[(&str, SettingValue)] = &[
    ("tasks", SettingValue::Integer),
    ("connector", SettingValue::Text),
    ("group", SettingValue::Text),
    ("runner", SettingValue::Text),
];
/// Settings of an entity.
const ENTITY: &[(&str, SettingValue)] = &[("partitions", SettingValue::Integer)];
const EVENT: &[(&str, SettingValue)] = &[("partitions", SettingValue::Integer)];
const PROCESS: &[(&str, SettingValue)] = &[("tasks", SettingValue::Integer)];
/// Settings of `deploy strimzi`.
const STRIMZI: &[(&str, SettingValue)] =
    &[("cluster", SettingValue::Text), ("namespace", SettingValue::Text), ("connect", SettingValue::Text)];

impl<'a> Context<'a> {
    pub(super) fn environments(&mut self) {
        let trees: Vec<&'a ast::Environment> = self
            .items()
            .filter_map(|(_, item)| if let Item::Environment(environment) = item { Some(environment) } else { None })
            .collect();
        let mut kept = Vec::new();
        for tree in trees {
            let id = EnvId(self.model.environments.len() + kept.len());
            if self.take(&tree.name, Named::Environment(id)) {
                kept.push(tree);
            }
        }
        let own: Vec<Environment> = kept.iter().map(|tree| self.environment(tree)).collect();
        for (at, tree) in kept.iter().enumerate() {
            let chain = self.chain(at, tree, &kept);
            let mut merged: Option<Environment> = None;
            for index in chain {
                let Some(layer) = own.get(index) else { continue };
                merged = Some(match merged {
                    None => layer.clone(),
                    Some(base) => extend(base, layer),
                });
            }
            if let (Some(mut merged), Some(own)) = (merged, own.get(at)) {
                merged.deploy.clone_from(&own.deploy);
                self.model.environments.push(merged);
            }
        }
    }

    /// The environments a tree is built of, outermost base first, itself last.
    fn chain(&mut self, at: usize, tree: &ast::Environment, all: &[&ast::Environment]) -> Vec<usize> {
        let mut chain = vec![at];
        let mut next = tree.extends.as_ref();
        while let Some(name) = next {
            let Some(base) = all.iter().position(|other| other.name.text == name.text) else {
                // Said once, by the environment that says `extends`; one that could not be read is said already.
                if self.is_unread(name) {
                    self.model.meant.insert(tree.name.text.clone());
                } else if chain.len() == 1 {
                    let candidates = all.iter().map(|other| other.name.text.clone()).collect();
                    self.unknown(name, codes::UNKNOWN_NAME, "environment", candidates);
                }
                break;
            };
            if chain.contains(&base) {
                // Said once for a circle, by the first of its environments.
                if base == at && chain.iter().all(|other| at <= *other) {
                    self.report(
                        Diagnostic::new(
                            codes::BAD_VALUE,
                            tree.extends.as_ref().map_or(name.span, |first| first.span),
                            "environments extend each other in a circle",
                        )
                        .also(name.span, "and back here")
                        .help("let one of them stand alone"),
                    );
                }
                break;
            }
            chain.push(base);
            next = all.get(base).and_then(|other| other.extends.as_ref());
        }
        chain.reverse();
        chain
    }

    fn environment(&mut self, tree: &ast::Environment) -> Environment {
        let mut environment = Environment {
            docs: tree.docs.clone(),
            scopes: vec![tree.span],
            ..Environment::new(&tree.name.text, tree.name.span)
        };
        for statement in &tree.statements {
            match statement {
                EnvStatement::Deploy { flavour, settings, span } => {
                    self.once(environment.deploy.as_ref().map(|deploy| deploy.span), *span, "`deploy`");
                    environment.deploy = self.deploy(flavour, settings, *span);
                }
                EnvStatement::Secret { name, provider, argument, key, span } => {
                    let provider =
                        self.provider(provider, argument.value.clone(), key.as_ref().map(|key| key.value.clone()));
                    if let (Some(secret), Some(provider)) = (self.secret_named(name), provider) {
                        let before = environment.secrets.insert(secret, Binding { provider, span: *span });
                        self.once(before.map(|before| before.span), *span, &format!("the source of `{}`", name.text));
                    }
                }
                EnvStatement::Setting(setting) => {
                    let known = known(GLOBAL);
                    self.setting(
                        setting,
                        &known,
                        &format!("environment `{}`", tree.name.text),
                        &mut environment.settings,
                    );
                }
                EnvStatement::Tune { kind, name, settings, .. } => self.tune(*kind, name, settings, &mut environment),
            }
        }
        environment
    }

    fn tune(&mut self, kind: TuneKind, name: &Name, settings: &[ast::Setting], environment: &mut Environment) {
        let found = self.names.get(&name.text).copied();
        match (kind, found) {
            (TuneKind::System, Some((Named::System(id), _))) => {
                let facts = self.model.system(id).kind.facts();
                let known: Vec<(&str, SettingValue)> = facts.settings.iter().map(|s| (s.name, s.value)).collect();
                let what = format!("{} system `{}`", facts.word, name.text);
                let mut map = environment.systems.remove(&id).unwrap_or_default();
                settings.iter().for_each(|setting| self.setting(setting, &known, &what, &mut map));
                environment.systems.insert(id, map);
            }
            (TuneKind::System, None) if crate::systems::Kind::of_word(&name.text).is_some() => {
                // A kind's name stands for an undeclared system also here.
                if self.system_named(name).is_some() {
                    self.tune(kind, name, settings, environment);
                }
            }
            (TuneKind::View, Some((Named::View(id), _))) => {
                let what = format!("view `{}`", name.text);
                let mut map = environment.views.remove(&id).unwrap_or_default();
                settings.iter().for_each(|setting| self.setting(setting, VIEW, &what, &mut map));
                // A name stands for all versions of the view.
                let versions = self.versions.get(&name.text).into_iter().flatten();
                environment.views.extend(versions.map(|version| (*version, map.clone())));
            }
            (TuneKind::Entity, Some((Named::Entity(id), _))) => {
                let what = format!("entity `{}`", name.text);
                let mut map = environment.entities.remove(&id).unwrap_or_default();
                settings.iter().for_each(|setting| self.setting(setting, ENTITY, &what, &mut map));
                environment.entities.insert(id, map);
            }
            (TuneKind::Event, Some((Named::Event(id), _))) => {
                let what = format!("event `{}`", name.text);
                let mut map = environment.events.remove(&id).unwrap_or_default();
                settings.iter().for_each(|setting| self.setting(setting, EVENT, &what, &mut map));
                environment.events.insert(id, map);
            }
            (TuneKind::Process, Some((Named::Process(id), _))) => {
                let what = format!("process `{}`", name.text);
                let mut map = environment.processes.remove(&id).unwrap_or_default();
                settings.iter().for_each(|setting| self.setting(setting, PROCESS, &what, &mut map));
                environment.processes.insert(id, map);
            }
            // Reported at their declarations.
            (_, Some((Named::Other | Named::Unread, _))) => {}
            (_, Some((named, span))) => {
                let diagnostic = named.instead(name, name.span, span, &format!("not {}", tune_word(kind)));
                self.report(match named.tuned() {
                    Some(word) => diagnostic.help(format!("write `{word} {} {{ … }}`", name.text)),
                    None => diagnostic.help("settings belong to systems, entities, events, views and processes"),
                });
            }
            (_, None) => {
                let candidates = self.names.iter().filter(|(_, (named, _))| matches_kind(kind, *named));
                let candidates = candidates.map(|(name, _)| name.clone()).collect();
                self.unknown(
                    name,
                    codes::UNKNOWN_NAME,
                    tune_word(kind).split_once(' ').map_or("thing", |(_, word)| word),
                    candidates,
                );
            }
        }
    }

    fn deploy(&mut self, flavour: &Name, settings: &[ast::Setting], span: Span) -> Option<Deploy> {
        let flavour = match flavour.text.as_str() {
            "files" => Flavour::Files,
            "strimzi" => Flavour::Strimzi,
            "terraform" | "jikkou" => {
                self.not_built(flavour.span, &format!("deploying with {} is", flavour.text));
                return None;
            }
            _ => {
                self.unknown(flavour, codes::UNKNOWN_NAME, "way of deployment", vec!["files".into(), "strimzi".into()]);
                return None;
            }
        };
        let known: &[(&str, SettingValue)] = if flavour == Flavour::Strimzi { STRIMZI } else { &[] };
        let mut map = BTreeMap::new();
        settings.iter().for_each(|setting| self.setting(setting, known, "this deployment", &mut map));
        Some(Deploy { flavour, span, settings: map })
    }

    fn provider(&mut self, provider: &Name, argument: String, key: Option<String>) -> Option<Provider> {
        let (built, needs_key) = match provider.text.as_str() {
            "env" => (Provider::Env(argument.clone()), false),
            "file" => (Provider::File { path: argument, key: key.clone().unwrap_or_default() }, true),
            "kubernetes" => (Provider::Kubernetes { secret: argument, key: key.clone().unwrap_or_default() }, true),
            "vault" => (Provider::Vault { path: argument, key: key.clone().unwrap_or_default() }, true),
            _ => {
                let known = ["env", "file", "kubernetes", "vault"].map(str::to_owned).to_vec();
                self.unknown(provider, codes::UNKNOWN_NAME, "provider of secrets", known);
                return None;
            }
        };
        if let Provider::Env(variable) = &built
            && !is_variable(variable)
        {
            let message = format!("`{variable}` cannot name an environment variable");
            self.report(
                Diagnostic::new(codes::BAD_VALUE, provider.span, message)
                    .help("use upper-case letters, digits and `_`"),
            );
            return None;
        }
        if needs_key && key.is_none() {
            let message = format!("`{}` needs a key", provider.text);
            self.report(Diagnostic::new(codes::BAD_VALUE, provider.span, message).help("add `key \"password\"`"));
            return None;
        }
        Some(built)
    }

    fn secret_named(&mut self, name: &Name) -> Option<SecretId> {
        if let Some((Named::Secret(id), _)) = self.names.get(&name.text) {
            return Some(*id);
        }
        if self.is_unread(name) {
            return None;
        }
        let candidates = self.model.secrets.iter().map(|secret| secret.name.clone()).collect();
        self.unknown(name, codes::UNKNOWN_NAME, "secret", candidates);
        None
    }

    fn setting(
        &mut self,
        tree: &ast::Setting,
        known: &[(&str, SettingValue)],
        what: &str,
        into: &mut BTreeMap<String, Setting>,
    ) {
        let known_value = self.value(&tree.value);
        let key = if tree.raw { format!("raw:{}", tree.name.text) } else { tree.name.text.clone() };
        if !tree.raw {
            let Some((_, wanted)) = known.iter().find(|(name, _)| *name == tree.name.text) else {
                let meant = self.unknown_setting(&tree.name, known, what);
                // What is most likely meant is not missing as well.
                let (Some(meant), Some(value)) = (meant, known_value) else { return };
                into.entry(meant.to_owned()).or_insert_with(|| setting(tree, meant, value));
                return;
            };
            // A wrong value is kept, so that nothing else takes the setting for missing.
            if let Some(value) = &known_value {
                self.right_kind(value, *wanted, tree);
                self.right_content(value, what, tree);
            }
        }
        if tree.raw && !what.starts_with("view") && !what.contains(" system ") {
            self.not_built(tree.span, &format!("raw properties of {what} are"));
            return;
        }
        if let Some(before) = into.get(&key) {
            let span = before.span;
            self.report(
                Diagnostic::new(codes::NAME_TAKEN, tree.name.span, format!("`{}` is set twice", tree.name.text))
                    .also(span, "first set here")
                    .help("delete one of them"),
            );
            return;
        }
        // What names an unknown secret is empty, for the same reason.
        let value = known_value.unwrap_or_else(|| Value::List(Vec::new()));
        into.insert(key, setting(tree, &tree.name.text, value));
    }

    /// Reports a setting that is not known; answers the known one it is nearest to.
    fn unknown_setting<'k>(&mut self, name: &Name, known: &[(&'k str, SettingValue)], what: &str) -> Option<&'k str> {
        let mut diagnostic =
            Diagnostic::new(codes::UNKNOWN_PROPERTY, name.span, format!("{what} has no setting `{}`", name.text));
        let names: Vec<String> = known.iter().map(|(name, _)| (*name).to_owned()).collect();
        let near = crate::syntax::suggest::nearest(&name.text, known.iter().map(|(name, _)| *name));
        diagnostic = match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near),
            None if names.is_empty() => diagnostic.help("delete it"),
            None => diagnostic.help(format!(
                "use one of {}; a connector's own property is written `raw \"key\" = value`",
                super::list(&names)
            )),
        };
        self.report(diagnostic);
        near
    }

    /// Whether a value is what its setting takes. Clear text for a secret is a rule's affair.
    fn right_kind(&mut self, value: &Value, wanted: SettingValue, tree: &ast::Setting) {
        let text = |value: &Value| matches!(value, Value::Text(_) | Value::Secret(_));
        let right = match wanted {
            SettingValue::Text => text(value),
            SettingValue::Texts => match value {
                Value::List(all) => !all.is_empty() && all.iter().all(text),
                other => text(other),
            },
            // No count is 0 but that of an index's replicas.
            SettingValue::Integer => matches!(value, Value::Integer(n) if *n > 0 || tree.name.text == "replicas"),
            SettingValue::Bool => matches!(value, Value::Bool(_)),
            SettingValue::Size => matches!(value, Value::Size(_)),
            SettingValue::Duration => matches!(value, Value::Duration(_)),
            SettingValue::Secret => true,
        };
        if !right {
            let (word, example) = match wanted {
                SettingValue::Text => ("a text", "\"…\""),
                SettingValue::Texts => ("a text or a list of texts", "[\"…\", \"…\"]"),
                SettingValue::Integer => ("a whole number above 0", "1"),
                SettingValue::Bool => ("true or false", "true"),
                SettingValue::Size => ("a size with its unit", "64GiB"),
                SettingValue::Duration => ("a duration with its unit", "10s"),
                SettingValue::Secret => ("a secret", "secret name"),
            };
            let unit = matches!((wanted, value), (SettingValue::Size | SettingValue::Duration, Value::Integer(_)));
            let code = if unit { codes::UNIT_MISSING } else { codes::BAD_VALUE };
            let name = &tree.name.text;
            let diagnostic = Diagnostic::new(code, tree.value.span, format!("`{name}` takes {word}"));
            let unquoted = if let Value::Text(text) = value
                && is_literal(text, wanted)
            {
                Some(text.clone())
            } else {
                None
            };
            self.report(match unquoted {
                Some(text) => diagnostic.help("take the quotes away").fix(tree.value.span, text),
                None => diagnostic.help(format!("write it as in `{name} = {example}`")),
            });
        }
    }

    /// Whether a text is one that the consumer of the setting takes.
    fn right_content(&mut self, value: &Value, what: &str, tree: &ast::Setting) {
        let texts: Vec<&String> = match value {
            Value::Text(text) => vec![text],
            Value::List(all) => all.iter().filter_map(Value::text).collect(),
            Value::Integer(n) if tree.name.text == "port" && *n > 65_535 => {
                let message = format!("there is no port {n}");
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, tree.value.span, message).help("write one from 1 to 65535"),
                );
                return;
            }
            Value::Integer(_) | Value::Bool(_) | Value::Size(_) | Value::Duration(_) | Value::Secret(_) => return,
        };
        for text in texts.into_iter().filter(|text| !text.contains("${")) {
            let Some(wanted) = content_fault(&tree.name.text, what, text) else { continue };
            let message = format!("\"{text}\" cannot be the `{}` of {what}", tree.name.text);
            self.report(Diagnostic::new(codes::BAD_VALUE, tree.value.span, message).help(wanted));
        }
    }

    fn value(&mut self, tree: &ast::Value) -> Option<Value> {
        Some(match &tree.kind {
            ValueKind::Secret(name) => Value::Secret(self.secret_named(name)?),
            ValueKind::List(all) => {
                let made: Vec<Option<Value>> = all.iter().map(|value| self.value(value)).collect();
                Value::List(made.into_iter().collect::<Option<_>>()?)
            }
            ValueKind::Duration(duration) => Value::Duration(*duration),
            ValueKind::Size(bytes) => Value::Size(*bytes),
            ValueKind::Word(name) => Value::Text(name.text.clone()),
            ValueKind::Literal(literal) => match literal {
                Literal::Bool(value) => Value::Bool(*value),
                Literal::Integer(n) => Value::Integer(*n),
                Literal::Null => Value::Text(String::new()),
                Literal::Date(text) | Literal::Decimal(text) | Literal::Text(text) => Value::Text(text.clone()),
            },
        })
    }
}

fn setting(tree: &ast::Setting, name: &str, value: Value) -> Setting {
    Setting {
        name: name.to_owned(),
        name_span: tree.name.span,
        raw: tree.raw,
        value,
        span: tree.span,
        value_span: tree.value.span,
    }
}

fn known<'k>(table: &'k [(&'k str, SettingValue)]) -> Vec<(&'k str, SettingValue)> {
    table.to_vec()
}

/// What a setting's text should have been; nothing where it is right.
fn content_fault(name: &str, what: &str, text: &str) -> Option<&'static str> {
    let all = |good: &dyn Fn(char) -> bool| text.chars().all(good);
    let starts = |schemes: &[&str]| schemes.iter().any(|scheme| text.starts_with(scheme));
    let search = what.starts_with("elasticsearch") || what.starts_with("opensearch");
    let (right, wanted) = match name {
        "slot" => (
            text.len() <= 63 && all(&|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
            "use lower-case letters, digits and `_`, at most 63 of them",
        ),
        "topic_prefix" | "connector" | "group" => {
            (all(&|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "use letters, digits, `.`, `_` and `-`")
        }
        "sslmode" => (
            ["disable", "prefer", "require", "verify-ca", "verify-full"].contains(&text),
            "use one of disable, prefer, require, verify-ca, verify-full",
        ),
        "registry" => (starts(&["http://", "https://"]), "start it with `http://` or `https://`"),
        "url" if search => (starts(&["http://", "https://"]), "start it with `http://` or `https://`"),
        "url" if what.starts_with("redis") => {
            (starts(&["redis://", "rediss://"]), "start it with `redis://`, or `rediss://` for TLS")
        }
        _ => (true, ""),
    };
    match (text.is_empty(), right) {
        (true, _) => Some("write what it is, or delete the line"),
        (false, true) => None,
        (false, false) => Some(wanted),
    }
}

/// Whether a text in quotes would be right without them.
fn is_literal(text: &str, wanted: SettingValue) -> bool {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    match wanted {
        SettingValue::Integer => unit.is_empty() && number.parse::<u64>().is_ok_and(|n| n > 0),
        SettingValue::Size => !number.is_empty() && ["KiB", "MiB", "GiB", "TiB"].contains(&unit),
        SettingValue::Duration => !number.is_empty() && ["ms", "s", "m", "h", "d", "w", "y"].contains(&unit),
        SettingValue::Bool => text == "true" || text == "false",
        SettingValue::Text | SettingValue::Texts | SettingValue::Secret => false,
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Named {
    /// The word its settings stand behind.
    fn tuned(self) -> Option<&'static str> {
        match self {
            Self::System(_) => Some("system"),
            Self::Entity(_) => Some("entity"),
            Self::View(_) => Some("view"),
            Self::Event(_) => Some("event"),
            Self::Process(_) => Some("process"),
            Self::Constraint(_)
            | Self::Service(_)
            | Self::Environment(_)
            | Self::Secret(_)
            | Self::Other
            | Self::Unread => None,
        }
    }
}

fn tune_word(kind: TuneKind) -> &'static str {
    match kind {
        TuneKind::System => "a system",
        TuneKind::Entity => "an entity",
        TuneKind::Event => "an event",
        TuneKind::View => "a view",
        TuneKind::Process => "a process",
    }
}

fn matches_kind(kind: TuneKind, named: Named) -> bool {
    matches!(
        (kind, named),
        (TuneKind::System, Named::System(_))
            | (TuneKind::Entity, Named::Entity(_))
            | (TuneKind::Event, Named::Event(_))
            | (TuneKind::View, Named::View(_))
            | (TuneKind::Process, Named::Process(_))
    )
}

/// What `layer` states wins over what `base` states.
fn extend(mut base: Environment, layer: &Environment) -> Environment {
    base.name.clone_from(&layer.name);
    base.span = layer.span;
    base.docs.clone_from(&layer.docs);
    base.scopes.extend(&layer.scopes);
    base.settings.extend(layer.settings.clone());
    base.secrets.extend(layer.secrets.clone());
    for (id, settings) in &layer.systems {
        base.systems.entry(*id).or_default().extend(settings.clone());
    }
    for (id, settings) in &layer.views {
        base.views.entry(*id).or_default().extend(settings.clone());
    }
    for (id, settings) in &layer.entities {
        base.entities.entry(*id).or_default().extend(settings.clone());
    }
    for (id, settings) in &layer.events {
        base.events.entry(*id).or_default().extend(settings.clone());
    }
    for (id, settings) in &layer.processes {
        base.processes.entry(*id).or_default().extend(settings.clone());
    }
    base
}
