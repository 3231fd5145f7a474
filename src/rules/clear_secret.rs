use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::{Setting, Value};
use crate::systems::SettingValue;

rule! {
    /// A secret stands in clear text.
    ///
    /// The page and everything made from it is read by many people and kept for ever. A secret is named, and an environment says where it comes from; the
    /// output holds references only.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// entity product in shop.public.products { product_id bigint key }
    /// environment prod {
    ///   system shop { host = "shop-db", password = "hunter2" }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// entity product in shop.public.products { product_id bigint key }
    /// secret shop_password
    /// environment prod {
    ///   secret shop_password = env "SHOP_PASSWORD"
    ///   system shop { host = "shop-db", password = secret shop_password }
    /// }
    /// ```
    {
        name: "clear_secret", severity: Error, waivable: false, title: "a secret stands in clear text", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let mut seen = BTreeSet::new();
    for environment in &cx.model.environments {
        for (system, settings) in &environment.systems {
            let system = cx.model.system(*system);
            for setting in settings.values() {
                let secret = system
                    .kind
                    .facts()
                    .settings
                    .iter()
                    .any(|known| !setting.raw && known.name == setting.name && known.value == SettingValue::Secret);
                if seen.insert(setting.span) {
                    report(sink, setting, secret, &system.name);
                }
            }
        }
        for (view, settings) in &environment.views {
            for setting in settings.values().filter(|setting| setting.raw) {
                if seen.insert(setting.span) {
                    report(sink, setting, false, &cx.model.view(*view).name);
                }
            }
        }
    }
}

fn report(sink: &mut Sink, setting: &Setting, secret: bool, owner: &str) {
    let texts: Vec<&String> = match &setting.value {
        Value::Text(text) => vec![text],
        Value::List(all) => {
            all.iter().filter_map(|value| if let Value::Text(text) = value { Some(text) } else { None }).collect()
        }
        Value::Integer(_) if secret || (setting.raw && names_secret(&setting.name)) => vec![&setting.name],
        Value::Integer(_) | Value::Bool(_) | Value::Size(_) | Value::Duration(_) | Value::Secret(_) => return,
    };
    let named = secret || (setting.raw && names_secret(&setting.name));
    let clear = texts.iter().any(|text| if named { !is_reference(text) && !text.is_empty() } else { in_address(text) });
    if !clear {
        return;
    }
    let name = format!("{owner}_{}", setting.name.replace(['.', '-'], "_")).to_lowercase();
    let (message, help) = if named {
        (
            format!("`{}` of `{owner}` is a secret in clear text", setting.name),
            format!("write `{} = secret {name}`, declare `secret {name}` and bind it in the environment", key(setting)),
        )
    } else {
        (
            format!("`{}` of `{owner}` carries a password in clear text", setting.name),
            "take user and password out of the address, or bind the whole address as a secret".to_owned(),
        )
    };
    sink.push(
        sink.at(setting.value_span, message).here("everybody who reads the page or its output can read it").help(help),
    );
}

fn key(setting: &Setting) -> String {
    if setting.raw { format!("raw \"{}\"", setting.name) } else { setting.name.clone() }
}

/// Whether a property's name says that its value is secret (the words Debezium's own mask looks for, and those of keys and tokens).
fn names_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let ends = [
        "password",
        "secret",
        "passphrase",
        "private.key",
        "api.key",
        "token",
        "jaas.config",
        "credentials.json",
        "auth.user.info",
    ];
    ends.iter().any(|end| name.ends_with(end))
}

/// `${env:X}`, `${file:…}`: a reference, not the secret.
fn is_reference(text: &str) -> bool {
    text.starts_with("${") && text.ends_with('}')
}

/// `scheme://user:password@host`, `scheme://host?password=…`.
fn in_address(text: &str) -> bool {
    let text = without_references(text);
    let Some((_, rest)) = text.split_once("://") else { return false };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let named = query.split(['&', ';']).filter_map(|pair| pair.split_once('='));
    if named.into_iter().any(|(name, value)| names_secret(name) && !value.is_empty()) {
        return true;
    }
    let authority = place.split('/').next().unwrap_or("");
    let Some((credentials, _)) = authority.rsplit_once('@') else { return false };
    credentials.split_once(':').is_some_and(|(_, password)| !password.is_empty())
}

/// The text without its `${…}`.
fn without_references(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        plain.push_str(before);
        rest = behind.split_once('}').map_or("", |(_, behind)| behind);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::in_address;

    #[test]
    fn passwords_in_addresses_are_seen() {
        assert!(in_address("redis://:hunter2@cache:6379/0"));
        assert!(in_address("https://elastic:changeme@es:9200"));
        assert!(in_address("jdbc:postgresql://db/shop?user=a&password=b"));
        assert!(!in_address("https://es:9200/a@b:c"));
        assert!(!in_address("jdbc:postgresql://db/shop?user=a&password=${env:PW}"));
        assert!(!in_address("redis://${env:USER}:${env:PW}@cache"));
    }
}
