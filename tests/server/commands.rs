//! The commands, as processes, with and without a server that runs.

use std::time::Duration;

use serde_json::Value;
use touchmark_tests::{Client, Ended, Machine, Story as _, refusal};

fn run(machine: &Machine, arguments: &str) -> Ended {
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    machine.run("touchmark-registry", &arguments)
}

fn done(machine: &Machine, arguments: &str) -> String {
    let ended = run(machine, arguments);
    assert_eq!(ended.code, Some(0), "{arguments}: {}", ended.stderr);
    ended.stdout
}

fn json(machine: &Machine, arguments: &str) -> Value {
    let text = done(machine, &format!("{arguments} --json"));
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{arguments}: {text}"))
}

/// Exit code and complaint of a command that is refused.
fn refused(machine: &Machine, arguments: &str) -> (i32, String) {
    let ended = run(machine, arguments);
    assert_eq!(ended.stdout, "", "{arguments}");
    (ended.code.expect("an exit code"), ended.stderr)
}

fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("no {pointer} in {value}"))
        .to_owned()
}

/// A client with the address of the first admin, and other credentials.
fn client(machine: &Machine, url: &str, new: &Value) -> Client {
    let env = machine.sourced();
    Client::builder(url)
        .credentials(text(new, "/client_id"), text(new, "/client_secret"))
        .scope(&env["HCP_ORGANIZATION_ID"], &env["HCP_PROJECT_ID"])
        .ca_file(&env["TOUCHMARK_CA_FILE"])
        .build()
        .expect("a client")
}

/// Asks until the answer begins like this: a server learns from the event log what a command has done.
async fn soon(ask: impl AsyncFn() -> String, expected: &str) {
    let mut answer = String::new();
    for _ in 0..200 {
        answer = ask().await;
        if answer.starts_with(expected) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{expected} is awaited, but it stays {answer}");
}

#[tokio::test]
async fn principals_are_managed_while_a_server_runs() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let new = json(&machine, "principal create ci --expires 90d");
    let ci = client(&machine, &server.url, &new);
    ci.bucket("alpine").await;
    let shown = json(&machine, "principal show ci");
    assert_eq!(shown["roles"][0]["role"], "builder");
    assert!(shown["secrets"][0]["last_used_at"].is_string());
    assert!(shown["secrets"][0]["expires_at"].is_string());
    done(&machine, "principal grant ci --role viewer");
    let deleted = async || refusal(ci.delete_bucket("alpine").await);
    soon(deleted, "403/7").await;
    let read = async |client: &Client| match client.get_bucket("alpine").await {
        Ok(_) => "200".to_owned(),
        refused => refusal(refused),
    };
    assert_eq!(read(&ci).await, "200");
    done(&machine, "principal revoke ci");
    soon(async || read(&ci).await, "404/5").await;
    done(
        &machine,
        "principal grant ci --scope organization --role builder",
    );
    soon(async || read(&ci).await, "200").await;
    done(&machine, "principal disable ci");
    soon(async || read(&ci).await, "401/16").await;
    done(&machine, "principal enable ci");
    let rotated = json(&machine, "principal rotate ci --now");
    let ci = client(&machine, &server.url, &rotated);
    soon(async || read(&ci).await, "200").await;
    done(&machine, "principal delete ci --confirm ci");
    soon(async || read(&ci).await, "401/16").await;
    machine
        .admin()
        .get_bucket("alpine")
        .await
        .expect("the admin is untouched");
}

