//! What is completed while somebody types.

mod shells;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    time::{Duration, Instant},
};

use touchmark_tests::{Network, Proxy, Story as _, TestServer};

use crate::{program::Cli, seed::seeded};

/// Long before a request is given up otherwise, and long enough for a machine that has much to do.
const SOON: Duration = Duration::from_secs(10);

/// Asks until this is given: a machine that has much to do may be too slow for once.
async fn until_given(expected: &str, mut ask: impl AsyncFnMut() -> String) {
    let begun = Instant::now();
    loop {
        let given = ask().await;
        if given == expected {
            return;
        }
        let was_late = given.is_empty() && begun.elapsed() < SOON;
        assert!(was_late, "{given:?} and not {expected:?}");
    }
}

/// Completes a line.
async fn offers(cli: &Cli, line: &str, expected: &str) {
    until_given(expected, async || cli.completed(line).await.join(" ")).await;
}

#[tokio::test]
async fn what_the_registry_knows_is_completed() {
    let (_server, cli) = seeded().await;
    for (line, expected) in [
        ("touchmark bucket show ", "alpine web"),
        ("touchmark bucket show w", "web"),
        ("touchmark bucket show x", ""),
        ("touchmark bucket create ", ""),
        ("touchmark --url http://localhost:1 bucket show ", ""),
        ("touchmark channel show ", "alpine: web:"),
        (
            "touchmark channel show al",
            "alpine:latest alpine:production alpine:staging",
        ),
        ("touchmark channel show alpine:p", "alpine:production"),
        ("touchmark channel show nowhere:", ""),
        ("touchmark channel promote ", "alpine web"),
        (
            "touchmark channel promote alpine staging ",
            "latest production staging",
        ),
        ("touchmark channel assign alpine:staging v", "v3 v2 v1"),
        (
            "touchmark channel create alpine:new --version alp",
            "alpine-3 alpine-2 alpine-1",
        ),
        (
            "touchmark version show alpine:",
            "alpine:nightly alpine:v3 alpine:v2 alpine:v1",
        ),
        ("touchmark version show alpine:alpine-2", "alpine:alpine-2"),
        ("touchmark version diff alpine:v1 web", "web:v1"),
        ("touchmark push --bucket alpine --channel s", "staging"),
        ("touchmark build --parent=web:", "--parent=web:latest"),
        ("touchmark push --platform ", "aws"),
        ("touchmark resolve alpine:production --platform ", "aws"),
        (
            "touchmark resolve alpine --region ",
            "eu-central-1 us-east-1",
        ),
        (
            "touchmark resolve alpine --component-type ",
            "amazon-ebs.base",
        ),
        ("touchmark --project ", "default"),
        ("touchmark chan", "channel"),
        ("touchmark channel --dr", ""),
        ("touchmark channel rollback --dr", "--dry-run"),
    ] {
        offers(&cli, line, expected).await;
    }
}

#[tokio::test]
async fn a_registry_that_is_away_has_no_names_and_keeps_nobody_waiting() {
    let (mut server, _) = seeded().await;
    let port = server.url.rsplit(':').next().expect("a port").to_owned();
    let network = Proxy::to(format!("127.0.0.1:{port}"));
    let url = format!("http://localhost:{}", network.port);
    let cli = Cli::admin(&server).with("TOUCHMARK_URL", &url);
    let line = "touchmark bucket show ";
    for away in [Network::Swallows, Network::IsCut] {
        network.set(away);
        let begun = Instant::now();
        offers(&cli, line, "").await;
        assert!(begun.elapsed() < SOON, "{away:?}: {:?}", begun.elapsed());
    }
    network.set(Network::Passes);
    offers(&cli, line, "alpine web").await;
    // What was answered a moment ago is known.
    server.stop().await;
    offers(&cli, line, "alpine web").await;
    offers(&cli, "touchmark channel list w", "web").await;
    offers(&cli, "touchmark version list alpine:", "").await;
}

#[tokio::test]
async fn who_is_not_signed_in_is_asked_nothing() {
    let server = TestServer::start().await;
    for cli in [Cli::bare(), Cli::stranger(&server)] {
        offers(&cli, "touchmark bucket show ", "").await;
        offers(&cli, "touchmark --profile ", "").await;
        let broken = "touchmark --profile nobody bucket show ";
        offers(&cli, broken, "").await;
    }
}

#[tokio::test]
async fn nobody_is_given_the_names_of_another_profile() {
    let (one, two) = (TestServer::start().await, TestServer::start().await);
    one.admin().bucket("alpine").await;
    two.admin().bucket("debian").await;
    let cli = Cli::bare();
    cli.login("one", &one).await;
    cli.login("two", &two).await;
    offers(&cli, "touchmark --profile ", "one two").await;
    for _ in 0..2 {
        for (line, expected) in [
            ("touchmark bucket show ", "alpine"),
            ("touchmark --profile two bucket show ", "debian"),
            ("touchmark --nonsense bucket --profile=two show ", "debian"),
            ("touchmark bucket show --profile two ", "debian"),
            ("touchmark --profile three bucket show ", ""),
        ] {
            offers(&cli, line, expected).await;
        }
    }
    // Who may see less is not given what somebody else saw here.
    let line = "touchmark channel show alpine:";
    offers(&cli, line, "alpine:latest").await;
    let viewer = one.viewer().await.access_token().await.expect("a token");
    let cli = cli.with("TOUCHMARK_TOKEN", &viewer.expect("a token"));
    offers(&cli, line, "").await;
}

#[tokio::test]
async fn names_are_kept_for_their_owner_and_without_secrets() {
    let (server, cli) = seeded().await;
    offers(&cli, "touchmark channel show alpine:p", "alpine:production").await;
    let file = cli.folder().join(".cache/touchmark/names.json");
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&file).expect("a file");
    assert!(text.contains("production"), "{text}");
    let token = server.admin().access_token().await.expect("a token");
    for secret in [
        server.env["HCP_CLIENT_SECRET"].as_str(),
        &server.env["HCP_CLIENT_ID"],
        &token.expect("a token"),
    ] {
        assert!(!text.contains(secret), "{text}");
    }
    fs::write(&file, "{\"not\": \"ours\"}").expect("a file");
    offers(&cli, "touchmark bucket show w", "web").await;
}
