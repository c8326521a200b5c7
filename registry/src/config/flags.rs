//! The settings as flags of the command line.
//!
//! They are kept as text, so that a value is checked in one way whatever layer it comes from. A
//! master key is no flag: everybody on the machine can read the arguments of a process.

use std::path::PathBuf;

use clap::Args;

/// Flags that set what [`super::Settings`] holds; meant for `#[command(flatten)]`.
#[derive(Debug, Clone, Default, Args)]
pub struct Flags {
    /// Configuration file [default: touchmark/config.toml in the XDG config home]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address and port to serve clients at [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Folder of everything the server keeps
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// Database: postgres://… or sqlite:PATH [default: touchmark.db in the data folder]
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Address by which clients know the server, such as <https://registry.example.com>
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Proxies to believe, comma-separated IP addresses and CIDR ranges
    #[arg(long, value_name = "LIST")]
    pub trusted_proxies: Option<String>,
    /// PEM file of a certificate to use instead of one of our own
    #[arg(long, value_name = "FILE")]
    pub tls_cert_file: Option<String>,
    /// PEM file of the private key of that certificate
    #[arg(long, value_name = "FILE")]
    pub tls_key_file: Option<String>,
    /// Serve plain HTTP, for use behind a proxy that does TLS
    #[arg(long)]
    pub plain_http: bool,
    /// Address and port to serve metrics at [default: none]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<String>,
    /// Shape of the log: human or json [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// What to log, such as info or debug,h2=warn [default: info]
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// Silence after which a running build counts as gone [default: 15m]
    #[arg(long, value_name = "DURATION")]
    pub heartbeat_timeout: Option<String>,
    /// Time for requests in flight when told to stop [default: 30s]
    #[arg(long, value_name = "DURATION")]
    pub shutdown_grace: Option<String>,
    /// Age at which incomplete versions are deleted, such as 90d [default: never]
    #[arg(long, value_name = "DURATION")]
    pub retention_abandoned_versions: Option<String>,
    /// Age at which events are moved to files, such as 400d [default: never]
    #[arg(long, value_name = "DURATION")]
    pub retention_events: Option<String>,
    /// File of the master key [default: master.key in the data folder]
    #[arg(long, value_name = "FILE")]
    pub master_key_file: Option<String>,
    /// Threads that serve requests [default: one per core]
    #[arg(long, value_name = "NUMBER")]
    pub workers: Option<String>,
    /// Memory for answers that are asked for often, in MiB [default: 64]
    #[arg(long, value_name = "NUMBER")]
    pub cache_mib: Option<String>,
    /// Further names for the certificate, comma-separated
    #[arg(long, value_name = "LIST")]
    pub host_names: Option<String>,
}

impl Flags {
    /// The keys that were set by flags, with their values as text.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        let plain_http = self.plain_http.then(|| "true".to_owned());
        [
            ("listen", &self.listen),
            ("data_dir", &self.data_dir),
            ("database", &self.database),
            ("public_url", &self.public_url),
            ("trusted_proxies", &self.trusted_proxies),
            ("tls.cert_file", &self.tls_cert_file),
            ("tls.key_file", &self.tls_key_file),
            ("plain_http", &plain_http),
            ("metrics_listen", &self.metrics_listen),
            ("log_format", &self.log_format),
            ("log_level", &self.log_level),
            ("heartbeat_timeout", &self.heartbeat_timeout),
            ("shutdown_grace", &self.shutdown_grace),
            (
                "retention.abandoned_versions",
                &self.retention_abandoned_versions,
            ),
            ("retention.events", &self.retention_events),
            ("master_key_file", &self.master_key_file),
            ("workers", &self.workers),
            ("cache_mib", &self.cache_mib),
            ("host_names", &self.host_names),
        ]
        .map(|(key, value)| value.clone().map(|value| (key, value)))
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches as _};

    use super::super::keys;
    use super::*;

    #[test]
    fn every_key_has_the_flag_that_messages_name() {
        for key in keys::KEYS.into_iter().filter(|key| *key != "master_key") {
            let mut arguments = vec!["serve".to_owned(), keys::flag(key)];
            if key != "plain_http" {
                arguments.push("true".to_owned());
            }
            let command = Flags::augment_args(Command::new("serve"));
            let matches = command.try_get_matches_from(arguments).unwrap();
            let flags = Flags::from_arg_matches(&matches).unwrap();
            let pairs: Vec<_> = flags.pairs().collect();
            assert_eq!(pairs, [(key, "true".to_owned())]);
        }
        Flags::augment_args(Command::new("serve")).debug_assert();
    }
}
