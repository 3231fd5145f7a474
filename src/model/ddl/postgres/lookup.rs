//! Where to look for a name, so that a database of thousands of tables is not searched from its first to its last one.

use std::collections::HashMap;

/// What has, or once had, a name: places in a list, in its order. A name is noted when it is given and never taken out; who looks a place up sees for
/// itself what is called so now.
#[derive(Debug, Default)]
pub(super) struct Lookup(HashMap<String, Vec<usize>>);

impl Lookup {
    /// Something got a name.
    pub fn note(&mut self, name: &str, at: usize) {
        match self.0.get_mut(name) {
            Some(places) => {
                if let Err(gap) = places.binary_search(&at) {
                    places.insert(gap, at);
                }
            }
            None => {
                self.0.insert(name.to_owned(), vec![at]);
            }
        }
    }

    /// Whatever may have that name, in the order of the list.
    pub fn get(&self, name: &str) -> &[usize] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}
