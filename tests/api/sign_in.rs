//! The token endpoint, and what a token is good for.

use std::time::Duration;

use insta::assert_snapshot;
use touchmark_registry::ops::{Access, principals};
use touchmark_tests::{Answer, TestServer, shown};

use crate::kit::{header, http};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const GRANT: &str = "grant_type=client_credentials&audience=https%3A%2F%2Fapi.hashicorp.cloud";

fn credentials(server: &TestServer) -> (String, String) {
    let value = |name: &str| server.env.get(name).cloned().expect("a variable");
    (value("HCP_CLIENT_ID"), value("HCP_CLIENT_SECRET"))
}

/// Every byte encoded, as a form may have it.
fn encoded(text: &str) -> String {
    let encode = |out: String, byte| out + &format!("%{byte:02X}");
    text.bytes().fold(String::new(), encode)
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let mut bytes = [0; 3];
        bytes[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        for place in 0..=chunk.len() {
            let digit = (bits >> (18 - 6 * place)) & 63;
            out.push(char::from(DIGITS[digit as usize]));
        }
    }
    out + ["", "==", "="][text.len() % 3]
}

async fn by_form(server: &TestServer, id: &str, secret: &str) -> Answer {
    let (id, secret) = (encoded(id), encoded(secret));
    let body = format!("{GRANT}&client_id={id}&client_secret={secret}");
    http(server, "POST /oauth2/token", &[FORM], body.as_bytes()).await
}

async fn by_basic(server: &TestServer, pair: &str) -> Answer {
    let basic = format!("Basic {}", base64(pair));
    let headers = [FORM, ("Authorization", basic.as_str())];
    http(server, "POST /oauth2/token", &headers, GRANT.as_bytes()).await
}

fn token(answer: &Answer) -> String {
    let json: serde_json::Value = answer.json().expect("JSON");
    json["access_token"].as_str().expect("a token").to_owned()
}

async fn use_token(server: &TestServer, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let start = "GET /iam/2019-12-10/caller-identity";
    http(server, start, &[("Authorization", &bearer)], b"").await
}

async fn admins_token(server: &TestServer) -> String {
    let (id, secret) = credentials(server);
    token(&by_form(server, &id, &secret).await)
}

#[tokio::test]
async fn a_token_is_given_for_a_form() {
    let server = TestServer::start().await;
    let (id, secret) = credentials(&server);
    let answer = by_form(&server, &id, &secret).await;
    let json: serde_json::Value = answer.json().unwrap();
    let mut names: Vec<_> = json.as_object().unwrap().keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["access_token", "expires_in", "token_type"]);
    assert_eq!(
        (&json["token_type"], &json["expires_in"]),
        (&"bearer".into(), &3_600.into())
    );
    assert_eq!(header(&answer, "cache-control"), "no-store");
    assert!(header(&answer, "content-type").starts_with("application/json"));
    assert_eq!(use_token(&server, &token(&answer)).await.status, 200);
}

#[tokio::test]
async fn a_token_is_given_for_basic() {
    let server = TestServer::start().await;
    let (id, secret) = credentials(&server);
    for pair in [
        format!("{id}:{secret}"),
        format!("{}:{}", encoded(&id), encoded(&secret)),
    ] {
        let answer = by_basic(&server, &pair).await;
        assert_eq!(answer.status, 200, "{pair}");
        assert_eq!(use_token(&server, &token(&answer)).await.status, 200);
    }
}

#[tokio::test]
async fn an_absent_audience_is_fine() {
    let server = TestServer::start().await;
    let (id, secret) = credentials(&server);
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let answer = http(&server, "POST /oauth2/token", &[FORM], body.as_bytes()).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_id_look_the_same() {
    let server = TestServer::start().await;
    let (id, secret) = credentials(&server);
    let answers = [
        by_form(&server, &id, "wrong").await,
        by_form(&server, "nobody", &secret).await,
        by_basic(&server, &format!("{id}:wrong")).await,
        by_basic(&server, &format!("nobody:{secret}")).await,
    ];
    assert_snapshot!(shown(&answers[0]), @r#"
    401
    {
      "error": "invalid_client",
      "error_description": "unknown client id or wrong secret"
    }
    "#);
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (401, &answers[0].body));
        assert!(header(answer, "www-authenticate").starts_with("Basic"));
    }
}

