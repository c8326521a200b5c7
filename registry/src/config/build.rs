//! Makes settings of merged text: parses each value once, fills in defaults, refuses contradictions.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::ConfigError;
use super::layers::{Environment, Values};
use super::{
    Database, LogFormat, MasterKeySource, PublicUrl, Retention, Settings, Tls, hosts, span, values,
};
use crate::seal::MasterKey;

const PORT: u16 = 8443;
const CACHE_MIB: u32 = 64;

/// Makes settings of what the layers say. Fails on the first value that is not accepted.
pub(super) fn settings(
    layered: &Values,
    environment: &Environment,
) -> Result<Settings, ConfigError> {
    let read = Reader(layered);
    let data_dir = match read.get("data_dir", values::folder_or_file)? {
        Some(path) => path,
        None => environment
            .xdg("XDG_DATA_HOME", ".local/share")
            .ok_or(ConfigError::NoHome)?
            .join("touchmark"),
    };
    let settings = Settings {
        listen: read
            .get("listen", values::socket)?
            .unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT))),
        database: read
            .get("database", Database::parse)?
            .unwrap_or_else(|| Database::Sqlite(data_dir.join("touchmark.db"))),
        public_url: read.get("public_url", PublicUrl::parse)?,
        trusted_proxies: read
            .get("trusted_proxies", hosts::proxies)?
            .unwrap_or_default(),
        tls: tls(&read)?,
        metrics_listen: read.get("metrics_listen", values::socket)?,
        log_format: read
            .get("log_format", values::log_format)?
            .unwrap_or(LogFormat::Human),
        log_level: read
            .get("log_level", values::log_level)?
            .unwrap_or_else(|| "info".to_owned()),
        color: environment.get("NO_COLOR").is_none(),
        heartbeat_timeout: read
            .get("heartbeat_timeout", values::positive_span)?
            .unwrap_or(Duration::from_mins(15)),
        shutdown_grace: read
            .get("shutdown_grace", span::parse)?
            .unwrap_or(Duration::from_secs(30)),
        retention: Retention {
            abandoned_versions: read.get("retention.abandoned_versions", values::positive_span)?,
            events: read.get("retention.events", values::positive_span)?,
        },
        master_key: master_key(&read, &data_dir)?,
        workers: read.get("workers", values::workers)?,
        cache_mib: read
            .get("cache_mib", values::mebibytes)?
            .unwrap_or(CACHE_MIB),
        host_names: read
            .get("host_names", hosts::host_names)?
            .unwrap_or_default(),
        origins: layered
            .iter()
            .map(|(key, value)| (*key, value.origin.clone()))
            .collect(),
        data_dir,
    };
    if settings.metrics_listen == Some(settings.listen) && settings.listen.port() != 0 {
        return Err(ConfigError::Conflict(
            "metrics_listen must be another address than listen",
        ));
    }
    Ok(settings)
}

struct Reader<'a>(&'a Values);

impl Reader<'_> {
    fn get<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(layered) = self.0.get(key) else {
            return Ok(None);
        };
        parse(&layered.text)
            .map(Some)
            .map_err(|problem| ConfigError::Value {
                key,
                origin: Some(layered.origin.clone()),
                problem,
            })
    }

    fn path(&self, key: &'static str) -> Result<Option<PathBuf>, ConfigError> {
        self.get(key, values::folder_or_file)
    }
}

fn tls(read: &Reader<'_>) -> Result<Tls, ConfigError> {
    let off = read.get("plain_http", values::truth)?.unwrap_or_default();
    match (read.path("tls.cert_file")?, read.path("tls.key_file")?) {
        (None, None) if off => Ok(Tls::Off),
        (None, None) => Ok(Tls::Private),
        (Some(_), None) => Err(ConfigError::Conflict(
            "tls.cert_file is set but tls.key_file is not: a certificate needs its private key",
        )),
        (None, Some(_)) => Err(ConfigError::Conflict(
            "tls.key_file is set but tls.cert_file is not: a private key needs its certificate",
        )),
        (Some(_), Some(_)) if off => Err(ConfigError::Conflict(
            "plain_http is set, and so are tls.cert_file and tls.key_file: only one can hold",
        )),
        (Some(cert_file), Some(key_file)) => Ok(Tls::Files {
            cert_file,
            key_file,
        }),
    }
}

fn master_key(read: &Reader<'_>, data_dir: &Path) -> Result<MasterKeySource, ConfigError> {
    let parse = |text: &str| MasterKey::from_base64(text).map_err(|error| error.to_string());
    match (
        read.get("master_key", parse)?,
        read.path("master_key_file")?,
    ) {
        (Some(key), None) => Ok(MasterKeySource::Given(key)),
        (None, Some(path)) => Ok(MasterKeySource::File(path)),
        (None, None) => Ok(MasterKeySource::File(data_dir.join("master.key"))),
        (Some(_), Some(_)) => Err(ConfigError::Conflict(
            "master_key and master_key_file are both set: only one can hold",
        )),
    }
}
