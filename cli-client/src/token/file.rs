//! Tokens kept between processes: a private file of JSON, by a digest of address, client id and secret, so that a
//! token is found only by who could ask for it. It is a convenience: what cannot be read or written is left out.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Kept, now};
use crate::private_file;

/// The file, as one pair of credentials sees it.
pub(crate) struct TokenFile {
    path: PathBuf,
    key: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    token: String,
    /// Seconds since 1970.
    renew_at: u64,
}

type Entries = BTreeMap<String, Entry>;

impl TokenFile {
    /// The file at `path`, for a token that is asked for with these.
    pub(crate) fn new(path: PathBuf, parts: [&str; 3]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part);
            digest.update([0]);
        }
        let key = format!("{:x}", digest.finalize());
        Self { path, key }
    }

    fn entries(&self) -> Entries {
        let text = fs::read(&self.path).unwrap_or_default();
        let mut entries: Entries = serde_json::from_slice(&text).unwrap_or_default();
        let now = seconds(now());
        entries.retain(|_, entry| now < entry.renew_at);
        entries
    }

    /// The token, if there is one that is still good.
    pub(crate) fn read(&self) -> Option<Kept> {
        let entry = self.entries().remove(&self.key)?;
        Some(Kept {
            token: entry.token,
            renew_at: UNIX_EPOCH + Duration::from_secs(entry.renew_at),
            is_old: true,
        })
    }

    /// Keeps a token.
    pub(crate) fn write(&self, kept: &Kept) {
        let mut entries = self.entries();
        let entry = Entry {
            token: kept.token.clone(),
            renew_at: seconds(kept.renew_at),
        };
        entries.insert(self.key.clone(), entry);
        self.store(&entries);
    }

    /// Drops the token.
    pub(crate) fn clear(&self) {
        let mut entries = self.entries();
        if entries.remove(&self.key).is_some() {
            self.store(&entries);
        }
    }

    fn store(&self, entries: &Entries) {
        let text = serde_json::to_vec(entries).unwrap_or_default();
        // Without it the next process asks for a token of its own.
        let _ = private_file::replace(&self.path, &text);
    }
}

fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
