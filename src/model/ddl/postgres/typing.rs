//! Reads the type of a column, and works out what it is once every statement has been read: its portable type, its one
//! canonical spelling, its room.

use squawk_syntax::quote::quote_quoted_ident;

use super::builtin::{self, Builtin, Modifier, Width};
use super::catalog::{Catalog, Definition};
use super::tree::{K, Name, Node, fold, tokens};
use crate::model::types::Type;

/// A type as a column uses it.
#[derive(Clone, Debug)]
pub(super) struct TypeUse {
    /// The type without brackets.
    pub base: Base,
    /// An array of it, of however many dimensions: PostgreSQL does not keep their number.
    pub is_array: bool,
}

impl TypeUse {
    /// A built-in type without a modifier, by its name in `pg_type`.
    pub fn builtin(name: &str) -> Option<Self> {
        let row = builtin::internal(name)?;
        Some(Self { base: Base::Builtin { row, modifiers: Vec::new(), fields: String::new() }, is_array: false })
    }
}

/// What a type's name stands for.
#[derive(Clone, Debug)]
pub(super) enum Base {
    /// A built-in type, its modifiers, and the fields of an interval.
    Builtin { row: &'static Builtin, modifiers: Vec<i64>, fields: String },
    /// A type the files declare.
    Declared(usize),
    /// A name nothing was declared under so far.
    Named { name: Name, modifiers: Vec<String> },
}

/// A type as it is written, before its name is looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// What stands before its dots.
    pub qualifiers: Vec<String>,
    /// Its words, folded.
    pub words: Vec<String>,
    /// Its last word is quoted.
    pub quoted: bool,
    /// What stands in parentheses.
    pub modifiers: Vec<String>,
    /// Brackets, or `ARRAY`.
    pub is_array: bool,
}

impl Written {
    /// Reads the tokens of a type.
    pub fn read(node: &Node) -> Self {
        let mut written = Self::default();
        let mut tokens = tokens(node).peekable();
        let mut dotted = false;
        while let Some(token) = tokens.next() {
            match token.kind() {
                K::L_PAREN => {
                    let mut modifier = String::new();
                    for token in tokens.by_ref() {
                        match token.kind() {
                            K::R_PAREN => break,
                            K::COMMA => written.modifiers.push(std::mem::take(&mut modifier)),
                            _ => modifier.push_str(token.text()),
                        }
                    }
                    written.modifiers.push(modifier);
                }
                K::DOT => dotted = true,
                K::L_BRACK | K::ARRAY_KW => written.is_array = true,
                K::R_BRACK | K::SETOF_KW => {}
                _ if written.is_array => {}
                _ => {
                    let text = token.text();
                    if dotted {
                        written.qualifiers.append(&mut written.words);
                        dotted = false;
                    }
                    written.quoted = text.starts_with(['"', 'U', 'u']) && text.ends_with('"');
                    written.words.push(fold(text));
                }
            }
        }
        written
    }

    /// The integer type of a `serial` column.
    pub fn serial(&self) -> Option<TypeUse> {
        let word =
            self.words.first().filter(|_| self.words.len() == 1 && self.qualifiers.is_empty() && !self.quoted)?;
        TypeUse::builtin(builtin::serial(word)?)
    }

    /// Looks the name up where the statement stands.
    pub fn resolve(self, catalog: &Catalog) -> TypeUse {
        let is_array = self.is_array;
        TypeUse { base: self.base(catalog), is_array }
    }

    fn base(self, catalog: &Catalog) -> Base {
        let schema = self.qualifiers.last().cloned();
        if schema.as_deref().is_none_or(|schema| schema == "pg_catalog")
            && let Some(base) = self.builtin()
        {
            return base;
        }
        let schema = schema.filter(|schema| schema != "pg_catalog");
        let name = Name { schema, name: self.words.join(" ") };
        match catalog.find_type(&name) {
            Some(declared) => Base::Declared(declared),
            None => Base::Named { name, modifiers: self.modifiers },
        }
    }

    fn builtin(&self) -> Option<Base> {
        let first = self.words.first()?;
        let mut modifiers: Vec<i64> = self.modifiers.iter().filter_map(|m| m.parse().ok()).collect();
        let mut fields = String::new();
        let row = if first == "interval" && !self.quoted {
            fields = self.words.get(1..).unwrap_or_default().join(" ");
            builtin::internal("interval")
        } else if self.quoted || !self.qualifiers.is_empty() {
            builtin::internal(first).or_else(|| builtin::spelled(first))
        } else {
            builtin::spelled(&self.words.join(" "))
        }?;
        let written_as_keyword = self.qualifiers.is_empty() && !self.quoted && first != "bpchar" && first != "varbit";
        match row.internal {
            // The standard: `float(p)` counts binary digits.
            "float8" if first == "float" && modifiers.first().is_some_and(|&digits| digits <= 24) => {
                return Some(Base::Builtin { row: builtin::internal("float4")?, modifiers: Vec::new(), fields });
            }
            // `char` and `bit` alone mean one of them; `bpchar` alone means any number.
            "bpchar" | "bit" if modifiers.is_empty() && written_as_keyword => modifiers.push(1),
            "numeric" if modifiers.len() == 1 => modifiers.push(0),
            _ => {}
        }
        if row.modifier == Modifier::No {
            modifiers.clear();
        }
        Some(Base::Builtin { row, modifiers, fields })
    }
}

