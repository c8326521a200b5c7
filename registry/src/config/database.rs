//! Which database: parsed from a setting, shown without its password.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where the records are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// In this `SQLite` file, an absolute path.
    Sqlite(PathBuf),
    /// In `PostgreSQL`, by this `postgres://` or `postgresql://` address, which may hold a password.
    Postgres(String),
}

impl Database {
    /// Reads the setting. Says what is accepted if it is neither.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text
            .strip_prefix("sqlite:")
            .map(|rest| rest.strip_prefix("//").unwrap_or(rest));
        match path {
            Some(path) if !path.is_empty() && !path.contains(":memory:") => {
                let path = std::path::absolute(Path::new(path));
                path.map(Self::Sqlite).map_err(|error| error.to_string())
            }
            Some(_) => Err("`sqlite:` needs the path of a file; \
                an in-memory database is not supported"
                .to_owned()),
            // The text is not repeated: it may be a mistyped address with a password in it.
            None => Err("accepted are `postgres://user:password@host/name`, \
                `postgresql://…` and `sqlite:PATH`"
                .to_owned()),
        }
    }

    /// As it would be written in a setting, with `***` for a password.
    pub fn masked(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(address) => mask(address),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.masked())
    }
}

/// A password may stand before the `@` or among the parameters. libpq accepts lists of hosts, which
/// are no URL, so this looks at the text.
fn mask(address: &str) -> String {
    let (rest, parameters) = address.split_once('?').unwrap_or((address, ""));
    let (scheme, rest) = rest.split_once("://").unwrap_or(("", rest));
    let mut text = format!("{scheme}://");
    if parameters.contains('@') {
        // The `?` may have been part of a password: then nothing behind it can be told apart.
        return text + "***";
    }
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            text.push_str(user.split_once(':').map_or(user, |(name, _)| name));
            text.push_str(if user.contains(':') { ":***@" } else { "@" });
            text.push_str(host);
        }
        None => text.push_str(rest),
    }
    let mut separator = '?';
    for parameter in parameters.split('&').filter(|p| !p.is_empty()) {
        text.push(separator);
        separator = '&';
        match parameter.split_once('=') {
            Some((name, _)) if name.contains("password") => text.extend([name, "=***"]),
            _ => text.push_str(parameter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read() {
        let sqlite = Database::Sqlite("/var/t.db".into());
        assert_eq!(Database::parse("sqlite:/var/t.db").unwrap(), sqlite);
        assert_eq!(Database::parse("sqlite:///var/t.db").unwrap(), sqlite);
        for text in ["postgres://u@h/d", "postgresql://u@h/d"] {
            assert_eq!(
                Database::parse(text).unwrap(),
                Database::Postgres(text.into())
            );
        }
        for text in ["", "mysql://h/d", "t.db", "sqlite:", "sqlite::memory:"] {
            assert!(Database::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        for (address, masked) in [
            ("postgres://u:p@h/d", "postgres://u:***@h/d"),
            ("postgres://u:p@ss/w:d@h/d", "postgres://u:***@h/d"),
            ("postgres://u@h:1,i:2/d?a=b", "postgres://u@h:1,i:2/d?a=b"),
            (
                "postgres://h/d?user=u&password=p",
                "postgres://h/d?user=u&password=***",
            ),
            ("postgres://u:p?q@h/d", "postgres://***"),
            ("postgres:///d?host=/run", "postgres:///d?host=/run"),
        ] {
            let database = Database::parse(address).unwrap();
            assert_eq!(database.masked(), masked);
            assert_eq!(format!("{database:?}"), format!("Database({masked})"));
        }
    }
}
