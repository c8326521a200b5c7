//! Failed logins are slowed down, and nobody is locked out by those of others.

use std::time::Duration;

use tokio::task::JoinSet;
use touchmark_tests::{Answer, Options, TestServer};

use crate::kit::{header, http};

/// A server that believes what tests say of where they come from.
async fn start() -> TestServer {
    let proxies = ("TOUCHMARK_TRUSTED_PROXIES".into(), "127.0.0.1".into());
    TestServer::start_with(Options {
        environment: vec![proxies],
        ..Options::default()
    })
    .await
}

async fn sign_in(server: &TestServer, from: &str, (id, secret): (&str, &str)) -> Answer {
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Forwarded-For", from),
    ];
    http(server, "POST /oauth2/token", &headers, body.as_bytes()).await
}

fn admin(server: &TestServer) -> (&str, &str) {
    (
        &server.env["HCP_CLIENT_ID"],
        &server.env["HCP_CLIENT_SECRET"],
    )
}

const ATTACKER: &str = "203.0.113.9";

#[tokio::test]
async fn a_thousand_wrong_secrets_are_slowed_down_and_the_victim_is_not() {
    let server = start().await;
    let (id, secret) = admin(&server);
    let mut statuses = Vec::new();
    for n in 0..1_000 {
        let answer = sign_in(&server, ATTACKER, (id, &format!("wrong{n}"))).await;
        if answer.status == 429 {
            assert_eq!(header(&answer, "retry-after"), "1");
            assert_eq!(header(&answer, "cache-control"), "no-store");
            let json: serde_json::Value = answer.json().unwrap();
            assert_eq!(json["error"], "slow_down");
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 990]);
    // The right secret is not looked at from there either, or guessing would not be slowed down.
    let guessed = sign_in(&server, ATTACKER, (id, secret)).await;
    assert_eq!(guessed.status, 429);
    let victim = sign_in(&server, "198.51.100.7", (id, secret)).await;
    assert_eq!(victim.status, 200);
}

#[tokio::test]
async fn what_is_slowed_down_recovers_with_time() {
    let server = start().await;
    let (id, secret) = admin(&server);
    for _ in 0..10 {
        sign_in(&server, ATTACKER, (id, "wrong")).await;
    }
    let mut waits = Vec::new();
    for _ in 0..7 {
        let answer = sign_in(&server, ATTACKER, (id, "wrong")).await;
        let wait: u64 = header(&answer, "retry-after").parse().unwrap();
        server.advance(Duration::from_secs(wait));
        waits.push(wait);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60]);
    assert_eq!(sign_in(&server, ATTACKER, (id, secret)).await.status, 200);
    let answer = sign_in(&server, ATTACKER, (id, "wrong")).await;
    assert_eq!(answer.status, 401, "a success forgives");
}

#[tokio::test]
async fn an_address_that_tries_many_ids_is_slowed_down_but_not_who_signed_in_there_before() {
    let server = start().await;
    let credentials = admin(&server);
    assert_eq!(sign_in(&server, ATTACKER, credentials).await.status, 200);
    let mut last = 401;
    for n in 0..=100 {
        assert_eq!(last, 401, "{n}");
        last = sign_in(&server, ATTACKER, (&format!("nobody{n}"), "x"))
            .await
            .status;
    }
    assert_eq!(last, 429);
    let newcomer = sign_in(&server, ATTACKER, ("somebody", "x")).await;
    assert_eq!(newcomer.status, 429);
    assert_eq!(sign_in(&server, ATTACKER, credentials).await.status, 200);
}

#[tokio::test]
async fn an_unknown_id_and_a_wrong_secret_are_slowed_down_alike() {
    let server = start().await;
    let (id, _) = admin(&server);
    for n in 0..15 {
        let known = sign_in(&server, "192.0.2.1", (id, "wrong")).await;
        let unknown = sign_in(&server, "192.0.2.2", ("nobody", "wrong")).await;
        let seen = |answer: &Answer| {
            let retry = header(answer, "retry-after").to_owned();
            (answer.status, answer.body.clone(), retry)
        };
        assert_eq!(seen(&known), seen(&unknown), "{n}");
    }
}

#[tokio::test]
async fn sixty_four_good_logins_at_once_pass() {
    let server = TestServer::start().await;
    let mut logins = JoinSet::new();
    for _ in 0..64 {
        let client = server.admin();
        logins.spawn(async move { client.get_registry().await.is_ok() });
    }
    assert_eq!(logins.join_all().await, [true; 64]);
}

#[tokio::test]
async fn the_header_of_a_stranger_does_not_say_where_it_comes_from() {
    let server = TestServer::start().await;
    for n in 0..12 {
        let answer = sign_in(&server, &format!("192.0.2.{n}"), ("nobody", "x")).await;
        let expected = if n < 10 { 401 } else { 429 };
        assert_eq!(answer.status, expected, "{n}");
    }
    let metrics = http(&server, "GET /metrics", &[], b"").await;
    let metrics = String::from_utf8(metrics.body).unwrap();
    for line in [
        "touchmark_sign_ins_total{outcome=\"refused\"} 10",
        "touchmark_sign_ins_total{outcome=\"slowed\"} 2",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
}
