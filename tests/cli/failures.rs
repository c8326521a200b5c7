//! What all commands have in common when they cannot do their work.

use touchmark_tests::TestServer;

use crate::{program::Cli, seed::seeded};

/// One of each kind.
const COMMANDS: [&str; 9] = [
    "bucket list",
    "channel show alpine:production",
    "version list alpine",
    "version revoke alpine:v1 --yes",
    "artifact find ami-1",
    "sbom list alpine:v1",
    "events",
    "auth status",
    "channel promote alpine staging production",
];

#[tokio::test]
async fn without_credentials_nothing_is_asked() {
    let server = TestServer::start().await;
    let cli = Cli::stranger(&server);
    let first = cli.run(COMMANDS[0]).await;
    insta::assert_snapshot!(first, @r#"
    exit 4
    stderr:
    touchmark: there are no credentials for <url>
      touchmark auth login --url <url>
      or set TOUCHMARK_CLIENT_ID and TOUCHMARK_CLIENT_SECRET
    "#);
    for command in COMMANDS {
        assert_eq!(cli.run(command).await, first, "{command}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let server = TestServer::start().await;
    let cli = Cli::stranger(&server)
        .with("TOUCHMARK_CLIENT_ID", &server.env["HCP_CLIENT_ID"])
        .with("TOUCHMARK_CLIENT_SECRET", "wrong");
    insta::assert_snapshot!(cli.run("bucket list").await, @r#"
    exit 4
    stderr:
    touchmark: invalid_client: unknown client id or wrong secret
      touchmark auth login
    "#);
}

#[tokio::test]
async fn a_registry_that_is_away_is_named() {
    let mut server = TestServer::start().await;
    let cli = Cli::of(&server, &server.admin()).await;
    server.stop().await;
    insta::assert_snapshot!(cli.run("bucket list").await, @r#"
    exit 7
    stderr:
    touchmark: <address> cannot be reached: Connection refused (os error 111)
      touchmark doctor
    "#);
}

#[tokio::test]
async fn viewers_read_and_change_nothing() {
    let (server, _) = seeded().await;
    let cli = Cli::of(&server, &server.viewer().await).await;
    insta::assert_snapshot!(cli.run("bucket create debian").await, @r#"
    exit 4
    stderr:
    touchmark: permission denied: to record buckets, versions and builds takes the role builder, the caller has viewer; an admin can grant it
      touchmark auth status
    "#);
    insta::assert_snapshot!(cli.run("bucket delete alpine --yes").await, @r#"
    exit 4
    stderr:
    touchmark: permission denied: to administer this takes the role admin, the caller has viewer; an admin can grant it
      touchmark auth status
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:production v1").await, @r#"
    exit 4
    stderr:
    touchmark: permission denied: to change channels, revoke or delete takes the role contributor, the caller has viewer; an admin can grant it
      touchmark auth status
    "#);
    insta::assert_snapshot!(cli.run("version revoke alpine:v1 --yes --quiet").await, @r#"
    exit 4
    stderr:
    touchmark: permission denied: to change channels, revoke or delete takes the role contributor, the caller has viewer; an admin can grant it
      touchmark auth status
    "#);
    insta::assert_snapshot!(cli.run("version restore alpine:v1").await, @r#"
    exit 4
    stderr:
    touchmark: permission denied: to change channels, revoke or delete takes the role contributor, the caller has viewer; an admin can grant it
      touchmark auth status
    "#);
    insta::assert_snapshot!(cli.run("channel show alpine:latest").await, @r#"
    exit 4
    stderr:
    touchmark: permission denied: to see a restricted channel takes the role contributor, the caller has viewer; an admin can grant it
      touchmark auth status
    "#);
    insta::assert_snapshot!(cli.run("channel list alpine").await, @r#"
    exit 0
    stdout:
    NAME        VERSION  FINGERPRINT  STATUS  SINCE                 KIND
    production  v2       alpine-2     active  <time>
    staging     v3       alpine-3     active  <time>
    "#);
    insta::assert_snapshot!(cli.run("auth status").await, @r#"
    exit 0
    stdout:
    viewer at <url>, organization default

    PROJECT  ROLE    ID
    default  viewer  <uuid>
    "#);
}

#[tokio::test]
async fn control_characters_do_not_reach_the_terminal() {
    let (_server, cli) = seeded().await;
    let bell = "ring\u{7}\u{1b}[31m";
    let created = cli
        .ended(&["bucket", "create", "bell", "--description", bell])
        .await;
    assert_eq!(created.code, Some(0), "{created:?}");
    for command in ["bucket list", "bucket show bell"] {
        let shown = cli.run(command).await;
        assert!(shown.contains("ring\u{fffd}\u{fffd}[31m"), "{shown}");
    }
    let refused = cli
        .ended(&["channel", "show", &format!("alpine:{bell}")])
        .await;
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert!(!refused.stderr.contains(['\u{7}', '\u{1b}']), "{refused:?}");
}

#[tokio::test]
async fn requests_are_shown_without_secrets() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("bucket list --debug --json=name").await, @r#"
    exit 0
    stdout:
    [
      {
        "name": "alpine"
      },
      {
        "name": "web"
      }
    ]
    stderr:
    GET /api/v1/whoami -> 200 (<n> bytes), <n> ms
    GET /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets -> 200 (<n> bytes), <n> ms
    "#);
}
