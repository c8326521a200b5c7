//! The `packer` that is found: where it is, which version, and whether it can record its builds by itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::exit::{Failure, Result};
use crate::settings::variable;

/// The first version that reads the block `hcp_packer_registry` and speaks the protocol that the registry serves
/// in full.
const SPEAKS: (u32, u32, u32) = (1, 10, 1);

/// What it is called.
const NAME: &str = "packer";

/// A packer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Such as `1.16.0`.
    pub(crate) version: String,
}

impl Program {
    /// Finds it: what `TOUCHMARK_PACKER` names, or the first of that name in `PATH`.
    ///
    /// # Errors
    /// When there is none, or it does not start.
    pub(crate) fn find() -> Result<Self> {
        let named = variable("TOUCHMARK_PACKER");
        Self::at(named.as_deref().unwrap_or(NAME))
    }

    /// Finds it, if there is any.
    ///
    /// # Errors
    /// When what is there does not start, or is something else.
    pub(crate) fn look() -> Result<Option<Self>> {
        let named = variable("TOUCHMARK_PACKER").is_some();
        let folders = variable("PATH").unwrap_or_default();
        let mut folders = std::env::split_paths(&folders);
        if named || folders.any(|folder| folder.join(NAME).is_file()) {
            return Self::find().map(Some);
        }
        Ok(None)
    }

    fn at(path: &str) -> Result<Self> {
        let output = Command::new(path)
            .args(["version", "-machine-readable"])
            .env("CHECKPOINT_DISABLE", "1")
            .output();
        let output = output.map_err(|error| {
            Failure::plain(format!("{path} cannot be started: {error}")).hint(
                "install Packer (Debian: apt-get install packer), or name it in TOUCHMARK_PACKER",
            )
        })?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.lines().find_map(version).ok_or_else(|| {
            Failure::plain(format!(
                "{path} does not say its version; is it HashiCorp's Packer?"
            ))
        })?;
        Ok(Self {
            path: Path::new(path).to_owned(),
            version: version.to_owned(),
        })
    }

    /// Whether it can tell a registry about its builds by itself.
    pub(crate) fn speaks(&self) -> bool {
        let mut numbers = self.version.split(['.', '-', '+']).map(str::parse::<u32>);
        let mut next = || numbers.next().and_then(std::result::Result::ok);
        matches!((next(), next(), next()), (Some(a), Some(b), Some(c)) if (a, b, c) >= SPEAKS)
    }
}

/// `1700000000,,version,1.16.0`
fn version(line: &str) -> Option<&str> {
    let mut fields = line.splitn(4, ',').skip(2);
    (fields.next() == Some("version"))
        .then(|| fields.next())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::{Program, version};

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(version("1795331422,,version,1.6.6"), Some("1.6.6"));
        assert_eq!(version("1795331422,,version-commit,x"), None);
        let speaks = |version: &str| {
            let version = version.to_owned();
            Program {
                path: "packer".into(),
                version,
            }
            .speaks()
        };
        assert!(!speaks("1.6.6") && !speaks("1.10.0") && speaks("1.10.1") && speaks("1.16.0-dev"));
        assert!(!speaks("nightly"));
    }
}
