//! Shows the settings in force as TOML that could be a configuration file, but for masked secrets.

use std::net::SocketAddr;
use std::path::Path;

use toml::Value;

use super::{Database, LogFormat, MasterKeySource, Settings, Tls, keys, span};

/// One line per key: the value and its origin, or that it is not set.
pub(super) fn text(settings: &Settings) -> String {
    let mut text = String::from("# Touchmark settings in force, each with where it comes from.\n");
    for key in keys::KEYS {
        let line = match value(settings, key) {
            Some(value) => match settings.origins.get(key) {
                Some(origin) => format!("{key} = {value}  # {}\n", one_line(&origin.to_string())),
                None => format!("{key} = {value}  # default\n"),
            },
            None => format!("# {key} is not set\n"),
        };
        text.push_str(&line);
    }
    text
}

/// A path may hold any character; in a comment a line break would begin a setting.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, "?")
}

fn value(settings: &Settings, key: &str) -> Option<Value> {
    let (cert_file, key_file) = match &settings.tls {
        Tls::Files {
            cert_file,
            key_file,
        } => (Some(cert_file), Some(key_file)),
        Tls::Private | Tls::Off => (None, None),
    };
    match key {
        "listen" => Some(address(settings.listen)),
        "public_url" => settings
            .public_url
            .as_ref()
            .map(|url| url.to_string().into()),
        "plain_http" => Some((settings.tls == Tls::Off).into()),
        "tls.cert_file" => cert_file.map(|path| file(path)),
        "tls.key_file" => key_file.map(|path| file(path)),
        "host_names" => Some(settings.host_names.clone().into()),
        "trusted_proxies" => Some(settings.trusted_proxies.names().into()),
        "data_dir" => Some(file(&settings.data_dir)),
        "database" => Some(Database::masked(&settings.database).into()),
        "metrics_listen" => settings.metrics_listen.map(address),
        "log_format" => Some(match settings.log_format {
            LogFormat::Human => "human".into(),
            LogFormat::Json => "json".into(),
        }),
        "log_level" => Some(settings.log_level.clone().into()),
        "heartbeat_timeout" => Some(span::format(settings.heartbeat_timeout).into()),
        "shutdown_grace" => Some(span::format(settings.shutdown_grace).into()),
        "retention.abandoned_versions" => span_of(settings.retention.abandoned_versions),
        "retention.events" => span_of(settings.retention.events),
        "workers" => settings
            .workers
            .map(|count| Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))),
        "cache_mib" => Some(Value::Integer(settings.cache_mib.into())),
        _ => secret(&settings.master_key, key),
    }
}

fn span_of(span: Option<std::time::Duration>) -> Option<Value> {
    span.map(|span| span::format(span).into())
}

fn secret(source: &MasterKeySource, key: &str) -> Option<Value> {
    match (source, key) {
        (MasterKeySource::Given(_), "master_key") => Some("***".into()),
        (MasterKeySource::File(path), "master_key_file") => Some(file(path)),
        _ => None,
    }
}

fn address(address: SocketAddr) -> Value {
    address.to_string().into()
}

fn file(path: &Path) -> Value {
    path.to_string_lossy().into_owned().into()
}
