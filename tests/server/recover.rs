//! The owner of the host gets in again.

use touchmark_tests::{Ended, Machine, Story};

fn recover(machine: &Machine, arguments: &[&str]) -> Ended {
    let arguments = [&["recover"], arguments].concat();
    machine.run("touchmark-registry", &arguments)
}

#[tokio::test]
async fn the_oldest_admin_gets_a_new_secret_while_a_server_runs() {
    let machine = Machine::new();
    let _server = machine.serve(&[]);
    let locked_out = machine.admin();
    locked_out.bucket("alpine").await;
    let before = machine.sourced();
    let ended = recover(&machine, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let after = machine.sourced();
    assert_eq!(before["HCP_CLIENT_ID"], after["HCP_CLIENT_ID"]);
    assert_eq!(
        before["HCP_API_ADDRESS"], after["HCP_API_ADDRESS"],
        "the port is that of the server"
    );
    assert_ne!(before["HCP_CLIENT_SECRET"], after["HCP_CLIENT_SECRET"]);
    let line = format!("export HCP_CLIENT_SECRET='{}'", after["HCP_CLIENT_SECRET"]);
    assert!(ended.stdout.contains(&line), "{}", ended.stdout);
    machine.admin().bucket("debian").await;
    let refused = locked_out.get_bucket("alpine").await;
    assert!(refused.is_err(), "the old secret and its tokens have ended");
    assert_eq!(machine.run("touchmark-registry", &["check"]).code, Some(0));
}

#[tokio::test]
async fn an_admin_who_was_shut_out_is_let_in_and_one_who_is_gone_is_made() {
    let machine = Machine::new();
    let _server = machine.serve(&[]);
    machine.execute("UPDATE principals SET disabled = NOT disabled");
    assert_eq!(recover(&machine, &[]).code, Some(0));
    machine.admin().bucket("alpine").await;

    machine.execute("DELETE FROM role_bindings");
    assert_eq!(
        recover(&machine, &["--principal", "admin"]).code,
        Some(6),
        "no admin any more"
    );
    assert_eq!(recover(&machine, &[]).code, Some(0));
    machine.admin().bucket("debian").await;

    machine.execute("DELETE FROM principals");
    let ended = recover(&machine, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    machine.admin().bucket("fedora").await;
}

#[tokio::test]
async fn only_admins_are_recovered() {
    let machine = Machine::new();
    let _server = machine.serve(&[]);
    let create = ["principal", "create", "ci", "--role", "builder"];
    assert_eq!(machine.run("touchmark-registry", &create).code, Some(0));
    let ended = recover(&machine, &["--principal", "ci"]);
    assert_eq!(ended.code, Some(6));
    assert!(
        ended.stderr.contains("ci is no admin of the organization"),
        "{}",
        ended.stderr
    );
    let ended = recover(&machine, &["--principal", "nobody"]);
    assert!(
        ended.stderr.contains("nobody does not exist"),
        "{}",
        ended.stderr
    );
    assert_eq!(recover(&machine, &["--principal", "admin"]).code, Some(0));
}
