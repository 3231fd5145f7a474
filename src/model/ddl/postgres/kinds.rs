//! `CREATE TYPE`, `CREATE DOMAIN` and what alters them.

use squawk_syntax::ast::{AstNode, Type as TypeNode};

use super::catalog::{Catalog, Column, Declared, Definition};
use super::create::defaults_to_null;
use super::tree::{K, Name, Node, Place, has, kid, kids, name, name_of, path_of, string, string_of};
use super::typing::{TypeUse, Written};

impl Catalog {
    fn declare(&mut self, name: Name, definition: Definition) {
        let (schema, name) = self.place(name);
        let exact = Name { schema: Some(schema.clone()), name: name.clone() };
        match self.find_type(&exact).and_then(|known| self.types.get_mut(known)) {
            // A shell type is filled by the second statement; anything else keeps its first meaning.
            Some(known) if matches!(known.definition, Definition::Opaque) => known.definition = definition,
            Some(_) => {}
            None => {
                self.named_types.note(&name, self.types.len());
                self.types.push(Declared { schema, name, definition, is_dropped: false });
            }
        }
    }

    /// `CREATE TYPE`.
    pub fn create_type(&mut self, node: &Node, place: Place) {
        let Some(name) = path_of(node, K::TYPE_NAME) else { return };
        let definition = if let Some(labels) = kid(node, K::ENUM_TYPE) {
            let list = kid(&labels, K::VARIANT_LIST);
            Definition::Enum(
                list.iter().flat_map(|list| kids(list, K::VARIANT)).filter_map(|v| string_of(&v)).collect(),
            )
        } else if let Some(composite) = kid(node, K::COMPOSITE_TYPE) {
            let list = kid(&composite, K::COMPOSITE_FIELD_LIST);
            let fields = list.iter().flat_map(|list| kids(list, K::COMPOSITE_FIELD_DEF));
            Definition::Composite(fields.filter_map(|field| self.read_field(&field, place)).collect())
        } else {
            Definition::Opaque
        };
        self.declare(name, definition);
    }

    /// A field of a composite type, as the column of a typed table it may become.
    fn read_field(&self, node: &Node, place: Place) -> Option<Column> {
        let field = kid(node, K::COMPOSITE_FIELD)?;
        Some(Column::new(name(&field), place.of(&field), self.read_type(node)?))
    }

    fn read_type(&self, node: &Node) -> Option<TypeUse> {
        let ty = node.children().find(|child| TypeNode::can_cast(child.kind()))?;
        Some(Written::read(&ty).resolve(self))
    }

    /// `CREATE DOMAIN`.
    pub fn create_domain(&mut self, node: &Node) {
        let Some(name) = path_of(node, K::DOMAIN) else { return };
        let Some(base) = self.read_type(node) else { return };
        let is_not_null = has(node, K::NOT_NULL_CONSTRAINT);
        let has_default = kid(node, K::DEFAULT_CONSTRAINT).is_some_and(|default| !defaults_to_null(&default));
        self.declare(name, Definition::Domain { base, is_not_null, has_default });
    }

    /// `ALTER TYPE`.
    pub fn alter_type(&mut self, node: &Node, place: Place) {
        let Some(index) = path_of(node, K::TYPE_NAME_REF).and_then(|name| self.find_type(&name)) else { return };
        for action in node.children() {
            match action.kind() {
                K::ADD_VALUE => {
                    if let Some(Definition::Enum(labels)) = self.definition(index) {
                        add_label(labels, &action);
                    }
                }
                K::RENAME_VALUE => {
                    let mut texts = kids(&action, K::LITERAL).filter_map(|literal| string(&literal));
                    if let (Some(from), Some(to), Some(Definition::Enum(labels))) =
                        (texts.next(), texts.next(), self.definition(index))
                    {
                        labels.iter_mut().filter(|label| **label == from).for_each(|label| label.clone_from(&to));
                    }
                }
                K::RENAME_ATTRIBUTE => {
                    let names = name_of(&action, K::COMPOSITE_FIELD_REF).zip(name_of(&action, K::COMPOSITE_FIELD));
                    if let (Some((from, to)), Some(Definition::Composite(fields))) = (names, self.definition(index)) {
                        fields
                            .iter_mut()
                            .filter(|field| field.name == from)
                            .for_each(|field| field.name.clone_from(&to));
                    }
                }
                K::ALTER_TYPE_ATTRIBUTE_ACTION_LIST => {
                    for action in action.children() {
                        self.alter_attribute(index, &action, place);
                    }
                }
                K::TYPE_RENAME_TO => self.rename_type(index, path_of(&action, K::TYPE_NAME)),
                K::SET_SCHEMA => self.move_type(index, name_of(&action, K::SCHEMA_REF)),
                _ => {}
            }
        }
    }

