//! The `env` file: every variable that Packer, Terraform and our own client need, for a shell to read.
//!
//! It is meant for sh, bash and zsh alike. It holds a client secret, so it is private to its owner.
//! On a restart nobody knows that secret any more: then only the lines of the address are renewed.

use std::fs;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use crate::auth::secret::Secret;
use crate::private_file;

mod address;

pub use address::{Address, Trust};

/// What the file says.
#[derive(Debug, Clone)]
pub struct EnvFile {
    /// How clients reach the server.
    pub address: Address,
    /// Client id of the principal.
    pub client_id: String,
    /// Client secret of the principal.
    pub client_secret: Secret,
    /// Id (UUID) of the organization.
    pub organization_id: String,
    /// Id (UUID) of the project.
    pub project_id: String,
}

/// These override or divert what we set, even when they are empty, so they must not exist.
const DIVERTING: [&str; 6] = [
    "HCP_API_HOST",
    "HCP_GEOGRAPHY",
    "HCP_CRED_FILE",
    "HCP_PORTAL_URL",
    "HCP_SCADA_ADDRESS",
    "HCP_AUTH_TLS",
];

/// What keeps the tools from asking public hosts.
const OPTIONAL: [(&str, &str); 2] = [
    ("HCP_SKIP_STATUS_CHECK", "true"),
    ("CHECKPOINT_DISABLE", "1"),
];

impl EnvFile {
    /// The text of the file. `path` is where it will be, for the instructions at its top. Fails with
    /// [`io::ErrorKind::InvalidInput`] if a value has a line break or another control character.
    pub fn text(&self, path: &Path) -> io::Result<Zeroizing<String>> {
        let mut text = Zeroizing::new(String::with_capacity(4096));
        text.push_str(
            "# Packer, Terraform and `touchmark` use this server in a shell that has run\n#\n",
        );
        let path = quoted(&path.to_string_lossy())?;
        text.extend(["#     . ", &path, "\n#\n"]);
        text.push_str(
            "# It holds a secret: keep it private. The server keeps the lines of its address\n",
        );
        text.push_str("# up to date and leaves all others as they are.\n\n");
        text.push_str(&self.lines()?);
        Ok(text)
    }

    /// The lines themselves, for a shell that reads them from elsewhere.
    pub fn lines(&self) -> io::Result<Zeroizing<String>> {
        let mut text = Zeroizing::new(String::with_capacity(4096));
        for line in self.address.lines()? {
            text.push_str(&line.text);
            text.push('\n');
        }
        text.push_str("\n# The HCP tools and ours name the same things differently.\n");
        for tools in ["HCP", "TOUCHMARK"] {
            for (name, value) in self.credentials() {
                text.push_str(&export(&format!("{tools}_{name}"), value)?);
                text.push('\n');
            }
        }
        text.push_str(
            "\n# Optional: keeps the tools from asking public hosts for news and status.\n",
        );
        for (name, value) in OPTIONAL {
            text.push_str(&export(name, value)?);
            text.push('\n');
        }
        text.push_str("\n# These would lead the tools to another server.\n");
        for name in DIVERTING {
            text.extend(["unset ", name, "\n"]);
        }
        Ok(text)
    }

    /// The variables as names and values; those that must not exist have none.
    pub fn pairs(&self) -> io::Result<Vec<(String, Option<String>)>> {
        let mut pairs = self.address.pairs();
        for tools in ["HCP", "TOUCHMARK"] {
            let named =
                |(name, value): (&str, &str)| (format!("{tools}_{name}"), Some(value.to_owned()));
            pairs.extend(self.credentials().map(named));
        }
        for (name, value) in OPTIONAL {
            pairs.push((name.to_owned(), Some(value.to_owned())));
        }
        pairs.extend(DIVERTING.map(|name| (name.to_owned(), None)));
        // A value that no shell could take is refused here as well.
        for (_, value) in &pairs {
            quoted(value.as_deref().unwrap_or_default())?;
        }
        Ok(pairs)
    }

    fn credentials(&self) -> [(&'static str, &str); 4] {
        [
            ("CLIENT_ID", self.client_id.as_str()),
            ("CLIENT_SECRET", self.client_secret.reveal()),
            ("ORGANIZATION_ID", &self.organization_id),
            ("PROJECT_ID", &self.project_id),
        ]
    }
}

/// Writes the file with mode 0600 in place of what is there, whole or not at all.
pub fn write(path: &Path, content: &EnvFile) -> io::Result<()> {
    private_file::replace(path, content.text(path)?.as_bytes())
}

/// Brings the lines of the address up to date and keeps all others; says whether the file exists.
///
/// Does not write when nothing changes. Fails as [`write()`] does, and if the file cannot be read.
pub fn rewrite_address(path: &Path, address: &Address) -> io::Result<bool> {
    let old = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let new = address.put_into(&old)?;
    if *new != *old || private_file::exposure(path)? != 0 {
        private_file::replace(path, new.as_bytes())?;
    }
    Ok(true)
}

/// Puts a new secret in the place of the old one if the file is of the client with this id, and leaves
/// any other as it is; says whether the file exists.
pub fn rewrite_secret(path: &Path, client_id: &str, secret: &Secret) -> io::Result<bool> {
    let old = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let ours = export("HCP_CLIENT_ID", client_id)?;
    if !old.lines().any(|line| line == ours) {
        return Ok(true);
    }
    let secrets = ["HCP_CLIENT_SECRET", "TOUCHMARK_CLIENT_SECRET"];
    let new = with_values(&old, &secrets.map(|name| (name, secret.reveal())))?;
    private_file::replace(path, new.as_bytes())?;
    Ok(true)
}

/// Makes the file that of another client, and leaves all other lines as they are; says whether the file
/// exists.
pub fn rewrite_client(path: &Path, client_id: &str, secret: &Secret) -> io::Result<bool> {
    let old = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let values = [
        ("HCP_CLIENT_ID", client_id),
        ("TOUCHMARK_CLIENT_ID", client_id),
        ("HCP_CLIENT_SECRET", secret.reveal()),
        ("TOUCHMARK_CLIENT_SECRET", secret.reveal()),
    ];
    private_file::replace(path, with_values(&old, &values)?.as_bytes())?;
    Ok(true)
}

/// The text with other values of some variables.
fn with_values(old: &str, values: &[(&str, &str)]) -> io::Result<Zeroizing<String>> {
    let mut new = Zeroizing::new(String::with_capacity(old.len()));
    for line in old.lines() {
        let value = values
            .iter()
            .find(|(name, _)| line.starts_with(&format!("export {name}=")));
        match value {
            Some((name, value)) => new.push_str(&Zeroizing::new(export(name, value)?)),
            None => new.push_str(line),
        }
        new.push('\n');
    }
    Ok(new)
}

fn export(name: &str, value: &str) -> io::Result<String> {
    Ok(format!("export {name}={}", quoted(value)?))
}

/// Between single quotes a shell changes nothing; a single quote itself has to step outside.
fn quoted(value: &str) -> io::Result<String> {
    if value.contains(char::is_control) {
        let problem = format!("{value:?} cannot stand in an env file: it has a control character");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    Ok(format!("'{}'", value.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests;
