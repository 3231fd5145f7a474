//! Statements that are no DDL and yet decide where tables lie or what they hold: `SET search_path` in its spellings,
//! the end of a transaction, PostGIS' `AddGeometryColumn`.

use super::builtin::geometry_kind;
use super::catalog::{Catalog, Column};
use super::tree::{K, Name, Node, Place, has, has_token, kid, name, path_of, string, string_of, tokens};
use super::typing::{Base, TypeUse};

/// Whether a `SELECT` can matter; everything else that begins so is not parsed at all.
pub(super) fn is_of_interest(text: &str, words: &[String]) -> bool {
    let called = |name: &str| words.iter().any(|word| word == name);
    called("SET_CONFIG") || called("ADDGEOMETRYCOLUMN") || (text.len() < 20_000 && has_into(text))
}

/// Whether `INTO` is among the words: `SELECT … INTO` makes a table.
fn has_into(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word.eq_ignore_ascii_case("into"))
}

impl Catalog {
    /// Follows a statement that sets something.
    pub fn set(&mut self, node: &Node, place: Place) {
        match node.kind() {
            K::SET => self.set_path(node),
            K::RESET => {
                let what: Vec<String> = tokens(node).skip(1).map(|token| token.text().to_ascii_lowercase()).collect();
                if what.iter().any(|word| matches!(word.as_str(), "search_path" | "all")) {
                    self.path.set(vec!["public".into()]);
                }
            }
            K::DISCARD => self.path.set(vec!["public".into()]),
            K::COMMIT_TRANSACTION | K::ROLLBACK_TRANSACTION => self.path.end_transaction(),
            K::SELECT => self.call(node, place),
            _ => {}
        }
    }

    fn set_path(&mut self, node: &Node) {
        let schemas = if let Some(config) = kid(node, K::SET_CONFIG) {
            if path_of(&config, K::CONFIG_PARAMETER_REF).is_none_or(|parameter| parameter.name != "search_path") {
                return;
            }
            let Some(value) = kid(&config, K::TO_CONFIG_VALUE) else { return };
            if has_token(&value, K::DEFAULT_KW) {
                vec!["public".into()]
            } else {
                let value = |item: Node| if item.kind() == K::LITERAL { string(&item) } else { Some(name(&item)) };
                let kid = kid(&config, K::TO_CONFIG_VALUE);
                // `SET search_path = ''` is the empty path.
                kid.iter().flat_map(Node::children).filter_map(value).filter(|schema| !schema.is_empty()).collect()
            }
        } else if let Some(schema) = kid(node, K::SET_SCHEMA_VALUE).and_then(|value| string_of(&value)) {
            vec![schema]
        } else {
            return;
        };
        if has(node, K::LOCAL_SCOPE) { self.path.set_local(schemas) } else { self.path.set(schemas) }
    }

    /// `SELECT set_config('search_path', …)` and `SELECT AddGeometryColumn(…)`.
    fn call(&mut self, node: &Node, place: Place) {
        for call in node.descendants().filter(|child| child.kind() == K::CALL_EXPR) {
            let Some(callee) = call.children().next() else { continue };
            let Some(function) = callee.descendants().filter(|c| c.kind() == K::NAME_REF).last() else { continue };
            let Some(arguments) = kid(&call, K::ARG_LIST) else { continue };
            let texts: Vec<String> = arguments
                .descendants()
                .filter(|child| child.kind() == K::LITERAL)
                .map(|literal| {
                    let text = literal.text().to_string();
                    if text.contains('\'') { string(&literal).unwrap_or(text) } else { text }
                })
                .collect();
            match name(&function).as_str() {
                "set_config" => self.set_config(&texts),
                "addgeometrycolumn" => self.add_geometry(&texts, place.of(&call)),
                _ => {}
            }
        }
    }

    fn set_config(&mut self, texts: &[String]) {
        let [parameter, value, rest @ ..] = texts else { return };
        if parameter != "search_path" {
            return;
        }
        let unquoted = |part: &str| match part.strip_prefix('"').and_then(|part| part.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => part.to_ascii_lowercase(),
        };
        let schemas = value.split(',').map(str::trim).filter(|part| !part.is_empty()).map(unquoted).collect();
        if rest.first().is_some_and(|local| local.eq_ignore_ascii_case("true")) {
            self.path.set_local(schemas);
        } else {
            self.path.set(schemas);
        }
    }

    /// `AddGeometryColumn([schema,] table, column, srid, kind, dimensions)`.
    fn add_geometry(&mut self, texts: &[String], span: crate::source::Span) {
        // The number tells which form it is: names come before it.
        let Some(at) = texts.iter().position(|text| text.parse::<i64>().is_ok()) else { return };
        let (names, rest) = texts.split_at(at);
        let [srid, kind, ..] = rest else { return };
        let [.., table, column] = names else { return };
        let schema =
            names.len().checked_sub(3).and_then(|at| names.get(at)).filter(|schema| !schema.is_empty()).cloned();
        let Some(index) = self.find_table(&Name { schema, name: table.clone() }) else { return };
        let ty = TypeUse {
            base: Base::Named {
                name: Name { schema: None, name: "geometry".into() },
                modifiers: vec![geometry_kind(kind), srid.clone()],
            },
            is_array: false,
        };
        let column = Column::new(column.clone(), span, ty);
        if let Some(relation) = self.tables.get_mut(index) {
            super::create::merge(&mut relation.columns, column);
        }
    }
}
