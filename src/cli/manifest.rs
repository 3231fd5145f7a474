//! `MANIFEST.json`: which files of an output folder are diac's, what they held, and what caused them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The file's name in the output folder.
pub const NAME: &str = "MANIFEST.json";
/// The form this version writes; it reads no later one.
const FORM: u32 = 1;

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of diac that wrote it.
    pub diac: String,
    /// The language's edition.
    pub edition: u64,
    /// Folders that are of one environment each.
    pub environments: BTreeSet<String>,
    /// Every file diac owns, by path with `/` between parts.
    pub files: BTreeMap<String, Entry>,
    /// The form of this file.
    pub form: u32,
    /// The pipeline's name.
    pub pipeline: String,
    /// Rules that were checked and found nothing.
    pub rules: Vec<String>,
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What caused it.
    pub cause: String,
    /// Of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// What a manifest says besides the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The pipeline's name.
    pub pipeline: String,
    /// The language's edition.
    pub edition: u64,
    /// Rules that were checked and found nothing.
    pub rules: Vec<String>,
}

impl Manifest {
    /// One without files.
    #[must_use]
    pub fn new(about: &About) -> Self {
        Self {
            diac: env!("CARGO_PKG_VERSION").to_owned(),
            edition: about.edition,
            environments: BTreeSet::new(),
            files: BTreeMap::new(),
            form: FORM,
            pipeline: about.pipeline.clone(),
            rules: about.rules.clone(),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// Where it is no manifest of diac's, or of a later form; the reason without a full stop.
    pub fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Form {
            form: u32,
        }
        match serde_json::from_str::<Form>(text) {
            Ok(Form { form }) if form > FORM => return Err("was written by a later version of diac".to_owned()),
            Ok(_) | Err(_) => {}
        }
        serde_json::from_str(text).map_err(|_| "is not one that diac wrote".to_owned())
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        crate::output::json(self)
    }

    /// The environment a path belongs to; none for what all share.
    #[must_use]
    pub fn environment<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (folder, _) = path.split_once('/')?;
        self.environments.contains(folder).then_some(folder)
    }
}

/// The hexadecimal digits of the sha256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}
