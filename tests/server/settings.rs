//! File, environment and flags, as `touchmark-registry config` shows them.

use std::fs;

use touchmark_tests::Machine;

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=";

/// What `config` prints, with the home folder shortened.
fn described(machine: &Machine, flags: &[&str]) -> String {
    let ended = machine.run("touchmark-registry", &[&["config"], flags].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended
        .stdout
        .replace(&machine.home().display().to_string(), "~")
}

fn line(text: &str, key: &str) -> String {
    let found = text
        .lines()
        .find(|line| line.trim_start_matches("# ").starts_with(key));
    found
        .unwrap_or_else(|| panic!("{key} in {text}"))
        .to_owned()
}

#[test]
fn without_anything_set_the_defaults_are_shown() {
    let machine = Machine::new().with("TOUCHMARK_DATABASE", "");
    insta::assert_snapshot!(described(&machine, &[]), @r#"
    # Touchmark settings in force, each with where it comes from.
    listen = "127.0.0.1:8443"  # default
    # public_url is not set
    plain_http = false  # default
    # tls.cert_file is not set
    # tls.key_file is not set
    host_names = []  # default
    trusted_proxies = []  # default
    data_dir = "~/.local/share/touchmark"  # default
    database = "sqlite:~/.local/share/touchmark/touchmark.db"  # default
    # master_key is not set
    master_key_file = "~/.local/share/touchmark/master.key"  # default
    # metrics_listen is not set
    log_format = "human"  # default
    log_level = "info"  # default
    heartbeat_timeout = "15m"  # default
    shutdown_grace = "30s"  # default
    # retention.abandoned_versions is not set
    # retention.events is not set
    # workers is not set
    cache_mib = 64  # default
    "#);
    assert!(!machine.data_dir().exists(), "looking changes nothing");
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let machine = Machine::new()
        .with("TOUCHMARK_LISTEN", "127.0.0.1:2")
        .with("TOUCHMARK_LOG_LEVEL", "warn");
    let file = machine.home().join(".config/touchmark/config.toml");
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let text = "listen = '127.0.0.1:1'\nlog_level = 'error'\nlog_format = 'json'\nworkers = 3\n";
    fs::write(&file, text).expect("a file");
    let shown = described(&machine, &["--listen", "127.0.0.1:3"]);
    let lines = [
        "listen",
        "log_level",
        "log_format",
        "workers",
        "shutdown_grace",
    ];
    insta::assert_snapshot!(lines.map(|key| line(&shown, key)).join("\n"), @r#"
    listen = "127.0.0.1:3"  # flag --listen
    log_level = "warn"  # environment TOUCHMARK_LOG_LEVEL
    log_format = "json"  # file ~/.config/touchmark/config.toml
    workers = 3  # file ~/.config/touchmark/config.toml
    shutdown_grace = "30s"  # default
    "#);
}

#[test]
fn secrets_are_masked() {
    let machine = Machine::new()
        .with(
            "TOUCHMARK_DATABASE",
            "postgres://user:geheim-canary@db:5432/touchmark",
        )
        .with("TOUCHMARK_MASTER_KEY", KEY);
    let shown = described(&machine, &[]);
    assert!(
        !shown.contains("geheim-canary") && !shown.contains(KEY),
        "{shown}"
    );
    let lines = ["database", "master_key ", "master_key_file"];
    insta::assert_snapshot!(lines.map(|key| line(&shown, key)).join("\n"), @r#"
    database = "postgres://user:***@db:5432/touchmark"  # environment TOUCHMARK_DATABASE
    master_key = "***"  # environment TOUCHMARK_MASTER_KEY
    # master_key_file is not set
    "#);
}

#[test]
fn the_file_that_the_variable_or_the_flag_names_must_exist() {
    let machine = Machine::new().with("TOUCHMARK_CONFIG", "/nowhere/config.toml");
    let ended = machine.run("touchmark-registry", &["config"]);
    insta::assert_snapshot!(format!("{:?} {}", ended.code, ended.stderr), @"Some(1) error: configuration file /nowhere/config.toml: No such file or directory (os error 2)");
}

#[test]
fn an_unknown_key_in_the_file_is_an_error_that_names_it() {
    let machine = Machine::new();
    let file = machine.home().join("touchmark.toml");
    let flags = ["--config", file.to_str().expect("a path")];
    let said = [
        "lisen = '127.0.0.1:1'\n",
        "[tls]\ncert = 'x'\n",
        "listen = [\n",
        "log_format = 7\n",
    ]
    .map(|text| {
        fs::write(&file, text).expect("a file");
        let ended = machine.refuses(&flags);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
        ended
            .stderr
            .replace(&machine.home().display().to_string(), "~")
    });
    insta::assert_snapshot!(said.concat(), @r"
    error: configuration file ~/touchmark.toml: unknown key `lisen`; did you mean `listen`?
    error: configuration file ~/touchmark.toml: unknown key `tls.cert`
    error: configuration file ~/touchmark.toml: line 1: unclosed array, expected `]`
    error: log_format (file ~/touchmark.toml): `7` must be human or json
    ");
}

#[test]
fn an_unknown_variable_is_a_warning() {
    let machine = Machine::new()
        .with("TOUCHMARK_LISEN", "127.0.0.1:1")
        .with("TOUCHMARK_TOKEN", "the client's");
    let ended = machine.run("touchmark-registry", &["config"]);
    assert_eq!(ended.code, Some(0));
    insta::assert_snapshot!(ended.stderr, @"warning: environment variable TOUCHMARK_LISEN is not known; did you mean TOUCHMARK_LISTEN?");
}

#[test]
fn an_unknown_flag_is_refused_with_the_nearest_one() {
    let machine = Machine::new();
    let ended = machine.run("touchmark-registry", &["serve", "--lisen", "127.0.0.1:1"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--listen"), "{}", ended.stderr);
}

#[test]
fn a_value_that_is_not_accepted_is_refused_with_its_origin() {
    let machine = Machine::new().with("TOUCHMARK_HEARTBEAT_TIMEOUT", "0s");
    let ended = machine.refuses(&[]);
    insta::assert_snapshot!(format!("{:?} {}", ended.code, ended.stderr), @"Some(1) error: heartbeat_timeout (environment TOUCHMARK_HEARTBEAT_TIMEOUT): must be longer than nothing");
    assert!(!machine.data_dir().exists(), "nothing was made");
}

#[test]
fn the_master_key_can_be_a_setting_that_nodes_share() {
    let machine = Machine::new().with("TOUCHMARK_MASTER_KEY", KEY);
    machine.serve(&[]).terminated();
    assert!(!machine.data_dir().join("master.key").exists());
    let server = machine.serve(&[]);
    assert!(!server.stdout().contains("new registry"));
    assert!(!server.terminated().stderr.contains(KEY));
}
