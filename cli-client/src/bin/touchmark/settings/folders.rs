//! Folders of the XDG base directory specification in which our files are.

use std::path::PathBuf;

use super::variable;

/// Where files are.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    config: PathBuf,
    cache: PathBuf,
    state: PathBuf,
}

impl Folders {
    /// As the environment says; relative paths in it are not meant by the specification.
    pub(crate) fn find() -> Self {
        let home = std::env::home_dir().unwrap_or_default();
        let folder = |name: &str, default: &str| {
            let given = variable(name).map(PathBuf::from);
            let given = given.filter(|path| path.is_absolute());
            given
                .unwrap_or_else(|| home.join(default))
                .join("touchmark")
        };
        Self {
            config: folder("XDG_CONFIG_HOME", ".config"),
            cache: folder("XDG_CACHE_HOME", ".cache"),
            state: folder("XDG_STATE_HOME", ".local/state"),
        }
    }

    /// The file of profiles.
    pub(crate) fn profiles(&self) -> PathBuf {
        self.config.join("client.toml")
    }

    /// The file of their secrets.
    pub(crate) fn credentials(&self) -> PathBuf {
        self.config.join("credentials.toml")
    }

    /// The file of tokens.
    pub(crate) fn tokens(&self) -> PathBuf {
        self.cache.join("tokens.json")
    }

    /// The file of names that are completed.
    pub(crate) fn names(&self) -> PathBuf {
        self.cache.join("names.json")
    }

    /// The file of all certificates that other programs are to trust.
    pub(crate) fn bundle(&self) -> PathBuf {
        self.cache.join("ca-bundle.pem")
    }

    /// The folder of what is not yet recorded.
    pub(crate) fn journal(&self) -> PathBuf {
        self.state.join("journal")
    }
}
