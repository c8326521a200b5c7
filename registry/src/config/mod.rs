//! The settings of a server: where they come from, what is accepted, what is in force.
//!
//! Later layers win: defaults, TOML file, environment (`TOUCHMARK_*`), flags. This is the only place
//! that reads the process environment. Nothing here opens a database or a socket.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::seal::MasterKey;

mod build;
mod database;
mod describe;
mod error;
mod flags;
mod hosts;
mod keys;
mod layers;
mod span;
mod throw_away;
mod values;

pub use database::Database;
pub use error::{ConfigError, Origin};
pub use flags::Flags;
pub use hosts::TrustedProxies;
pub use values::PublicUrl;

/// Everything that can be set, checked and with defaults filled in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where clients are served; port 0 takes any free one. Default `127.0.0.1:8443`.
    pub listen: SocketAddr,
    /// The folder of everything the server keeps, absolute. Default: `touchmark` in the XDG data
    /// home. It need not exist yet.
    pub data_dir: PathBuf,
    /// The database. Default: the `SQLite` file `touchmark.db` in `data_dir`.
    pub database: Database,
    /// The address by which clients know the server, if it is another than `listen`.
    pub public_url: Option<PublicUrl>,
    /// Proxies whose `X-Forwarded-For` is believed. Default: none.
    pub trusted_proxies: TrustedProxies,
    /// How connections are protected.
    pub tls: Tls,
    /// Where metrics are served, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// The shape of the log.
    pub log_format: LogFormat,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`, checked. Default `info`.
    pub log_level: String,
    /// Whether a log on a terminal may be coloured: true unless `NO_COLOR` is set.
    pub color: bool,
    /// After how long without a heartbeat a running build counts as gone. Default 15 minutes.
    pub heartbeat_timeout: Duration,
    /// How long requests in flight may take once the server is told to stop. Default 30 seconds.
    pub shutdown_grace: Duration,
    /// What goes when it is old. Default: nothing.
    pub retention: Retention,
    /// Where the key comes from under which secrets are sealed.
    pub master_key: MasterKeySource,
    /// Threads that serve requests, at least 1; `None` means one per core.
    pub workers: Option<usize>,
    /// Memory for answers that are asked for often, in MiB; 0 for none. Default 64.
    pub cache_mib: u32,
    /// Names and addresses that the certificate has to carry beside the obvious ones.
    pub host_names: Vec<String>,
    /// Where each key that is not at its default comes from.
    origins: BTreeMap<&'static str, Origin>,
}

/// How connections are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// By a certificate of our own private authority. The default.
    Private,
    /// By a certificate that the operator brings.
    Files {
        /// PEM file of the certificate and what it chains to.
        cert_file: PathBuf,
        /// PEM file of its private key.
        key_file: PathBuf,
    },
    /// Not at all, because a proxy in front does it, or because somebody asked for it.
    Off,
}

/// At what age things go; `None` means never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Incomplete versions on which nothing has happened for so long are deleted.
    pub abandoned_versions: Option<Duration>,
    /// Events older than this are moved to files.
    pub events: Option<Duration>,
}

/// The shape of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines to read.
    #[default]
    Human,
    /// One JSON object per line.
    Json,
}

/// Where the master key comes from.
#[derive(Debug, Clone)]
pub enum MasterKeySource {
    /// It was given as a setting, so that several nodes share it.
    Given(MasterKey),
    /// It is in this file, which is made if it is not there. Default: `master.key` in `data_dir`.
    File(PathBuf),
}

impl Settings {
    /// Merges the layers into settings, and tells what in the environment was not understood.
    ///
    /// `environment` is all of it, names with values; an empty value counts as unset. Reads the
    /// configuration file that the flags or the environment name, else the one at its usual place
    /// if it exists. Fails on what is unknown in the file, and on any value that is not accepted.
    pub fn load(
        flags: &Flags,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(Self, Vec<String>), ConfigError> {
        let environment = layers::Environment::new(environment);
        let (layered, warnings) = layers::merge(flags, &environment)?;
        Ok((build::settings(&layered, &environment)?, warnings))
    }

    /// [`Settings::load`] with the environment of this process.
    pub fn from_process(flags: &Flags) -> Result<(Self, Vec<String>), ConfigError> {
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
        // Services are often started without HOME; the system knows the folder all the same.
        let home = std::env::home_dir().map(|path| ("HOME".to_owned(), text(path.into())));
        Self::load(flags, home.into_iter().chain(variables))
    }

    /// Whether browsers are told to come by TLS alone, to this host and those below it. They keep to that for a
    /// year and then refuse a certificate that they do not trust: never under our own authority.
    pub fn strict_transport(&self) -> bool {
        let public = self.public_url.as_ref();
        let safe = public.is_some_and(|url| url.is_https() && url.has_domain());
        safe && self.tls != Tls::Private
    }

    /// Memory for answers that are asked for often, in bytes.
    pub fn cache_bytes(&self) -> u64 {
        u64::from(self.cache_mib) << 20
    }

    /// What is in force, as TOML with the origin of each value beside it and secrets masked.
    pub fn describe(&self) -> String {
        describe::text(self)
    }
}

#[cfg(test)]
mod tests;
