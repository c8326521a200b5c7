//! Where the registry is and who we are there: flags, then the environment (`TOUCHMARK_*`, then `HCP_*`), then the
//! profile in `client.toml`, with its credentials in `credentials.toml` beside it. A profile that is named by
//! `--profile` comes before the environment. Each value knows where it came from.

mod files;
mod flags;
mod folders;

use std::collections::BTreeMap;

use touchmark_client::{Builder, Client};

pub(crate) use files::{Credentials, Files, Profile};
pub(crate) use flags::Flags;
pub(crate) use folders::Folders;

use crate::exit::{Failure, Result};

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The value.
    pub(crate) value: String,
    /// Such as `environment TOUCHMARK_URL`.
    pub(crate) origin: String,
}

/// What is in force, by name.
pub(crate) struct Settings {
    values: BTreeMap<&'static str, Setting>,
    /// The profile that was used or would be.
    pub(crate) profile: String,
    /// Where files are.
    pub(crate) folders: Folders,
}

/// The names of all settings, the flag or profile key first, then the environment variables that set it.
const NAMES: [(&str, &[&str]); 8] = [
    ("url", &["TOUCHMARK_URL"]),
    ("auth_url", &["TOUCHMARK_AUTH_URL"]),
    (
        "organization_id",
        &["TOUCHMARK_ORGANIZATION_ID", "HCP_ORGANIZATION_ID"],
    ),
    ("project", &["TOUCHMARK_PROJECT_ID", "HCP_PROJECT_ID"]),
    ("ca_file", &["TOUCHMARK_CA_FILE"]),
    ("token", &["TOUCHMARK_TOKEN"]),
    ("client_id", &["TOUCHMARK_CLIENT_ID", "HCP_CLIENT_ID"]),
    (
        "client_secret",
        &["TOUCHMARK_CLIENT_SECRET", "HCP_CLIENT_SECRET"],
    ),
];

/// Those that nobody may see.
const SECRET: [&str; 2] = ["token", "client_secret"];

/// Reads a variable; an empty one is as good as none.
#[expect(clippy::disallowed_methods, reason = "these are the settings")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The profile that is named.
fn named(flags: &Flags) -> Option<String> {
    let named = flags.profile.clone();
    named.or_else(|| variable("TOUCHMARK_PROFILE"))
}

fn unknown(profile: &str, files: &Files) -> Failure {
    let known = files.names().join(", ");
    let known = if known.is_empty() { "none" } else { &known };
    let problem = format!("profile {profile} does not exist; there is {known}");
    Failure::usage(problem).hint(format!(
        "touchmark auth login --profile {profile} --url URL"
    ))
}

impl Settings {
    /// Reads flags, environment and files.
    ///
    /// # Errors
    /// A usage failure when a file cannot be read or a named profile does not exist.
    pub(crate) fn load(flags: &Flags) -> Result<Self> {
        let folders = Folders::find();
        let files = Files::read(&folders)?;
        match named(flags) {
            Some(profile) if !files.has(&profile) => Err(unknown(&profile, &files)),
            _ => Self::of(flags, folders, &files),
        }
    }

    /// The same for who signs in, which makes the profile.
    pub(crate) fn for_login(flags: &Flags) -> Result<Self> {
        let folders = Folders::find();
        let files = Files::read(&folders)?;
        Self::of(flags, folders, &files)
    }

    fn of(flags: &Flags, folders: Folders, files: &Files) -> Result<Self> {
        let profile = named(flags).unwrap_or_else(|| files.default_profile());
        let mut settings = Self {
            values: BTreeMap::new(),
            folders,
            profile,
        };
        settings.flags(flags);
        if flags.profile.is_some() {
            settings.files(files);
            settings.environment()?;
        } else {
            settings.environment()?;
            settings.files(files);
        }
        Ok(settings)
    }

