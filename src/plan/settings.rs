//! What an environment says, as templates; what it does not say becomes a reference to an environment variable.

use std::collections::BTreeMap;

use super::{Decided, Template, Variable};
use crate::model::{EnvId, Environment, EventId, Model, Provider, SecretId, Setting, SystemId, Value, ViewId};

/// Reads settings for one deployment and collects the references it makes.
pub(super) struct Settings<'a> {
    pub(super) model: &'a Model,
    pub(super) env: Option<(EnvId, &'a Environment)>,
    pub(super) variables: BTreeMap<String, Variable>,
}

impl<'a> Settings<'a> {
    pub(super) fn system(&self, system: SystemId, name: &str) -> Option<&'a Setting> {
        self.env?.1.systems.get(&system)?.get(name)
    }

    pub(super) fn view(&self, view: ViewId, name: &str) -> Option<&'a Setting> {
        self.env?.1.views.get(&view)?.get(name)
    }

    pub(super) fn event(&self, event: EventId, name: &str) -> Option<&'a Setting> {
        self.env?.1.events.get(&event)?.get(name)
    }

    pub(super) fn global(&self, name: &str) -> Option<&'a Setting> {
        self.env?.1.settings.get(name)
    }

    /// Raw properties of a system.
    pub(super) fn raw_of_system(&self, system: SystemId) -> Vec<&'a Setting> {
        raw(self.env.and_then(|(_, env)| env.systems.get(&system)))
    }

    /// Raw properties of a view.
    pub(super) fn raw_of_view(&self, view: ViewId) -> Vec<&'a Setting> {
        raw(self.env.and_then(|(_, env)| env.views.get(&view)))
    }

    /// A whole number within a range; none where it is not stated or out of range (a rule says so).
    pub(super) fn integer(&self, setting: Option<&Setting>) -> Option<Decided<u64>> {
        let setting = setting?;
        if let Value::Integer(n) = setting.value {
            Some(Decided::stated(n, setting.span, format!("`{} = {n}` in {}", setting.name, self.env_name())))
        } else {
            None
        }
    }

    /// A text that must be known now, since it stands in generated SQL or is part of a name.
    pub(super) fn literal(&self, system: SystemId, name: &str) -> Option<Decided<String>> {
        let setting = self.system(system, name)?;
        if let Value::Text(text) = &setting.value {
            Some(Decided::stated(text.clone(), setting.span, format!("`{name}` in {}", self.env_name())))
        } else {
            None
        }
    }

    /// A setting of a system as a template; a missing one refers to `<SYSTEM>_<SETTING>`.
    pub(super) fn template(&mut self, system: SystemId, name: &str, about: &str) -> Template {
        let found = self.system(system, name).map(|setting| setting.value.clone());
        match found {
            Some(value) => self.value(&value, about),
            None => {
                let variable = variable_name(&self.model.system(system).name, name);
                let secret = self.is_secret(system, name);
                self.variable(Variable { name: variable, provider: None, secret, about: about.to_owned() })
            }
        }
    }

    /// A setting of a system, or a default that is known now.
    pub(super) fn template_or(&mut self, system: SystemId, name: &str, about: &str, default: &str) -> Template {
        match self.system(system, name).map(|setting| setting.value.clone()) {
            Some(value) => self.value(&value, about),
            None => Template::text(default),
        }
    }

    /// Several texts; a missing setting refers to one variable.
    pub(super) fn templates(&mut self, system: SystemId, name: &str, about: &str) -> Vec<Template> {
        match self.system(system, name).map(|setting| setting.value.clone()) {
            Some(Value::List(all)) => all.iter().map(|value| self.value(value, about)).collect(),
            Some(value) => vec![self.value(&value, about)],
            None => vec![self.template(system, name, about)],
        }
    }

    pub(super) fn value(&mut self, value: &Value, about: &str) -> Template {
        match value {
            Value::Text(text) => Template::text(text.clone()),
            Value::Integer(n) | Value::Size(n) => Template::text(n.to_string()),
            Value::Bool(value) => Template::text(value.to_string()),
            Value::Duration(duration) => Template::text(duration.ms.to_string()),
            Value::Secret(secret) => self.secret(*secret, about),
            Value::List(all) => {
                let mut whole = Template::default();
                for (at, value) in all.iter().enumerate() {
                    if at > 0 {
                        whole = whole.then(",");
                    }
                    whole = whole.then(self.value(value, about));
                }
                whole
            }
        }
    }

    fn secret(&mut self, secret: SecretId, about: &str) -> Template {
        let provider = self.env.and_then(|(_, env)| env.secrets.get(&secret)).map(|binding| binding.provider.clone());
        let name = match &provider {
            Some(Provider::Env(name)) => name.clone(),
            Some(Provider::File { .. } | Provider::Kubernetes { .. } | Provider::Vault { .. }) | None => {
                variable_name(&self.model.secret(secret).name, "")
            }
        };
        self.variable(Variable { name, provider, secret: true, about: about.to_owned() })
    }

    pub(super) fn variable(&mut self, variable: Variable) -> Template {
        self.variables.entry(variable.name.clone()).or_insert_with(|| variable.clone());
        Template::variable(variable)
    }

    fn is_secret(&self, system: SystemId, name: &str) -> bool {
        let settings = self.model.system(system).kind.facts().settings;
        settings.iter().any(|setting| setting.name == name && setting.value == crate::systems::SettingValue::Secret)
    }

    pub(super) fn env_name(&self) -> String {
        self.env.map_or_else(|| "no environment".to_owned(), |(_, env)| format!("environment `{}`", env.name))
    }
}

fn raw(settings: Option<&BTreeMap<String, Setting>>) -> Vec<&Setting> {
    settings.map(|map| map.values().filter(|setting| setting.raw).collect()).unwrap_or_default()
}

/// `SHOP_PASSWORD`: upper case, what a variable's name cannot hold replaced by `_`.
pub(super) fn variable_name(first: &str, second: &str) -> String {
    let joined = if second.is_empty() { first.to_owned() } else { format!("{first}_{second}") };
    let mut name: String =
        joined.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}
