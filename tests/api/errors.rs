//! What every route answers to what it cannot read.

use insta::assert_snapshot;
use serde_json::{Value, json};
use touchmark_client::Method;
use touchmark_tests::{
    Answer, Client, TestServer, shown,
    wire::{error::Status, paths::Scope},
};

use crate::kit::{header, http};

fn scope(client: &Client) -> Scope<'_> {
    client.scope().expect("a scope")
}

/// HTTP status, code and first field at fault.
pub(crate) fn fault(answer: &Answer) -> String {
    let status: Status = answer.json().expect("an error in JSON");
    assert!(header(answer, "content-type").starts_with("application/json"));
    let violations = status.violations();
    let field = violations
        .first()
        .map_or("", |violation| violation.field.as_str());
    format!("{}/{} {field}", answer.status, status.code.number())
}

async fn put_bucket(client: &Client, body: &str) -> Answer {
    let path = scope(client).buckets();
    let body = Some(body.as_bytes().to_vec());
    client
        .send_bytes(Method::PUT, &path, body)
        .await
        .expect("an answer")
}

#[tokio::test]
async fn an_unknown_route_is_answered_in_json() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let below = scope(&admin).bucket("x") + "/nothing";
    for path in [
        "/packer/2023-01-01/nothing",
        "/packer/2099-01-01/x",
        "/nope",
        &below,
    ] {
        let answer = admin.send(Method::GET, path, None).await.unwrap();
        assert_eq!(fault(&answer), "404/5 ", "{path}");
    }
}

#[tokio::test]
async fn a_method_that_a_route_does_not_have_is_unimplemented() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let path = scope(&admin).channel("alpine", "latest");
    let answer = admin
        .send(Method::PUT, &path, Some(&json!({})))
        .await
        .unwrap();
    assert_eq!(fault(&answer), "405/12 ");
    let answer = http(&server, "GET /oauth2/token", &[], b"").await;
    assert_eq!(fault(&answer), "405/12 ");
}

#[tokio::test]
async fn a_route_that_is_not_built_is_unimplemented() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let path = scope(&admin).bucket("alpine") + "/vulnerabilities";
    let answer = admin.send(Method::GET, &path, None).await.unwrap();
    assert_eq!(fault(&answer), "501/12 ");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for body in [
        "{\"name\":",
        "name=alpine",
        "{\"name\":\"a\"} x",
        "\u{fffd}",
    ] {
        let answer = put_bucket(&admin, body).await;
        assert!(fault(&answer).starts_with("400/3 body"), "{body}");
        let status: Status = answer.json().unwrap();
        assert!(!status.message.contains('\n'), "{}", status.message);
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_named() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for (body, field) in [
        (r#"{"name":1}"#, "body.name"),
        (r#"{"name":"a","labels":[]}"#, "body.labels"),
        (r#"{"name":"a","labels":{"x":1}}"#, "body.labels.x"),
        ("1", "body"),
    ] {
        let answer = put_bucket(&admin, body).await;
        assert_eq!(fault(&answer), format!("400/3 {field}"), "{body}");
    }
}

#[tokio::test]
async fn an_array_is_no_body() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for body in [r#"["text",{},"alpine"]"#, "[]"] {
        assert_eq!(
            fault(&put_bucket(&admin, body).await),
            "400/3 body",
            "{body}"
        );
    }
}

#[tokio::test]
async fn unknown_fields_are_ignored_and_null_reads_as_absent() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let body = r#"{"name":"alpine","labels":null,"description":null,"colour":"red"}"#;
    assert_eq!(put_bucket(&admin, body).await.status, 200);
}

#[tokio::test]
async fn a_body_above_2_mib_is_too_large() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let limit = 2 * 1_024 * 1_024;
    let body = |size: usize| {
        let frame = r#"{"name":"alpine","extra":""}"#.len();
        format!(
            r#"{{"name":"alpine","extra":"{}"}}"#,
            "x".repeat(size - frame)
        )
    };
    let answer = put_bucket(&admin, &body(limit + 1)).await;
    assert_eq!(fault(&answer), "413/8 ");
    assert_eq!(put_bucket(&admin, &body(limit)).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let token = bearer(&server).await;
    let start = format!("PUT {}", scope(&admin).buckets());
    let send = |media: &'static str| {
        let (server, start, token) = (&server, &start, &token);
        async move {
            let headers = [("Authorization", token.as_str()), ("Content-Type", media)];
            http(server, start, &headers, br#"{"name":"alpine"}"#).await
        }
    };
    assert_eq!(fault(&send("text/plain").await), "415/3 ");
    assert_eq!(
        fault(&send("application/x-www-form-urlencoded").await),
        "415/3 "
    );
    assert_eq!(send("application/json; charset=utf-8").await.status, 200);
}

pub(crate) async fn bearer(server: &TestServer) -> String {
    let body = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        server.env["HCP_CLIENT_ID"], server.env["HCP_CLIENT_SECRET"]
    );
    let answer = http(server, "POST /oauth2/token", &[], body.as_bytes()).await;
    let json: Value = answer.json().expect("a token");
    format!("Bearer {}", json["access_token"].as_str().expect("a token"))
}

#[tokio::test]
async fn without_a_good_token_nothing_is_told() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let start = format!("GET {}", scope(&admin).bucket("alpine"));
    for value in ["Bearer junk", "Bearer", "Basic eDp5", "junk"] {
        let answer = http(&server, &start, &[("Authorization", value)], b"").await;
        assert_eq!(fault(&answer), "401/16 ", "{value}");
        assert!(header(&answer, "www-authenticate").starts_with("Bearer"));
    }
    let answer = http(&server, &start, &[], b"").await;
    assert!(header(&answer, "www-authenticate").starts_with("Bearer"));
    assert_snapshot!(shown(&answer), @r#"
    401
    {
      "code": 16,
      "details": [],
      "message": "not authenticated: send a token as Authorization: Bearer"
    }
    "#);
}

#[tokio::test]
async fn the_token_is_looked_at_before_the_body() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let start = format!("PUT {}", scope(&admin).buckets());
    let answer = http(&server, &start, &[("Content-Type", "text/plain")], b"{").await;
    assert_eq!(fault(&answer), "401/16 ");
}

/// The request id that comes back for the one that was sent.
async fn request_id(server: &TestServer, sent: &str) -> String {
    let answer = http(server, "GET /livez", &[("X-Request-Id", sent)], b"").await;
    header(&answer, "x-request-id").to_owned()
}

#[tokio::test]
async fn a_request_id_comes_back() {
    let server = TestServer::start().await;
    assert_eq!(request_id(&server, "build-7.A_b").await, "build-7.A_b");
}

#[tokio::test]
async fn a_request_id_unfit_for_logs_is_replaced() {
    let server = TestServer::start().await;
    let long = "x".repeat(65);
    for sent in ["", "a b", "a\"b", &long] {
        let given = request_id(&server, sent).await;
        assert_eq!(given.len(), 26, "{sent:?}: {given}");
    }
}

#[tokio::test]
async fn errors_carry_the_request_id_too() {
    let server = TestServer::start().await;
    let answer = http(&server, "GET /nope", &[("X-Request-Id", "abc")], b"").await;
    assert_eq!(header(&answer, "x-request-id"), "abc");
}