#[test]
fn what_is_printed_is_for_people_unless_json_is_asked_for() {
    let machine = Machine::new();
    machine.serve(&[]).terminated();
    let created = run(&machine, "principal create ci");
    let lines: Vec<&str> = created.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", created.stdout);
    assert!(lines[0].starts_with("export HCP_CLIENT_ID='tmc_"));
    assert!(lines[1].starts_with("export HCP_CLIENT_SECRET='tms_"));
    assert!(created.stderr.contains("not shown again"));
    let secret = lines[1].split('\'').nth(1).expect("a secret");
    let list = done(&machine, "principal list");
    let lines: Vec<&str> = list.lines().collect();
    assert!(
        lines[0].starts_with("NAME") && lines[0].ends_with("LAST USED"),
        "{list}"
    );
    assert!(
        lines[1].starts_with("admin  admin on organization default"),
        "{list}"
    );
    assert!(
        lines[2].starts_with("ci     builder on project default"),
        "{list}"
    );
    let shown = done(&machine, "principal show ci");
    assert!(
        shown.contains("SECRET") && shown.contains("last used  never"),
        "{shown}"
    );
    for said in [
        &list,
        &shown,
        &json(&machine, "principal show ci").to_string(),
    ] {
        assert!(!said.contains(secret), "{said}");
    }
    let listed = json(&machine, "principal list --project default");
    assert_eq!(text(&listed, "/principals/0/name"), "ci");
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one table of commands")]
fn refusals_say_what_to_do_and_end_with_their_code() {
    let machine = Machine::new();
    machine.serve(&[]).terminated();
    for (arguments, code, said) in [
        (
            "principal show nobody",
            5,
            "principal with identifier nobody does not exist",
        ),
        ("principal create admin", 6, "already exists"),
        ("principal create -- -x", 2, "must be 1 to 128 letters"),
        (
            "principal create ci --role king",
            2,
            "possible values: viewer, builder",
        ),
        (
            "principal create ci --expires soon",
            2,
            "must be a span such as 90d",
        ),
        (
            "principal create ci --project none",
            5,
            "project with identifier none",
        ),
        (
            "principal create ci --organization none",
            5,
            "organization with identifier none",
        ),
        (
            "principal grant admin --role admin --scope bucket",
            2,
            "possible values",
        ),
        (
            "principal delete admin --confirm admin",
            6,
            "the last admin of the organization",
        ),
        ("principal delete admin", 2, "add --confirm admin"),
        (
            "principal delete admin --confirm other",
            2,
            "must repeat the name",
        ),
        ("principal disable admin", 6, "the last admin"),
        (
            "principal revoke admin --scope organization",
            6,
            "the last admin",
        ),
        (
            "project delete default --confirm default",
            6,
            "the only project",
        ),
        (
            "organization delete default --confirm default",
            6,
            "the only organization",
        ),
        (
            "env --principal nobody --public-url https://r",
            5,
            "principal with identifier nobody",
        ),
        ("principal", 2, "Usage"),
    ] {
        let (seen, complaint) = refused(&machine, arguments);
        assert_eq!(seen, code, "{arguments}: {complaint}");
        assert!(complaint.contains(said), "{arguments}: {complaint}");
    }
}

#[test]
fn a_folder_without_a_registry_is_left_as_it_is() {
    let machine = Machine::new();
    if touchmark_tests::TestDatabase::is_postgres() {
        return;
    }
    let (code, said) = refused(&machine, "principal create ci");
    assert_eq!(code, 1);
    assert!(said.contains("there is no registry at"), "{said}");
    assert!(!machine.data_dir().exists());
}

#[tokio::test]
async fn env_lets_a_job_in_wherever_the_server_listens() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    done(&machine, "principal create ci");
    let printed = run(&machine, "env --principal ci");
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    assert!(
        printed.stderr.contains("ca-bundle.pem"),
        "{}",
        printed.stderr
    );
    let file = machine.home().join("ci.env");
    std::fs::write(&file, &printed.stdout).expect("a file");
    let before = [("HCP_GEOGRAPHY", "eu"), ("HCP_API_TLS", "")];
    let env = machine.sourced_from(&file, &before);
    let admin = machine.sourced();
    for name in [
        "HCP_API_ADDRESS",
        "HCP_AUTH_URL",
        "HCP_PROJECT_ID",
        "SSL_CERT_FILE",
    ] {
        assert_eq!(env[name], admin[name], "{name}");
    }
    assert_eq!(env["TOUCHMARK_URL"], server.url);
    assert_ne!(env["HCP_CLIENT_ID"], admin["HCP_CLIENT_ID"]);
    assert_eq!(env.get("HCP_GEOGRAPHY"), None);
    let variables = json(&machine, "env --principal ci --now");
    assert_eq!(text(&variables, "/HCP_CLIENT_ID"), env["HCP_CLIENT_ID"]);
    assert_eq!(text(&variables, "/HCP_API_ADDRESS"), env["HCP_API_ADDRESS"]);
    assert_eq!(variables["HCP_API_TLS"], Value::Null);
    let credentials =
        |id: &str, secret: &str| serde_json::json!({"client_id": id, "client_secret": secret});
    let old = credentials(&env["HCP_CLIENT_ID"], &env["HCP_CLIENT_SECRET"]);
    assert!(
        client(&machine, &server.url, &old)
            .own()
            .whoami()
            .await
            .is_err()
    );
    let secret = text(&variables, "/HCP_CLIENT_SECRET");
    let new = credentials(&env["HCP_CLIENT_ID"], &secret);
    let me = client(&machine, &server.url, &new)
        .own()
        .whoami()
        .await
        .expect("an answer");
    assert_eq!(me.principal.name, "ci");
    // The admin's file is about the admin.
    assert_eq!(machine.sourced()["HCP_CLIENT_ID"], admin["HCP_CLIENT_ID"]);
}

