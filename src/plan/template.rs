//! Texts with holes: values that are known when the output runs, not when it is written. Each consumer has its own spelling of a hole.

use crate::model::Provider;

/// A text, some parts of which are references.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(pub Vec<Part>);

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text.
    Text(String),
    /// A value from outside.
    Variable(Variable),
}

/// A value from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The environment variable's name: what consumers that know only those use, and all where no provider is bound.
    pub name: String,
    /// Where an `environment` says it comes from; none for a setting that is missing.
    pub provider: Option<Provider>,
    /// It must never be printed.
    pub secret: bool,
    /// What it is, for people: "password of the role `diac_cdc` in shop".
    pub about: String,
}

impl Template {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// A reference alone.
    #[must_use]
    pub fn variable(variable: Variable) -> Self {
        Self(vec![Part::Variable(variable)])
    }

    /// The text, where there is no reference in it.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(piece) => text.push_str(piece),
                Part::Variable(_) => return None,
            }
        }
        Some(text)
    }

    /// This and then that.
    #[must_use]
    pub fn then(mut self, more: impl Into<Self>) -> Self {
        self.0.extend(more.into().0);
        self
    }

    /// The references in it.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            Part::Text(_) => None,
        })
    }

    /// The text with each reference spelled by `spell`.
    pub fn render(&self, spell: impl Fn(&Variable) -> String) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Variable(variable) => spell(variable),
            })
            .collect()
    }

    /// For Kafka Connect: config provider references. Kubernetes secrets are references of Strimzi's provider where `namespace` is given, else
    /// environment variables.
    #[must_use]
    pub fn connect(&self, namespace: Option<&str>) -> String {
        self.render(|variable| match (&variable.provider, namespace) {
            (Some(Provider::File { path, key }), _) => format!("${{file:{path}:{key}}}"),
            (Some(Provider::Kubernetes { secret, key }), Some(namespace)) => {
                format!("${{secrets:{namespace}/{secret}:{key}}}")
            }
            (Some(Provider::Vault { path, key }), _) => format!("${{vault:{path}:{key}}}"),
            (Some(Provider::Env(name)), _) => format!("${{env:{name}}}"),
            (Some(Provider::Kubernetes { .. }) | None, _) => format!("${{env:{}}}", variable.name),
        })
    }

    /// For a shell or Bento: `${NAME}`.
    #[must_use]
    pub fn shell(&self) -> String {
        self.render(|variable| format!("${{{}}}", variable.name))
    }
}

impl From<&str> for Template {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Template {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}
