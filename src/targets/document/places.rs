//! Places in the source as `file:line`, the same wherever the compiler was started from.

use crate::source::{SourceMap, Span};
use crate::targets::spelling::one_line;

/// Names places.
#[derive(Debug)]
pub struct Places<'a> {
    sources: &'a SourceMap,
    /// What the folders of all files have in common; no document shows it.
    common: usize,
}

impl<'a> Places<'a> {
    /// Of these files.
    #[must_use]
    pub fn new(sources: &'a SourceMap) -> Self {
        let mut names = sources.files().map(|(_, file)| folder(&file.name));
        let first = names.next().unwrap_or("");
        let common = names.fold(first, |common, other| shared(common, other)).len();
        Self { sources, common }
    }

    /// A file's name below the folder all files are in.
    #[must_use]
    pub fn file(&self, name: &'a str) -> &'a str {
        name.get(self.common..).unwrap_or(name)
    }

    /// `shop.dia:12`.
    #[must_use]
    pub fn at(&self, span: Span) -> String {
        let line = self.sources.get(span.file).map_or(0, |file| file.lines().line(span.start));
        format!("{}:{}", self.file(self.sources.name(span.file)), line + 1)
    }

    /// The text under a span on one line.
    #[must_use]
    pub fn text(&self, span: Span) -> String {
        one_line(self.sources.slice(span))
    }

    /// All `.dia` files by name, in order.
    #[must_use]
    pub fn files(&self) -> Vec<&'a str> {
        let mut all: Vec<&str> =
            self.sources.files().map(|(_, file)| file.name.as_str()).filter(|name| name.ends_with(".dia")).collect();
        all.sort_unstable();
        all.into_iter().map(|name| self.file(name)).collect()
    }
}

/// With its `/` behind.
fn folder(name: &str) -> &str {
    name.rfind('/').and_then(|at| name.get(..=at)).unwrap_or("")
}

/// The longest run of whole folders both start with.
fn shared<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    folder(a.get(..same).unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn the_common_folder_is_left_out() {
        let mut map = SourceMap::default();
        map.add("/pages/shop/shop.dia", "a\nb c\n");
        map.add("/pages/shop/env/prod.dia", "");
        map.add("/pages/shopping/x.sql", "");
        let places = Places::new(&map);
        assert_eq!(places.at(Span::new(FileId(0), 2, 3)), "shop/shop.dia:2");
        assert_eq!(places.files(), ["shop/env/prod.dia", "shop/shop.dia"]);
        let mut one = SourceMap::default();
        one.add("/pages/shop.dia", "");
        assert_eq!(Places::new(&one).files(), ["shop.dia"]);
    }
}
