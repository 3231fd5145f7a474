//! `DROP`, and the renaming of schemas: what takes names away.

use super::catalog::{Catalog, IndexPlace, Target};
use super::tree::{K, Node, has, kid, kids, name, name_of, path};
use super::typing::Base;

impl Catalog {
    /// `DROP TABLE` and `DROP FOREIGN TABLE`.
    pub fn drop_tables(&mut self, node: &Node) {
        for target in kids(node, K::TABLE_NAME_REF) {
            if let Some(table) = path(&target).and_then(|name| self.find_table(&name)) {
                self.drop_table(table);
            }
        }
    }

    /// Partitions and heirs go with the table; foreign keys that pointed to it go too.
    fn drop_table(&mut self, table: usize) {
        let family = self.family(table);
        for &member in &family {
            if let Some(relation) = self.tables.get_mut(member) {
                relation.is_dropped = true;
            }
        }
        for relation in &mut self.tables {
            relation.foreign_keys.retain(|key| !matches!(key.to, Target::Table(to) if family.contains(&to)));
        }
    }

    /// `DROP TYPE` and `DROP DOMAIN`; with `CASCADE` the columns of that type go too.
    pub fn drop_types(&mut self, node: &Node) {
        for target in kids(node, K::TYPE_NAME_REF).chain(kids(node, K::DOMAIN_REF)) {
            let Some(index) = path(&target).and_then(|name| self.find_type(&name)) else { continue };
            self.drop_type(index);
            if has(node, K::CASCADE) {
                self.drop_columns_of(index);
            }
        }
    }

    fn drop_type(&mut self, index: usize) {
        if let Some(declared) = self.types.get_mut(index) {
            declared.is_dropped = true;
        }
    }

    fn drop_columns_of(&mut self, index: usize) {
        for table in 0..self.tables.len() {
            let of_type = |base: &Base| matches!(base, Base::Declared(declared) if *declared == index);
            let columns = self.tables.get(table).map(|relation| relation.columns.as_slice()).unwrap_or_default();
            let doomed: Vec<String> = columns.iter().filter(|c| of_type(&c.ty.base)).map(|c| c.name.clone()).collect();
            for column in doomed {
                self.drop_column(table, &column);
            }
        }
    }

    /// `DROP INDEX`.
    pub fn drop_indexes(&mut self, node: &Node) {
        for target in kids(node, K::INDEX_REF) {
            let Some((table, found)) = path(&target).and_then(|name| self.find_index(&name)) else { continue };
            // The index of a constraint is not dropped this way, and a replica identity keeps its name without it.
            if let (IndexPlace::Unique(at), Some(relation)) = (found, self.tables.get_mut(table))
                && relation.uniques.get(at).is_some_and(|unique| !unique.is_constraint)
            {
                relation.uniques.remove(at);
            }
        }
    }

    /// `DROP SCHEMA`; without `CASCADE` it works on an empty one only.
    pub fn drop_schemas(&mut self, node: &Node) {
        if !has(node, K::CASCADE) {
            return;
        }
        for schema in kids(node, K::SCHEMA_REF).map(|schema| name(&schema)) {
            for table in 0..self.tables.len() {
                if self.tables.get(table).is_some_and(|relation| !relation.is_dropped && relation.schema == schema) {
                    self.drop_table(table);
                }
            }
            for index in 0..self.types.len() {
                if self.types.get(index).is_some_and(|declared| !declared.is_dropped && declared.schema == schema) {
                    self.drop_type(index);
                    self.drop_columns_of(index);
                }
            }
        }
    }

    /// `ALTER SCHEMA … RENAME TO`.
    pub fn alter_schema(&mut self, node: &Node) {
        let to = kid(node, K::SCHEMA_RENAME_TO).and_then(|to| name_of(&to, K::SCHEMA));
        let Some((from, to)) = name_of(node, K::SCHEMA_REF).zip(to) else { return };
        let schemas = self.tables.iter_mut().map(|table| &mut table.schema);
        let schemas = schemas.chain(self.types.iter_mut().map(|declared| &mut declared.schema));
        for schema in schemas.filter(|schema| **schema == from) {
            schema.clone_from(&to);
        }
    }
}
