//! The names of all settings, and what was meant by a name that is none.

/// Every key, in the order in which they are described. A dot leads into a table of the file.
pub(super) const KEYS: [&str; 20] = [
    "listen",
    "public_url",
    "plain_http",
    "tls.cert_file",
    "tls.key_file",
    "host_names",
    "trusted_proxies",
    "data_dir",
    "database",
    "master_key",
    "master_key_file",
    "metrics_listen",
    "log_format",
    "log_level",
    "heartbeat_timeout",
    "shutdown_grace",
    "retention.abandoned_versions",
    "retention.events",
    "workers",
    "cache_mib",
];

/// Variables that are no settings of the server but live in the same shell: the place of the
/// configuration file, and what the command line client reads.
const NEIGHBOURS: [&str; 8] = [
    "TOUCHMARK_CONFIG",
    "TOUCHMARK_CLIENT_ID",
    "TOUCHMARK_CLIENT_SECRET",
    "TOUCHMARK_URL",
    "TOUCHMARK_ORGANIZATION_ID",
    "TOUCHMARK_PROJECT_ID",
    "TOUCHMARK_CA_FILE",
    "TOUCHMARK_TOKEN",
];

/// The prefix of all our variables.
pub(super) const PREFIX: &str = "TOUCHMARK_";

/// The environment variable of a key: `tls.key_file` is set by `TOUCHMARK_TLS_KEY_FILE`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

/// The flag of a key: `tls.key_file` is set by `--tls-key-file`.
pub(super) fn flag(key: &str) -> String {
    format!("--{}", key.replace(['.', '_'], "-"))
}

/// The key of this name.
pub(super) fn find(name: &str) -> Option<&'static str> {
    KEYS.into_iter().find(|key| *key == name)
}

/// Whether a variable with our prefix is known to anybody.
pub(super) fn is_known_variable(name: &str) -> bool {
    NEIGHBOURS.contains(&name) || KEYS.iter().any(|key| variable(key) == name)
}

/// The key that somebody probably meant by `name`, if one is near enough.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase().replace('-', "_");
    KEYS.into_iter()
        .map(|key| {
            (
                distance(&name, key).min(distance(&name, &key.replace('.', "_"))),
                key,
            )
        })
        .min()
        .filter(|(distance, key)| *distance <= 1 + key.len() / 4)
        .map(|(_, key)| key)
}

/// How many letters must be added, dropped or changed to make one of the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, a) in from.bytes().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (b, above) in to.bytes().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(a != b))
                .min(left + 1)
                .min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_from_the_key() {
        assert_eq!(variable("tls.key_file"), "TOUCHMARK_TLS_KEY_FILE");
        assert_eq!(flag("tls.key_file"), "--tls-key-file");
    }

    #[test]
    fn distance_counts_changes() {
        for (from, to, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("listen", "listen", 0),
            ("lisen", "listen", 1),
            ("listne", "listen", 2),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(from, to), expected, "{from} {to}");
            assert_eq!(distance(to, from), expected, "{to} {from}");
        }
    }

    #[test]
    fn the_nearest_key_is_proposed_only_when_near() {
        assert_eq!(nearest("lisen"), Some("listen"));
        assert_eq!(nearest("Log-Level"), Some("log_level"));
        assert_eq!(nearest("tls_cert_file"), Some("tls.cert_file"));
        assert_eq!(nearest("colour_of_the_door"), None);
    }
}
