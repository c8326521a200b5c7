//! Lays file, environment and flags over each other, as text with its origin.
//!
//! What the text means is for `build` to say; here only names are checked.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::error::{ConfigError, Origin};
use super::flags::Flags;
use super::keys;

/// A value as it was written, and where.
#[derive(Debug, Clone)]
pub(super) struct Layered {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// The value of each key that was set, from the last layer that set it.
pub(super) type Values = BTreeMap<&'static str, Layered>;

/// The variables that are set to something.
pub(super) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Of variables with the same name the last counts; one that is empty counts as unset.
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut map: BTreeMap<_, _> = variables.into_iter().collect();
        map.retain(|_, value| !value.is_empty());
        Self(map)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A base folder by the XDG rules: the variable if it is absolute, else a folder in the home.
    pub(super) fn xdg(&self, variable: &str, in_home: &str) -> Option<PathBuf> {
        self.get(variable)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| Some(Path::new(self.get("HOME")?).join(in_home)))
    }
}

/// Merges the layers and gives warnings about variables that nobody knows.
pub(super) fn merge(
    flags: &Flags,
    environment: &Environment,
) -> Result<(Values, Vec<String>), ConfigError> {
    let mut values = Values::new();
    if let Some((path, table)) = read_file(flags, environment)? {
        flatten(&table, "", &path, &mut values)?;
    }
    for key in keys::KEYS {
        let name = keys::variable(key);
        if let Some(text) = environment.get(&name) {
            let text = text.to_owned();
            let origin = Origin::Environment(name);
            values.insert(key, Layered { text, origin });
        }
    }
    for (key, text) in flags.pairs() {
        let origin = Origin::Flag(keys::flag(key));
        values.insert(key, Layered { text, origin });
    }
    Ok((values, warnings(environment)))
}

fn warnings(environment: &Environment) -> Vec<String> {
    let names = environment.0.keys();
    names
        .filter(|name| name.starts_with(keys::PREFIX) && !keys::is_known_variable(name))
        .map(|name| {
            let rest = name.strip_prefix(keys::PREFIX).unwrap_or(name);
            match keys::nearest(rest).map(keys::variable) {
                Some(nearest) => {
                    format!("environment variable {name} is not known; did you mean {nearest}?")
                }
                None => format!("environment variable {name} is not known"),
            }
        })
        .collect()
}

/// The file that was asked for must exist; the one at the usual place may.
fn read_file(
    flags: &Flags,
    environment: &Environment,
) -> Result<Option<(PathBuf, Table)>, ConfigError> {
    let asked = flags.config.clone();
    let asked = asked.or_else(|| environment.get("TOUCHMARK_CONFIG").map(PathBuf::from));
    let must_exist = asked.is_some();
    let usual = || {
        Some(
            environment
                .xdg("XDG_CONFIG_HOME", ".config")?
                .join("touchmark/config.toml"),
        )
    };
    let Some(path) = asked.or_else(usual) else {
        return Ok(None);
    };
    let fail = |problem| ConfigError::File {
        path: path.clone(),
        problem,
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => match text.parse() {
            Ok(table) => Ok(Some((path, table))),
            Err(error) => Err(fail(located(&error, &text))),
        },
        Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => Ok(None),
        Err(error) => Err(fail(error.to_string())),
    }
}

/// What is wrong and where. The error's own text repeats the line, which may hold a password.
fn located(error: &toml::de::Error, text: &str) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    format!("line {line}: {}", error.message())
}

fn flatten(
    table: &Table,
    prefix: &str,
    path: &Path,
    values: &mut Values,
) -> Result<(), ConfigError> {
    for (name, value) in table {
        let name = format!("{prefix}{name}");
        if let (Value::Table(inner), "tls" | "retention") = (value, name.as_str()) {
            flatten(inner, &format!("{name}."), path, values)?;
            continue;
        }
        let Some(key) = keys::find(&name) else {
            return Err(ConfigError::UnknownKey {
                nearest: keys::nearest(&name),
                key: name,
                path: path.to_owned(),
            });
        };
        let origin = Origin::File(path.to_owned());
        let Some(text) = written(value) else {
            return Err(ConfigError::Value {
                key,
                origin: Some(origin),
                problem: "must be text, a whole number, true or false, or a list of text".into(),
            });
        };
        values.insert(key, Layered { text, origin });
    }
    Ok(())
}

/// A value of the file as a variable or a flag would say it.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Some(items?.join(","))
        }
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}
