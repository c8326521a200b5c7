//! The two files of profiles: `client.toml` says where registries are, `credentials.toml`, which is private to its
//! owner, who we are there.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use touchmark_client::private_file;

use super::Folders;
use crate::exit::{Context, Failure, Result};

/// The profile that is used when none is named.
const DEFAULT: &str = "default";

/// Where a registry is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// Its address.
    pub(crate) url: String,
    /// Where tokens are given, if elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth_url: Option<String>,
    /// The organization, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organization_id: Option<String>,
    /// The project, by name or id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) project: Option<String>,
    /// The certificates to trust, as a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ca_file: Option<String>,
}

/// Who we are in a registry.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The client id.
    pub(crate) client_id: String,
    /// The client secret.
    pub(crate) client_secret: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ProfileFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    default_profile: Option<String>,
    profiles: BTreeMap<String, Profile>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CredentialFile {
    profiles: BTreeMap<String, Credentials>,
}

/// What both files say.
pub(crate) struct Files {
    profiles: ProfileFile,
    credentials: CredentialFile,
}

impl Files {
    /// Reads both; one that does not exist is empty.
    pub(crate) fn read(folders: &Folders) -> Result<Self> {
        check_private(&folders.credentials())?;
        Ok(Self {
            profiles: parse(&folders.profiles())?,
            credentials: parse(&folders.credentials())?,
        })
    }

    /// The name of the profile that is used when none is named.
    pub(crate) fn default_profile(&self) -> String {
        let named = self.profiles.default_profile.clone();
        named.unwrap_or_else(|| DEFAULT.to_owned())
    }

    /// The names of all profiles.
    pub(crate) fn names(&self) -> Vec<String> {
        self.profiles.profiles.keys().cloned().collect()
    }

    /// Whether there is a profile of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.profiles.profiles.contains_key(name)
    }

    /// The profile of this name.
    pub(crate) fn profile(&self, name: &str) -> Option<Profile> {
        self.profiles.profiles.get(name).cloned()
    }

    /// The credentials of the profile of this name.
    pub(crate) fn credentials(&self, name: &str) -> Option<Credentials> {
        self.credentials.profiles.get(name).cloned()
    }

    /// Keeps a profile and its credentials; the first profile becomes the default.
    pub(crate) fn keep(
        &mut self,
        folders: &Folders,
        name: &str,
        (profile, credentials): (Profile, Credentials),
    ) -> Result<()> {
        if self.profiles.profiles.is_empty() && name != DEFAULT {
            self.profiles.default_profile = Some(name.to_owned());
        }
        self.profiles.profiles.insert(name.to_owned(), profile);
        self.credentials
            .profiles
            .insert(name.to_owned(), credentials);
        write(&folders.credentials(), &self.credentials)?;
        write(&folders.profiles(), &self.profiles)
    }

    /// Drops the credentials of a profile; whether there were any.
    pub(crate) fn forget(&mut self, folders: &Folders, name: &str) -> Result<bool> {
        let had = self.credentials.profiles.remove(name).is_some();
        if had {
            write(&folders.credentials(), &self.credentials)?;
        }
        Ok(had)
    }
}

fn parse<T: DeserializeOwned + Default>(path: &Path) -> Result<T> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
        Err(error) => {
            return Err(Failure::usage(format!(
                "{} cannot be read: {error}",
                path.display()
            )));
        }
    };
    toml::from_str(&text).map_err(|error| {
        // The whole error shows the line, which may hold a secret.
        let place = error.span().map_or(0, |span| {
            text.get(..span.start)
                .unwrap_or_default()
                .lines()
                .count()
                .max(1)
        });
        Failure::usage(format!(
            "{}, line {place}: {}",
            path.display(),
            error.message()
        ))
    })
}

fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    let text = toml::to_string(value).context(|| "the settings cannot be written".to_owned())?;
    private_file::replace(path, text.as_bytes())
        .context(|| format!("{} cannot be written", path.display()))
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(());
    };
    let others = metadata.permissions().mode() & 0o077;
    if others == 0 {
        return Ok(());
    }
    let problem = format!("{} holds secrets and can be read by others", path.display());
    Err(Failure::usage(problem).hint(format!("chmod 600 {}", path.display())))
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<()> {
    Ok(())
}
