use diac::diag::{Code, Diagnostic, Waived};
use diac::render::json::report;
use diac::source::{SourceMap, Span};
use serde_json::Value;

/// Holds a report against the published schema: the part of JSON Schema that the schema uses.
pub fn conforms(report: &Value) {
    let schema: Value = serde_json::from_str(include_str!("../../docs/diagnostics.schema.json")).unwrap();
    check(&schema, &schema, report, "$");
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str) {
    for (key, rule) in schema.as_object().unwrap() {
        match key.as_str() {
            "$schema" | "title" | "description" | "$defs" => {}
            "$ref" => {
                let name = rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                check(root, &root["$defs"][name], value, at);
            }
            "const" => assert_eq!(rule, value, "{at}"),
            "enum" => assert!(rule.as_array().unwrap().contains(value), "{at}"),
            "minimum" => assert!(value.as_f64().unwrap() >= rule.as_f64().unwrap(), "{at}"),
            "type" => {
                let names = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                let kind = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(_) => "integer",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                };
                assert!(names.contains(&kind.into()), "{at}: {kind} is none of {names:?}");
            }
            "required" => {
                for name in rule.as_array().unwrap() {
                    assert!(value.get(name.as_str().unwrap()).is_some(), "{at} lacks {name}");
                }
            }
            "additionalProperties" => assert_eq!(rule, false),
            "properties" => {
                for (name, inner) in value.as_object().unwrap() {
                    let inner_schema = rule.get(name).unwrap_or_else(|| panic!("{at}.{name} is not in the schema"));
                    check(root, inner_schema, inner, &format!("{at}.{name}"));
                }
            }
            "items" => {
                for (index, inner) in value.as_array().unwrap().iter().enumerate() {
                    check(root, rule, inner, &format!("{at}[{index}]"));
                }
            }
            other => panic!("the schema uses {other}"),
        }
    }
}

#[test]
fn columns_count_characters_also_behind_tabs_and_before_crlf() {
    let text = "größe 漢字 x\r\n\tä = 😀 y\r\n";
    let mut sources = SourceMap::default();
    let id = sources.add("dir/a.dia", text);
    let at = |what: &str| Span::new(id, text.find(what).unwrap(), text.find(what).unwrap() + what.len());
    let mut finding =
        Diagnostic::new(Code::warning("open_key"), at("x"), "said").here("culprit").also(at("😀 y"), "evidence");
    finding = finding.help("do").story(["one", "two"]).fix(at("ä"), "ö");
    let mut waived = finding.clone();
    waived.waived = Some(Waived { reason: "later".into(), until: None });
    let value: Value = serde_json::from_str(&report(&[finding, waived], &sources)).unwrap();
    conforms(&value);
    let first = &value["diagnostics"][0];
    assert_eq!(
        (&first["line"], &first["column"], &first["end_line"], &first["end_column"]),
        (&1.into(), &10.into(), &1.into(), &11.into())
    );
    assert_eq!(first["labels"][0]["message"], "culprit");
    let label = &first["labels"][1];
    assert_eq!(
        (&label["line"], &label["column"], &label["end_line"], &label["end_column"]),
        (&2.into(), &6.into(), &2.into(), &9.into())
    );
    let edit = &first["fix"]["edits"][0];
    assert_eq!(
        (&edit["line"], &edit["column"], &edit["end_column"], &edit["text"]),
        (&2.into(), &2.into(), &3.into(), &"ö".into())
    );
    assert_eq!(first["file"], "dir/a.dia");
    assert_eq!(first["severity"], "warning");
    assert!(first.get("waived").is_none());
    assert_eq!(value["diagnostics"][1]["waived"]["reason"], "later");
    assert_eq!(value["summary"]["warnings"], 1);
}

#[test]
fn an_empty_report_conforms() {
    let value: Value = serde_json::from_str(&report(&[], &SourceMap::default())).unwrap();
    conforms(&value);
    assert_eq!(value["summary"]["errors"], 0);
}
