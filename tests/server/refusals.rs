//! Starts that are refused: exit code 1, a text that says what to do, and nothing secret in it.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    time::{Duration, Instant},
};

use insta::assert_snapshot;
use touchmark_tests::{Ended, Machine};

/// What a refused start says, with the home folder and line breaks at the end left out.
fn complaint(machine: &Machine, ended: &Ended) -> String {
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(1), ""),
        "{}",
        ended.stderr
    );
    let text = ended
        .stderr
        .replace(&machine.home().display().to_string(), "~");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    lines.join("\n")
}

#[test]
fn a_database_with_a_newer_schema_is_refused() {
    let machine = Machine::new();
    machine.serve(&[]).terminated();
    machine.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    let ended = machine.refuses(&[]);
    assert_snapshot!(complaint(&machine, &ended), @"error: the database has schema 9999, which is newer than this program (0.1.0); start the version that wrote it, or a later one");
    // Nothing was lost by the attempt.
    machine.execute("DELETE FROM __diesel_schema_migrations WHERE version = '9999'");
    machine.serve(&[]).terminated();
}

#[test]
fn another_master_key_is_refused() {
    let machine = Machine::new();
    machine.serve(&[]).terminated();
    let path = machine.data_dir().join("master.key");
    fs::write(&path, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("a file");
    let ended = machine.refuses(&[]);
    assert_snapshot!(complaint(&machine, &ended), @"error: the secrets in this database were sealed with another master key (token-key cannot be opened: damaged, or sealed under another master key); give this server the master key of the installation");
}

#[test]
fn a_master_key_that_is_gone_is_not_replaced_under_a_database_that_needs_it() {
    let machine = Machine::new();
    machine.serve(&[]).terminated();
    fs::remove_file(machine.data_dir().join("master.key")).expect("a file to remove");
    let ended = machine.refuses(&[]);
    assert!(
        complaint(&machine, &ended).contains("another master key"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_master_key_that_others_may_read_is_refused() {
    let machine = Machine::new();
    machine.serve(&[]).terminated();
    let path = machine.data_dir().join("master.key");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
    let ended = machine.refuses(&[]);
    assert_snapshot!(complaint(&machine, &ended), @"error: master key ~/.local/share/touchmark/master.key: others may read it; run `chmod 600 '~/.local/share/touchmark/master.key'`");
}

#[test]
fn a_port_in_use_is_refused() {
    let machine = Machine::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let listen = format!("127.0.0.1:{port}");
    let ended = machine.run("touchmark-registry", &["serve", "--listen", &listen]);
    let said = complaint(&machine, &ended).replace(&port.to_string(), "<port>");
    assert_snapshot!(said, @"error: cannot listen on 127.0.0.1:<port>: Address already in use (os error 98)");
}

#[test]
fn a_first_start_that_was_refused_loses_no_secret() {
    let machine = Machine::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let listen = taken.local_addr().expect("an address").to_string();
    let ended = machine.run("touchmark-registry", &["serve", "--listen", &listen]);
    assert_eq!(ended.code, Some(1));
    drop(taken);
    // The admin was made by the start before; its secret has to be somewhere.
    let server = machine.serve(&[]);
    let said = server.stdout();
    assert!(!said.contains("env file is gone"), "{said}");
    assert!(machine.sourced().contains_key("HCP_CLIENT_SECRET"));
}

#[test]
fn a_database_that_cannot_be_reached_is_refused_soon_and_without_its_password() {
    let machine = Machine::new();
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let url = format!("postgres://touchmark:geheim-canary@127.0.0.1:{port}/touchmark");
    let begun = Instant::now();
    let ended = machine.refuses(&["--database", &url]);
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    let said = complaint(&machine, &ended);
    assert!(
        said.starts_with("error: the database cannot be reached: "),
        "{said}"
    );
    assert!(said.contains(&port.to_string()), "{said}");
    assert!(!ended.stderr.contains("geheim-canary"), "{}", ended.stderr);
}

#[test]
fn a_database_that_accepts_and_says_nothing_is_given_up_on() {
    let machine = Machine::new();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let url = format!("postgres://touchmark:geheim-canary@127.0.0.1:{port}/touchmark");
    let begun = Instant::now();
    let ended = machine.refuses(&["--database", &url]);
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    assert!(
        complaint(&machine, &ended).contains("cannot be reached"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("geheim-canary"), "{}", ended.stderr);
}

#[test]
fn a_database_url_of_no_known_kind_is_not_repeated() {
    let machine = Machine::new();
    let ended = machine.refuses(&["--database", "mysql://root:geheim-canary@h/d"]);
    let said = complaint(&machine, &ended);
    assert_snapshot!(said, @"error: database (flag --database): accepted are `postgres://user:password@host/name`, `postgresql://…` and `sqlite:PATH`");
}

#[test]
fn a_data_folder_that_cannot_be_made_is_refused() {
    let machine = Machine::new();
    fs::write(machine.home().join("file"), "").expect("a file");
    let folder = machine.home().join("file/data").display().to_string();
    let ended = machine.refuses(&["--data-dir", &folder]);
    assert_snapshot!(complaint(&machine, &ended), @"error: cannot make the data folder ~/file/data: Not a directory (os error 20)");
}