    /// The value of a setting.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|setting| setting.value.as_str())
    }

    /// The beginning of a client of the registry at this address.
    pub(crate) fn builder(&self, url: &str) -> Builder {
        let mut builder = Client::builder(url);
        if let Some(url) = self.get("auth_url") {
            builder = builder.auth_url(url);
        }
        if let Some(file) = self.get("ca_file") {
            builder = builder.ca_file(file);
        }
        builder
    }

    /// All that are set, secrets masked, with their origins.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&'static str, String, &str)> {
        self.values.iter().map(|(name, setting)| {
            let value = if SECRET.contains(name) {
                "********"
            } else {
                &setting.value
            };
            (*name, value.to_owned(), setting.origin.as_str())
        })
    }

    fn set(&mut self, name: &'static str, value: Option<String>, origin: impl FnOnce() -> String) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let setting = || Setting {
                value,
                origin: origin(),
            };
            self.values.entry(name).or_insert_with(setting);
        }
    }

    fn flags(&mut self, flags: &Flags) {
        let flag = |name: &'static str| move || format!("flag --{name}");
        self.set("url", flags.url.clone(), flag("url"));
        self.set("project", flags.project.clone(), flag("project"));
        let file = flags
            .ca_file
            .as_ref()
            .map(|path| path.to_string_lossy().into_owned());
        self.set("ca_file", file, flag("ca-file"));
    }

    fn environment(&mut self) -> Result<()> {
        let had_url = self.get("url").is_some();
        for (name, variables) in NAMES {
            for variable_name in variables {
                // An id is of no use without its secret from the same place.
                if matches!(name, "client_id" | "client_secret") && !pair(variable_name)? {
                    continue;
                }
                let origin = || format!("environment {variable_name}");
                let value = if name == "client_secret" {
                    secret(variable_name)?
                } else {
                    variable(variable_name)
                };
                self.set(name, value, origin);
            }
        }
        let other = had_url || variable("TOUCHMARK_URL").is_some();
        if let Some(address) = variable("HCP_API_ADDRESS").filter(|_| !other) {
            let plain = variable("HCP_API_TLS").as_deref() == Some("disabled");
            let scheme = if plain { "http" } else { "https" };
            let origin = || "environment HCP_API_ADDRESS".to_owned();
            self.set("url", Some(format!("{scheme}://{address}")), origin);
            // Tokens are never asked for over plain HTTP by the tools that read this variable.
            let origin = || "environment HCP_AUTH_URL".to_owned();
            self.set("auth_url", variable("HCP_AUTH_URL"), origin);
        }
        Ok(())
    }

    fn files(&mut self, files: &Files) {
        let name = self.profile.clone();
        let Some(profile) = files.profile(&name) else {
            return;
        };
        let elsewhere = self
            .get("url")
            .is_some_and(|url| url.trim_end_matches('/') != profile.url.trim_end_matches('/'));
        // What is known of one registry is not told to another.
        if elsewhere {
            return;
        }
        let origin = || format!("profile {name} of {}", self.folders.profiles().display());
        let origin = origin();
        self.set("url", Some(profile.url), || origin.clone());
        self.set("auth_url", profile.auth_url, || origin.clone());
        self.set("organization_id", profile.organization_id, || {
            origin.clone()
        });
        self.set("project", profile.project, || origin.clone());
        self.set("ca_file", profile.ca_file, || origin.clone());
        let signed_in = self.get("token").is_some() || self.get("client_id").is_some();
        if let Some(credentials) = files.credentials(&name).filter(|_| !signed_in) {
            let origin = format!("profile {name} of {}", self.folders.credentials().display());
            self.set("client_id", Some(credentials.client_id), || origin.clone());
            self.set("client_secret", Some(credentials.client_secret), || {
                origin.clone()
            });
        }
    }
}

/// Whether both parts of the credentials are in the environment, for the variable of one of them.
fn pair(name: &str) -> Result<bool> {
    let prefix = name.split("_CLIENT").next().unwrap_or_default();
    let id = variable(&format!("{prefix}_CLIENT_ID")).is_some();
    let secret = secret(&format!("{prefix}_CLIENT_SECRET"))?.is_some();
    Ok(id && secret)
}

/// A secret: in the variable itself, or in the file that the same variable with `_FILE` names.
fn secret(name: &str) -> Result<Option<String>> {
    if let Some(value) = variable(name) {
        return Ok(Some(value));
    }
    let Some(path) = variable(&format!("{name}_FILE")) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Failure::usage(format!("{path} of {name}_FILE cannot be read: {error}"))
    })?;
    Ok(Some(text.trim_end().to_owned()))
}
