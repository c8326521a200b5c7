//! The log: JSON for machines, request ids, and no secret in it.

use serde_json::Value;
use touchmark_registry::store::events;
use touchmark_tests::{Client, Machine, Story, TestServer};

use crate::http;

#[test]
fn lines_are_json_and_carry_the_request_id() {
    let machine = Machine::new();
    let server = machine.serve(&["--plain-http", "--log-format", "json"]);
    let path = "/packer/2023-01-01/nothing?secret=1";
    let answer = http::get(server.port(), path, &[("X-Request-Id", "from-the-proxy.7")]);
    assert_eq!(answer.header("x-request-id"), Some("from-the-proxy.7"));
    let log = server.terminated().stderr;
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let line = lines
        .iter()
        .find(|line| line["request_id"] == "from-the-proxy.7")
        .unwrap_or_else(|| panic!("no line of the request: {log}"));
    assert_eq!(
        (
            &line["status"],
            &line["method"],
            &line["path"],
            &line["level"]
        ),
        (
            &404.into(),
            &"GET".into(),
            &"/packer/2023-01-01/nothing".into(),
            &"INFO".into()
        )
    );
    assert!(line["elapsed_us"].is_u64(), "{line}");
}

#[test]
fn a_request_id_that_is_not_fit_for_logs_is_replaced() {
    let machine = Machine::new();
    let server = machine.serve(&["--plain-http"]);
    let long = "x".repeat(65);
    let ids: Vec<String> = ["two words", "", "quote\"", long.as_str()]
        .iter()
        .map(|sent| {
            let answer = http::get(server.port(), "/livez", &[("X-Request-Id", sent)]);
            let id = answer.header("x-request-id").expect("an id").to_owned();
            assert!(id.len() == 26 && id != *sent, "{id}");
            id
        })
        .collect();
    let mut distinct = ids.clone();
    distinct.dedup();
    assert_eq!(distinct, ids);
}

#[tokio::test]
async fn what_is_logged_of_a_change_stands_in_its_event_too() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let answer = admin
        .send(reqwest::Method::GET, "/livez", None)
        .await
        .expect("an answer");
    assert!(answer.headers.contains_key("x-request-id"));
    let events = server
        .state
        .store
        .read(|conn| events::after(conn, 0))
        .await
        .expect("events");
    let names: Vec<&str> = events
        .iter()
        .filter(|event| event.action == "bucket.created")
        .map(|event| event.actor_name.as_str())
        .collect();
    assert_eq!(names, ["admin"]);
}

/// Calls that carry the secret and a token in every way, good and bad.
async fn carry_secrets(machine: &Machine) -> (String, String) {
    let env = machine.sourced();
    let value = |name: &str| env.get(name).cloned().unwrap_or_default();
    let (id, secret) = (value("HCP_CLIENT_ID"), value("HCP_CLIENT_SECRET"));
    let anonymous = Client::builder(value("TOUCHMARK_URL"))
        .build()
        .expect("a client");
    let ask = async |form: String| {
        anonymous
            .send_bytes(
                reqwest::Method::POST,
                "/oauth2/token",
                Some(form.into_bytes()),
            )
            .await
            .expect("an answer")
    };
    let good = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let answer = ask(good).await;
    let token: Value = answer.json().expect("a token");
    let token = token["access_token"].as_str().expect("a token").to_owned();
    ask(format!(
        "grant_type=client_credentials&client_id={secret}&client_secret={id}"
    ))
    .await;
    ask(format!("grant_type=password&client_secret={secret}")).await;
    for (login, scheme) in [
        (&token, true),
        (&format!("{token}x"), true),
        (&secret, false),
    ] {
        let login = if scheme {
            login.clone()
        } else {
            format!("{login}.a.b")
        };
        let client = Client::builder(value("TOUCHMARK_URL"))
            .token(login)
            .scope(value("HCP_ORGANIZATION_ID"), value("HCP_PROJECT_ID"))
            .build()
            .expect("a client");
        let _ = client.get_registry().await;
    }
    machine.admin().bucket("alpine").await;
    machine.admin().complete("alpine", "one").await;
    (secret, token)
}

#[tokio::test]
async fn no_secret_and_no_token_is_ever_in_the_log_or_the_metrics() {
    let machine = Machine::new();
    let server = machine.serve(&[
        "--plain-http",
        "--log-format",
        "json",
        "--log-level",
        "debug",
    ]);
    let (secret, token) = carry_secrets(&machine).await;
    let metrics = http::get(server.port(), "/metrics", &[]).body;
    let said = server.stdout();
    let key = std::fs::read_to_string(machine.data_dir().join("master.key")).expect("a key");
    let log = server.terminated().stderr;
    assert!(log.contains("/oauth2/token") && metrics.contains("/oauth2/token"));
    let signature = token.rsplit('.').next().expect("a signature");
    for canary in [secret.as_str(), token.as_str(), signature, key.trim()] {
        for (place, text) in [("log", &log), ("metrics", &metrics), ("greeting", &said)] {
            assert!(!text.contains(canary), "in the {place}: {text}");
        }
    }
}