#[test]
fn env_names_the_public_address_when_there_is_one() {
    let machine = Machine::new();
    machine.serve(&[]).terminated();
    let public = "--public-url https://registry.example.com";
    let variables = json(&machine, &format!("env --principal admin {public}"));
    assert_eq!(
        text(&variables, "/HCP_API_ADDRESS"),
        "registry.example.com:443"
    );
    assert_eq!(
        text(&variables, "/TOUCHMARK_URL"),
        "https://registry.example.com:443"
    );
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "it is one story")]
async fn organizations_and_projects_come_and_go() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    machine.admin().bucket("alpine").await;
    let made = json(&machine, "organization create other");
    let new = json(
        &machine,
        "principal create admin --organization other --scope organization --role admin",
    );
    let there = client(&machine, &server.url, &new);
    let me = there.own().whoami().await.expect("an answer");
    assert_eq!(me.organization.id, text(&made, "/organization/id"));
    assert_eq!(me.projects[0].id, text(&made, "/project/id"));
    assert!(refusal(there.get_bucket("alpine").await).starts_with("404/5"));
    let (code, said) = refused(&machine, "principal list");
    assert_eq!(code, 2);
    assert!(
        said.contains("--organization") && said.contains("default, other"),
        "{said}"
    );

    let project = json(
        &machine,
        "project create second --organization other --description more",
    );
    let inside = there.with_scope(&me.organization.id, text(&project, "/id"));
    inside.bucket("mine").await;
    let (code, said) = refused(
        &machine,
        "project delete second --organization other --confirm second",
    );
    assert_eq!(
        (code, said.contains("still has buckets")),
        (6, true),
        "{said}"
    );
    let (code, said) = refused(&machine, "organization delete other --confirm other");
    assert_eq!(
        (code, said.contains("still has buckets")),
        (6, true),
        "{said}"
    );
    let (code, said) = refused(&machine, "principal create ci --organization other");
    assert_eq!(
        (code, said.contains("--project: choose one")),
        (2, true),
        "{said}"
    );
    inside.delete_bucket("mine").await.expect("a deletion");
    done(
        &machine,
        "project delete second --organization other --confirm second",
    );
    let list = done(&machine, "project list --organization other");
    assert_eq!(list.lines().count(), 2, "{list}");
    done(&machine, "organization delete other --confirm other");
    assert!(refusal(there.own().whoami().await).starts_with("401/16"));
    assert_eq!(done(&machine, "organization list").lines().count(), 2);
    machine
        .admin()
        .get_bucket("alpine")
        .await
        .expect("the first one is untouched");
}
