//! Why the settings are refused, in words that name the place to mend.

use std::fmt;
use std::path::PathBuf;

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the configuration file.
    File(PathBuf),
    /// In the environment variable of this name.
    Environment(String),
    /// By the flag of this name.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// Why the settings are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// The configuration file cannot be read or is not TOML.
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The configuration file has a key that does not exist.
    UnknownKey {
        /// The key as it stands there, with the names of its tables.
        key: String,
        /// The file.
        path: PathBuf,
        /// The key that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A value is not accepted.
    Value {
        /// The key.
        key: &'static str,
        /// Where it was set.
        origin: Option<Origin>,
        /// What is wrong, and what would be accepted.
        problem: String,
    },
    /// Two settings contradict each other, or one needs another.
    Conflict(&'static str),
    /// There is no home folder to put the data folder in.
    NoHome,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, problem } => {
                write!(f, "configuration file {}: {problem}", path.display())
            }
            Self::UnknownKey { key, path, nearest } => {
                write!(f, "configuration file {}: unknown key `{key}`", path.display())?;
                match nearest {
                    Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
                    None => Ok(()),
                }
            }
            Self::Value {
                key,
                origin: Some(origin),
                problem,
            } => write!(f, "{key} ({origin}): {problem}"),
            Self::Value { key, problem, .. } => write!(f, "{key}: {problem}"),
            Self::Conflict(problem) => f.write_str(problem),
            Self::NoHome => f.write_str(
                "there is no home folder to keep data in: set data_dir (--data-dir, TOUCHMARK_DATA_DIR)",
            ),
        }
    }
}

impl std::error::Error for ConfigError {}