/// What a column's type comes to.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The portable type.
    pub ty: Type,
    /// The canonical spelling.
    pub native: String,
    /// A domain on the way forbids nulls.
    pub is_not_null: bool,
    /// A domain on the way has a default.
    pub has_default: bool,
    /// The room of a value.
    pub width: Width,
}

impl Known {
    fn new(ty: Type, native: String, width: Width) -> Self {
        Self { ty, native, is_not_null: false, has_default: false, width }
    }
}

/// Domains over domains deeper than this are a circle.
const DOMAIN_LIMIT: usize = 32;

impl Catalog {
    /// Works out a type; domains are followed.
    pub fn know(&self, ty: &TypeUse) -> Known {
        self.know_within(ty, DOMAIN_LIMIT)
    }

    fn know_within(&self, ty: &TypeUse, limit: usize) -> Known {
        let element = match &ty.base {
            Base::Builtin { row, modifiers, fields } => known_builtin(row, modifiers, fields),
            Base::Declared(declared) => self.known_declared(*declared, limit),
            Base::Named { name, modifiers } => match self.find_type(name) {
                // Declared behind its use: files are not always in the database's order.
                Some(declared) => self.known_declared(declared, limit),
                None => self.known_named(name, modifiers),
            },
        };
        if !ty.is_array {
            return element;
        }
        // A domain over an array has no array type of its own brackets here: `text[]` stays `text[]`.
        let native = if element.native.ends_with("[]") { element.native } else { element.native + "[]" };
        let ty = match element.ty {
            Type::Array(of) => Type::Array(of),
            of => Type::Array(Box::new(of)),
        };
        Known::new(ty, native, Width::Any)
    }

    fn known_declared(&self, index: usize, limit: usize) -> Known {
        let Some(declared) = self.types.get(index) else {
            return Known::new(Type::Other(String::new()), String::new(), Width::Any);
        };
        let native = qualified(&declared.schema, &declared.name);
        match &declared.definition {
            Definition::Enum(labels) => Known::new(Type::Enum(labels.clone()), native, Width::Fixed(4)),
            Definition::Composite(_) | Definition::Opaque => {
                Known::new(Type::Other(native.clone()), native, Width::Any)
            }
            Definition::Domain { base, is_not_null, has_default } => {
                if limit == 0 {
                    return Known::new(Type::Other(native.clone()), native, Width::Any);
                }
                let mut known = self.know_within(base, limit - 1);
                known.is_not_null |= is_not_null;
                known.has_default |= has_default;
                known
            }
        }
    }

    /// A type nobody declared: an extension's, the row type of a table, or one from a file that was not given.
    fn known_named(&self, name: &Name, modifiers: &[String]) -> Known {
        let extension = builtin::extension(&name.name);
        let mut native = if extension.is_some() {
            name.name.clone()
        } else if let Some(table) = self.find_table(name).and_then(|table| self.tables.get(table)) {
            qualified(&table.schema, &table.name)
        } else {
            match &name.schema {
                Some(schema) => qualified(schema, &name.name),
                None => quoted(&name.name),
            }
        };
        if !modifiers.is_empty() {
            let spatial = matches!(name.name.as_str(), "geometry" | "geography");
            let spell = |word: &String| if spatial { builtin::geometry_kind(word) } else { word.to_ascii_lowercase() };
            let modifiers: Vec<String> = modifiers.iter().map(spell).collect();
            native = format!("{native}({})", modifiers.join(","));
        }
        // `citext` is text whose comparisons ignore case: its values are texts.
        let ty = if name.name == "citext" { Type::Text } else { Type::Other(native.clone()) };
        Known::new(ty, native, extension.unwrap_or(Width::Any))
    }
}

fn known_builtin(row: &Builtin, modifiers: &[i64], fields: &str) -> Known {
    let shown: Vec<String> = modifiers.iter().map(ToString::to_string).collect();
    let modifier = if shown.is_empty() { String::new() } else { format!("({})", shown.join(",")) };
    let gap = if fields.is_empty() { "" } else { " " };
    // `bpchar` without a length is no `character`, which would be `character(1)`.
    let sql = if row.internal == "bpchar" && shown.is_empty() { "bpchar" } else { row.sql };
    let native = format!("{sql}{gap}{fields}{modifier}{}", row.tail);
    let count = modifiers.first().and_then(|&n| u32::try_from(n).ok());
    let (mut ty, mut width) = (row.portable.ty(&native), row.width);
    match (row.modifier, count) {
        (Modifier::Decimal, Some(precision)) => {
            let scale = modifiers.get(1).and_then(|&scale| i32::try_from(scale).ok());
            ty = Type::Decimal { precision: Some(precision), scale };
            // At most 1,000 digits, four of them in two bytes; and numbers are moved out only when nothing else helps.
            width = Width::Fixed(8 + precision.div_ceil(4).saturating_add(2).saturating_mul(2));
        }
        // A character takes up to four bytes of UTF-8, the only encoding a pipeline can read.
        (Modifier::Characters, Some(characters)) => {
            width = Width::AtMost(characters.saturating_mul(4).saturating_add(4))
        }
        (Modifier::Bits, Some(bits)) => width = Width::AtMost((bits / 8).saturating_add(9)),
        (Modifier::No | Modifier::Seconds, _) | (_, None) => {}
    }
    Known::new(ty, native, width)
}

/// A name as PostgreSQL shows it: quoted where it has to be.
fn quoted(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if plain { quote_quoted_ident(name) } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(name))
}
