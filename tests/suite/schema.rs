//! Holds a JSON report against the published schema: the part of JSON Schema that the schema uses.

use serde_json::Value;

/// Whether a report is of the published form.
pub fn conforms(report: &str) -> Result<(), String> {
    let text = std::fs::read_to_string("docs/diagnostics.schema.json").map_err(|error| error.to_string())?;
    let schema: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let report: Value = serde_json::from_str(report).map_err(|error| error.to_string())?;
    check(&schema, &schema, &report, "$")
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (key, rule) in schema.as_object().ok_or("a schema is an object")? {
        let holds = match key.as_str() {
            "$schema" | "title" | "description" | "$defs" => true,
            "$ref" => {
                let name = rule.as_str().and_then(|name| name.strip_prefix("#/$defs/")).ok_or("a reference")?;
                check(root, &root["$defs"][name], value, at)?;
                true
            }
            "const" => rule == value,
            "enum" => rule.as_array().is_some_and(|all| all.contains(value)),
            "minimum" => value.as_f64() >= rule.as_f64(),
            "type" => rule.as_array().map_or(rule == kind(value), |all| all.iter().any(|one| one == kind(value))),
            "required" => rule.as_array().is_some_and(|names| {
                names.iter().all(|name| name.as_str().is_some_and(|name| value.get(name).is_some()))
            }),
            "additionalProperties" => *rule == false,
            "properties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    let known = rule.get(name).ok_or_else(|| format!("{at}.{name} is not in the schema"))?;
                    check(root, known, inner, &format!("{at}.{name}"))?;
                }
                true
            }
            "items" => {
                for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, inner, &format!("{at}[{index}]"))?;
                }
                true
            }
            other => return Err(format!("the schema uses `{other}`, which this reader does not know")),
        };
        if !holds {
            return Err(format!("{at}: {value} breaks {key} {rule}"));
        }
    }
    Ok(())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