#[tokio::test]
async fn another_grant_or_audience_is_refused() {
    let server = TestServer::start().await;
    let (id, secret) = credentials(&server);
    let who = format!("client_id={id}&client_secret={secret}");
    for (body, error) in [
        (
            format!("grant_type=password&{who}"),
            "unsupported_grant_type",
        ),
        (who.clone(), "unsupported_grant_type"),
        (
            format!("grant_type=client_credentials&audience=x&{who}"),
            "invalid_request",
        ),
        (GRANT.to_owned(), "invalid_request"),
        (String::new(), "unsupported_grant_type"),
    ] {
        let answer = http(&server, "POST /oauth2/token", &[FORM], body.as_bytes()).await;
        let json: serde_json::Value = answer.json().unwrap();
        assert_eq!(
            (answer.status, json["error"].as_str()),
            (400, Some(error)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_header_that_is_not_basic_is_refused() {
    let server = TestServer::start().await;
    for value in ["Basic !!!", "Basic eA==", "Bearer x", "Basic"] {
        let headers = [FORM, ("Authorization", value)];
        let answer = http(&server, "POST /oauth2/token", &headers, GRANT.as_bytes()).await;
        assert!(
            matches!(answer.status, 400 | 401),
            "{value}: {}",
            answer.status
        );
        assert!(header(&answer, "content-type").starts_with("application/json"));
    }
}

#[tokio::test]
async fn a_token_expires_after_an_hour() {
    let server = TestServer::start().await;
    let token = admins_token(&server).await;
    server.advance(Duration::from_secs(3_599));
    assert_eq!(use_token(&server, &token).await.status, 200);
    server.advance(Duration::from_secs(2));
    let answer = use_token(&server, &token).await;
    assert_snapshot!(shown(&answer), @r#"
    401
    {
      "code": 16,
      "details": [],
      "message": "not authenticated: the token is not valid or has expired"
    }
    "#);
}

#[tokio::test]
async fn a_token_survives_a_restart() {
    let server = TestServer::start().await;
    let token = admins_token(&server).await;
    let server = server.restart().await;
    assert_eq!(use_token(&server, &token).await.status, 200);
    assert_eq!(
        use_token(&server, &admins_token(&server).await)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_token_of_another_server_is_worth_nothing() {
    let (one, other) = (TestServer::start().await, TestServer::start().await);
    let token = admins_token(&other).await;
    assert_eq!(use_token(&one, &token).await.status, 401);
}

#[tokio::test]
async fn a_token_that_was_changed_is_worth_nothing() {
    let server = TestServer::start().await;
    let token = admins_token(&server).await;
    let (head, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let bad = format!("{head}.{other}{}", &signature[1..]);
    for token in [bad.as_str(), head, "junk", ""] {
        assert_eq!(use_token(&server, token).await.status, 401, "{token}");
    }
}

async fn rotate(server: &TestServer, old: principals::Old) -> String {
    let access = Access::system(server.project.clone());
    let now = server.clock.now();
    let store = &server.state.store;
    let created = principals::rotate(store, access, ("admin".into(), old), now).await;
    created.expect("a second secret").secret.reveal().to_owned()
}

#[tokio::test]
async fn a_secret_that_ends_takes_its_tokens_with_it() {
    let server = TestServer::start().await;
    let (id, secret) = credentials(&server);
    let token = admins_token(&server).await;
    let fresh = rotate(&server, principals::Old::EndsNow).await;
    assert_eq!(use_token(&server, &token).await.status, 401);
    assert_eq!(by_form(&server, &id, &secret).await.status, 401);
    assert_eq!(by_form(&server, &id, &fresh).await.status, 200);
}

#[tokio::test]
async fn a_rotated_secret_lasts_another_day() {
    let server = TestServer::start().await;
    let (id, secret) = credentials(&server);
    let fresh = rotate(&server, principals::Old::Overlaps).await;
    server.advance(Duration::from_secs(24 * 3_600 - 1));
    assert_eq!(by_form(&server, &id, &secret).await.status, 200);
    server.advance(Duration::from_secs(2));
    assert_eq!(by_form(&server, &id, &secret).await.status, 401);
    assert_eq!(by_form(&server, &id, &fresh).await.status, 200);
}
