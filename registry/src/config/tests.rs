//! Layers win in their order, mistakes are named with their place, and nothing secret is shown.

use super::*;
use crate::private_file::TestFolder;

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

type Loaded = Result<(Settings, Vec<String>), ConfigError>;

fn load(flags: &Flags, variables: &[(&str, &str)]) -> Loaded {
    let home = [("HOME", "/nowhere")];
    let pairs = home.iter().chain(variables);
    Settings::load(
        flags,
        pairs.map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
    )
}

fn load_file(text: &str) -> Loaded {
    let folder = TestFolder::new();
    let path = folder.join("config.toml");
    std::fs::write(&path, text).unwrap();
    let flags = Flags {
        config: Some(path),
        ..Flags::default()
    };
    load(&flags, &[])
}

fn refusal(loaded: Loaded) -> String {
    loaded.unwrap_err().to_string()
}

#[test]
fn defaults_need_nothing_but_a_home() {
    let (settings, warnings) = load(&Flags::default(), &[]).unwrap();
    assert!(warnings.is_empty());
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8443");
    let data = PathBuf::from("/nowhere/.local/share/touchmark");
    assert_eq!(
        settings.database,
        Database::Sqlite(data.join("touchmark.db"))
    );
    assert_eq!(settings.data_dir, data);
    assert_eq!(settings.tls, Tls::Private);
    assert_eq!(settings.heartbeat_timeout, Duration::from_mins(15));
    assert_eq!(settings.shutdown_grace, Duration::from_secs(30));
    assert_eq!(settings.log_level, "info");
    assert_eq!(settings.cache_bytes(), 64 << 20);
    let homeless = Settings::load(&Flags::default(), []).unwrap_err();
    assert_eq!(homeless, ConfigError::NoHome);
}

#[test]
fn later_layers_win() {
    let folder = TestFolder::new();
    let path = folder.join("touchmark/config.toml");
    std::fs::create_dir(folder.join("touchmark")).unwrap();
    let text = "listen = '127.0.0.1:1'\nworkers = 3\nshutdown_grace = 5\nlog_level = 'warn'\n";
    std::fs::write(&path, text).unwrap();
    let flags = Flags {
        listen: Some("127.0.0.1:3".into()),
        ..Flags::default()
    };
    let config_home = folder.join("");
    let variables = [
        ("XDG_CONFIG_HOME", config_home.to_str().unwrap()),
        ("TOUCHMARK_LISTEN", "127.0.0.1:2"),
        ("TOUCHMARK_SHUTDOWN_GRACE", "7s"),
        ("TOUCHMARK_LOG_LEVEL", ""),
    ];
    let (settings, _) = load(&flags, &variables).unwrap();
    assert_eq!(settings.listen.port(), 3);
    assert_eq!(settings.shutdown_grace, Duration::from_secs(7));
    assert_eq!(settings.workers, Some(3));
    assert_eq!(settings.log_level, "warn", "an empty variable is unset");
    let text = settings.describe();
    assert!(
        text.contains("listen = \"127.0.0.1:3\"  # flag --listen\n"),
        "{text}"
    );
    assert!(
        text.contains("  # environment TOUCHMARK_SHUTDOWN_GRACE\n"),
        "{text}"
    );
    assert!(
        text.contains(&format!("workers = 3  # file {}\n", path.display())),
        "{text}"
    );
    assert!(
        text.contains("log_format = \"human\"  # default\n"),
        "{text}"
    );
}