    fn alter_attribute(&mut self, index: usize, action: &Node, place: Place) {
        let field = self.read_field(action, place);
        let ty = self.read_type(action);
        let named = name_of(action, K::COMPOSITE_FIELD_REF);
        let Some(Definition::Composite(fields)) = self.definition(index) else { return };
        match action.kind() {
            K::ADD_ATTRIBUTE => fields.extend(field),
            K::DROP_ATTRIBUTE => fields.retain(|field| Some(&field.name) != named.as_ref()),
            K::ALTER_ATTRIBUTE => {
                for field in fields.iter_mut().filter(|field| Some(&field.name) == named.as_ref()) {
                    field.ty = ty.clone().unwrap_or_else(|| field.ty.clone());
                }
            }
            _ => {}
        }
    }

    /// `ALTER DOMAIN`.
    pub fn alter_domain(&mut self, node: &Node) {
        let Some(index) = path_of(node, K::DOMAIN_REF).and_then(|name| self.find_type(&name)) else { return };
        for action in node.children() {
            match action.kind() {
                K::DOMAIN_RENAME_TO => self.rename_type(index, path_of(&action, K::DOMAIN)),
                K::SET_SCHEMA => self.move_type(index, name_of(&action, K::SCHEMA_REF)),
                kind => {
                    let Some(Definition::Domain { is_not_null, has_default, .. }) = self.definition(index) else {
                        continue;
                    };
                    match kind {
                        K::SET_NOT_NULL => *is_not_null = true,
                        K::DROP_NOT_NULL => *is_not_null = false,
                        K::SET_DEFAULT => *has_default = true,
                        K::DROP_DEFAULT => *has_default = false,
                        K::ADD_CONSTRAINT if has(&action, K::NOT_NULL_CONSTRAINT) => *is_not_null = true,
                        _ => {}
                    }
                }
            }
        }
    }

    fn definition(&mut self, index: usize) -> Option<&mut Definition> {
        self.types.get_mut(index).map(|declared| &mut declared.definition)
    }

    fn rename_type(&mut self, index: usize, to: Option<Name>) {
        if let (Some(declared), Some(to)) = (self.types.get_mut(index), to) {
            self.named_types.note(&to.name, index);
            declared.name = to.name;
        }
    }

    fn move_type(&mut self, index: usize, schema: Option<String>) {
        if let (Some(declared), Some(schema)) = (self.types.get_mut(index), schema) {
            declared.schema = schema;
        }
    }
}

/// `ADD VALUE`, at the end or beside another label.
fn add_label(labels: &mut Vec<String>, action: &Node) {
    let Some(label) = string_of(action) else { return };
    if labels.contains(&label) {
        return;
    }
    let beside = |kind: K| kid(action, kind).and_then(|near| string_of(&near));
    let at = |near: &String| labels.iter().position(|label| label == near);
    let before = beside(K::BEFORE_VALUE).as_ref().and_then(at);
    let after = beside(K::AFTER_VALUE).as_ref().and_then(at).map(|at| at + 1);
    labels.insert(before.or(after).unwrap_or(labels.len()), label);
}
