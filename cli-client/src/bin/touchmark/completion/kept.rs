//! Names that the registry gave a moment ago: a private file of JSON, by a digest of where they came from, who asked and
//! what for, so that nobody is given the names of another profile. It is a convenience: what cannot be read or written is left
//! out.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use touchmark_client::private_file;

use super::Name;
use super::registry::Question;
use crate::settings::Settings;

/// For how many seconds names are good.
const GOOD: u64 = 60;

/// The settings that names depend on.
const SETTINGS: [&str; 6] = [
    "url",
    "auth_url",
    "organization_id",
    "project",
    "client_id",
    "token",
];

/// The file, as one caller of one registry sees it.
pub(super) struct Kept {
    path: PathBuf,
    caller: Sha256,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    names: Vec<Name>,
    /// Seconds since 1970.
    until: u64,
}

type Entries = BTreeMap<String, Entry>;

impl Kept {
    /// The names of the caller that the settings describe.
    pub(super) fn of(settings: &Settings) -> Self {
        let values = SETTINGS.map(|name| settings.get(name).unwrap_or_default());
        let mut caller = Sha256::new();
        for part in [settings.profile.as_str()].iter().chain(&values) {
            caller.update(part);
            caller.update([0]);
        }
        Self {
            path: settings.folders.names(),
            caller,
        }
    }

    /// What answered a question, if that was a moment ago.
    pub(super) fn read(&self, question: &Question) -> Option<Vec<Name>> {
        let entry = self.entries().remove(&self.key(question))?;
        Some(entry.names)
    }

    /// Keeps an answer.
    pub(super) fn write(&self, question: &Question, names: &[Name]) {
        let mut entries = self.entries();
        let entry = Entry {
            names: names.to_vec(),
            until: now() + GOOD,
        };
        entries.insert(self.key(question), entry);
        let text = serde_json::to_vec(&entries).unwrap_or_default();
        // Without it the next process asks again.
        let _ = private_file::replace(&self.path, &text);
    }

    fn key(&self, question: &Question) -> String {
        let digest = self.caller.clone().chain_update(format!("{question:?}"));
        format!("{:x}", digest.finalize())
    }

    fn entries(&self) -> Entries {
        let text = fs::read(&self.path).unwrap_or_default();
        let mut entries: Entries = serde_json::from_slice(&text).unwrap_or_default();
        let now = now();
        // Later than that was written by a clock that has been put back since.
        entries.retain(|_, entry| now < entry.until && entry.until <= now + GOOD);
        entries
    }
}

#[expect(clippy::disallowed_methods, reason = "a command has no other clock")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
