//! The second start: everything is found again.

use std::fs;

use touchmark_tests::{Client, Machine, Process, Story, TestServer, wire::oauth::TokenResponse};

/// A token as Packer gets one.
async fn token(machine: &Machine) -> String {
    let env = machine.sourced();
    let value = |name: &str| env.get(name).cloned().unwrap_or_default();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        value("HCP_CLIENT_ID"),
        value("HCP_CLIENT_SECRET")
    );
    let anonymous = Client::builder(value("TOUCHMARK_URL"))
        .ca_file(value("TOUCHMARK_CA_FILE"))
        .build()
        .expect("a client");
    let answer = anonymous
        .send_bytes(
            reqwest::Method::POST,
            "/oauth2/token",
            Some(form.into_bytes()),
        )
        .await
        .expect("an answer");
    assert_eq!(
        answer.status,
        200,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    answer
        .json::<TokenResponse>()
        .expect("a token")
        .access_token
}

fn bearer(machine: &Machine, token: String) -> Client {
    let env = machine.sourced();
    let value = |name: &str| env.get(name).cloned().unwrap_or_default();
    Client::builder(value("TOUCHMARK_URL"))
        .ca_file(value("TOUCHMARK_CA_FILE"))
        .token(token)
        .scope(value("HCP_ORGANIZATION_ID"), value("HCP_PROJECT_ID"))
        .build()
        .expect("a client")
}

/// Serves for a short time: connections of clients that are still there do not hold up the end.
fn briefly(machine: &Machine) -> Process {
    machine.serve(&["--shutdown-grace", "1s"])
}

#[tokio::test]
async fn a_second_start_finds_everything_and_renews_the_address_in_env() {
    let machine = Machine::new();
    let first = briefly(&machine);
    machine.admin().bucket("alpine").await;
    let mut before = machine.sourced();
    let certificate = fs::read(machine.data_dir().join("server.pem")).expect("a certificate");
    let first_port = first.port();
    assert_eq!(first.terminated().code, Some(0));
    let path = machine.data_dir().join("env");
    let text = fs::read_to_string(&path).expect("env") + "export OUR_OWN='line'\n";
    fs::write(&path, text).expect("a file that can be written");

    // Both hold the port, so the second start gets another one.
    let _taken = std::net::TcpListener::bind(("127.0.0.1", first_port));
    let second = machine.serve(&[]);
    assert_ne!(second.port(), first_port);
    let said = second.stdout();
    assert!(
        !said.contains("new registry") && said.contains(&second.url),
        "{said}"
    );
    let mut after = machine.sourced();
    assert_eq!(after.remove("OUR_OWN").as_deref(), Some("line"));
    for name in ["HCP_API_ADDRESS", "HCP_AUTH_URL", "TOUCHMARK_URL"] {
        let now = after.remove(name).expect("an address");
        assert!(
            now.ends_with(&format!("localhost:{}", second.port())),
            "{name}={now}"
        );
        assert_ne!(before.remove(name), Some(now));
    }
    assert_eq!(after, before, "ids and secret stay");
    let unchanged = fs::read(machine.data_dir().join("server.pem")).expect("a certificate");
    assert_eq!(unchanged, certificate);
    machine
        .admin()
        .get_bucket("alpine")
        .await
        .expect("the bucket");
}

#[tokio::test]
async fn a_token_issued_before_a_restart_stays_valid() {
    let machine = Machine::new();
    let first = briefly(&machine);
    let token = token(&machine).await;
    bearer(&machine, token.clone()).bucket("alpine").await;
    first.terminated();
    let _second = machine.serve(&[]);
    bearer(&machine, token)
        .get_bucket("alpine")
        .await
        .expect("the bucket");
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill() {
    let machine = Machine::new();
    let first = briefly(&machine);
    machine.admin().bucket("alpine").await;
    machine.admin().complete("alpine", "one").await;
    first.signal("KILL");
    assert_eq!(first.ended().code, None);
    let _second = machine.serve(&[]);
    assert_eq!(machine.admin().held("alpine", "latest").await, "one");
}

#[tokio::test]
async fn a_restarted_server_of_the_library_has_the_same_project_and_callers() {
    let server = TestServer::start().await;
    let (project, secret) = (
        server.project.id.clone(),
        server.env["HCP_CLIENT_SECRET"].clone(),
    );
    server.admin().bucket("alpine").await;
    let server = server.restart().await;
    assert_eq!(server.project.id, project);
    assert_eq!(server.env["HCP_CLIENT_SECRET"], secret);
    server
        .admin()
        .get_bucket("alpine")
        .await
        .expect("the bucket");
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let machine = Machine::new();
    let first = machine.serve(&[]);
    let env = machine.sourced();
    let second = machine.refuses(&[]);
    assert_eq!((second.code, second.stdout.as_str()), (Some(1), ""));
    let folder = machine.data_dir();
    let expected = format!(
        "error: another server uses the data folder {}",
        folder.display()
    );
    assert!(second.stderr.contains(&expected), "{}", second.stderr);
    assert_eq!(machine.sourced(), env, "env still names the first");
    // The lock goes with the process.
    first.terminated();
    machine.serve(&[]).terminated();
}

#[tokio::test]
async fn without_env_the_server_starts_and_says_how_to_get_a_new_secret() {
    let machine = Machine::new();
    machine.serve(&[]).terminated();
    let path = machine.data_dir().join("env");
    fs::remove_file(&path).expect("a file to remove");
    let server = machine.serve(&[]);
    let said = server.stdout();
    assert!(said.contains("principal rotate admin"), "{said}");
    assert!(
        !path.exists(),
        "a secret that nobody knows cannot be written"
    );
    let rotated = machine.run("touchmark-registry", &["principal", "rotate", "admin"]);
    assert_eq!(rotated.code, Some(0), "{}", rotated.stderr);
    let env = machine.sourced();
    assert!(
        rotated.stdout.contains(&env["HCP_CLIENT_SECRET"]),
        "shown and written"
    );
    // The server that runs is not asked, so the next start brings the address up to date.
    server.terminated();
    let _server = machine.serve(&[]);
    machine.admin().bucket("alpine").await;
}

#[test]
fn the_command_for_a_new_secret_names_the_folder_when_it_is_not_the_usual_one() {
    let machine = Machine::new();
    let elsewhere = machine.home().join("elsewhere").display().to_string();
    machine.serve(&["--data-dir", &elsewhere]).terminated();
    fs::remove_file(machine.home().join("elsewhere/env")).expect("a file to remove");
    let said = machine.serve(&["--data-dir", &elsewhere]).stdout();
    let command = said
        .lines()
        .find(|line| line.contains("principal rotate"))
        .expect("a command");
    assert!(command.contains(&elsewhere), "{command}");
}

#[tokio::test]
async fn rotating_while_a_server_runs_leaves_its_address_in_env_alone() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let before = machine.sourced();
    let rotated = machine.run("touchmark-registry", &["principal", "rotate", "admin"]);
    assert_eq!(rotated.code, Some(0), "{}", rotated.stderr);
    let after = machine.sourced();
    assert_eq!(after["HCP_API_ADDRESS"], before["HCP_API_ADDRESS"]);
    assert_eq!(after["TOUCHMARK_URL"], server.url);
    machine.admin().bucket("alpine").await;
}