#[test]
fn mistakes_in_the_file_are_named() {
    for (text, expected) in [
        ("lisen = 'x'", "unknown key `lisen`; did you mean `listen`?"),
        ("[tls]\ncert = 'x'", "unknown key `tls.cert`"),
        ("[server]\nlisten = 'x'", "unknown key `server`"),
        ("listen = 8443", "`8443` must be an IP address and a port"),
        ("listen = 1.5", "must be text, a whole number"),
        (
            "trusted_proxies = ['10.0.0.0/8', 'x']",
            "`x` must be an IP address or a range",
        ),
        ("database = 'mysql://h/d'", "accepted are `postgres://"),
        ("heartbeat_timeout = '15 parsecs'", "is no duration"),
        ("tls.cert_file = 'a'", "tls.key_file is not"),
        ("tls.key_file = 'a'", "tls.cert_file is not"),
        (
            "plain_http = true\ntls = {cert_file = 'a', key_file = 'b'}",
            "only one can hold",
        ),
        (
            "metrics_listen = '127.0.0.1:8443'",
            "another address than listen",
        ),
        ("\nlisten = ", "config.toml: line 2: "),
    ] {
        let message = refusal(load_file(text));
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn a_file_that_was_asked_for_must_exist() {
    let variables = [("TOUCHMARK_CONFIG", "/nowhere/config.toml")];
    assert!(refusal(load(&Flags::default(), &variables)).contains("/nowhere/config.toml"));
}

#[test]
fn the_environment_is_only_warned_about() {
    let variables = [
        ("TOUCHMARK_CLIENT_ID", "x"),
        ("TOUCHMARK_TOKEN", "x"),
        ("TOUCHMARK_LISTENS", "x"),
        ("TOUCHMARK_COLOUR_OF_DOOR", "x"),
    ];
    let (_, warnings) = load(&Flags::default(), &variables).unwrap();
    assert_eq!(
        warnings,
        [
            "environment variable TOUCHMARK_COLOUR_OF_DOOR is not known",
            "environment variable TOUCHMARK_LISTENS is not known; did you mean TOUCHMARK_LISTEN?",
        ]
    );
    let wrong = load(&Flags::default(), &[("TOUCHMARK_WORKERS", "many")]);
    assert!(refusal(wrong).starts_with("workers (environment TOUCHMARK_WORKERS): "));
}

#[test]
fn secrets_are_never_shown() {
    let variables = [
        ("TOUCHMARK_MASTER_KEY", KEY),
        ("TOUCHMARK_DATABASE", "postgres://u:hunter2@h/d"),
    ];
    let (settings, _) = load(&Flags::default(), &variables).unwrap();
    for text in [settings.describe(), format!("{settings:?}")] {
        assert!(
            !text.contains("hunter2") && !text.contains("AAAA"),
            "{text}"
        );
    }
    let wrong = load_file("database = 'postgres://u:hunter2@h/d' x");
    assert!(!refusal(wrong).contains("hunter2"));
    let variables = [("TOUCHMARK_MASTER_KEY", "c2VjcmV0")];
    assert!(!refusal(load(&Flags::default(), &variables)).contains("c2VjcmV0"));
}

#[test]
fn what_is_described_can_be_loaded() {
    let text = "listen = '[::1]:9'\npublic_url = 'https://r.example.com'\nworkers = 2\ncache_mib = 16\n\
        host_names = ['a', 'b']\ntrusted_proxies = ['10.0.0.0/8']\nheartbeat_timeout = '90s'\n\
        database = 'sqlite:/x/y.db'\n[tls]\ncert_file = '/c'\nkey_file = '/k'\n";
    let (settings, _) = load_file(text).unwrap();
    let (again, _) = load_file(&settings.describe()).unwrap();
    let values = |text: String| -> Vec<String> {
        let lines = text.lines();
        lines
            .map(|l| l.split("  #").next().unwrap_or(l).to_owned())
            .collect()
    };
    assert_eq!(values(settings.describe()), values(again.describe()));
}

#[test]
fn browsers_are_told_to_come_by_tls_alone_where_they_can_trust_the_certificate() {
    let strict = |variables: &[(&str, &str)]| {
        let (settings, _) = load(&Flags::default(), variables).unwrap();
        settings.strict_transport()
    };
    let behind_a_proxy = |url| {
        strict(&[
            ("TOUCHMARK_PUBLIC_URL", url),
            ("TOUCHMARK_PLAIN_HTTP", "true"),
        ])
    };
    assert!(behind_a_proxy("https://images.example.com"));
    for local in [
        "http://images.example.com",
        "https://localhost:8443",
        "https://one.localhost",
        "https://192.0.2.1",
        "https://[2001:db8::1]",
    ] {
        assert!(!behind_a_proxy(local), "{local}");
    }
    assert!(!strict(&[]), "no address is known");
    let own = [("TOUCHMARK_PUBLIC_URL", "https://images.example.com")];
    assert!(!strict(&own), "the certificate is of our own authority");
}
