//! `touchmark auth` and `touchmark config`.

use touchmark_tests::TestServer;

use crate::program::Cli;

#[tokio::test]
async fn credentials_are_kept_and_forgotten() {
    let server = TestServer::start().await;
    let cli = Cli::bare();
    let input = format!(
        "{}\n{}\n",
        server.env["HCP_CLIENT_ID"], server.env["HCP_CLIENT_SECRET"]
    );
    let login = format!("auth login --url {}", server.url);
    insta::assert_snapshot!(cli.run("auth status").await, @r#"
    exit 2
    stderr:
    touchmark: it is not known where the registry is
      touchmark auth login --url https://registry.example.com:8443
      or, on the host of a registry: . ~/.local/share/touchmark/env
    "#);
    insta::assert_snapshot!(cli.fed(&login, "").await, @r#"
    exit 2
    stderr:
    touchmark: the client id and the secret are two lines of standard input
      an admin makes them: touchmark-registry principal create NAME
    "#);
    insta::assert_snapshot!(cli.fed(&login, "no\nbody\n").await, @r#"
    exit 4
    stderr:
    touchmark: invalid_client: unknown client id or wrong secret
      touchmark auth login
    "#);
    insta::assert_snapshot!(cli.fed(&login, &input).await, @r#"
    exit 0
    stdout:
    Signed in to http://<address> as admin; kept in profile default.
    "#);
    insta::assert_snapshot!(cli.run("auth status").await, @r#"
    exit 0
    stdout:
    admin at http://<address>, organization default

    PROJECT  ROLE   ID
    default  admin  <uuid>
    "#);
    insta::assert_snapshot!(cli.run("auth print-access-token").await, @r#"
    exit 0
    stdout:
    <secret>
    "#);
    insta::assert_snapshot!(cli.run("bucket list").await, @r#"
    exit 0
    stdout:
    There are no buckets yet. Make one: touchmark bucket create NAME
    "#);
    insta::assert_snapshot!(cli.run("config").await, @r#"
    exit 0
    stdout:
    NAME             VALUE                                 ORIGIN
    client_id        <secret>            profile default of <home>/.config/touchmark/credentials.toml
    client_secret    ********                              profile default of <home>/.config/touchmark/credentials.toml
    organization_id  <uuid>  profile default of <home>/.config/touchmark/client.toml
    project          <uuid>  profile default of <home>/.config/touchmark/client.toml
    url              http://<address>                profile default of <home>/.config/touchmark/client.toml
    "#);
    insta::assert_snapshot!(cli.run("auth logout").await, @r#"
    exit 0
    stdout:
    Signed out of profile default.
    "#);
    insta::assert_snapshot!(cli.run("auth logout").await, @r#"
    exit 0
    stdout:
    Profile default held no credentials.
    "#);
    insta::assert_snapshot!(cli.run("bucket list").await, @r#"
    exit 4
    stderr:
    touchmark: there are no credentials for http://<address>
      touchmark auth login --url http://<address>
      or set TOUCHMARK_CLIENT_ID and TOUCHMARK_CLIENT_SECRET
    "#);
}

#[tokio::test]
async fn settings_that_are_missing_or_wrong_are_named() {
    let cli = Cli::bare();
    insta::assert_snapshot!(cli.run("config").await, @r#"
    exit 0
    stdout:
    Nothing is set. Start with: touchmark auth login --url URL
    "#);
    insta::assert_snapshot!(cli.run("bucket list --profile other").await, @r#"
    exit 2
    stderr:
    touchmark: profile other does not exist; there is none
      touchmark auth login --profile other --url URL
    "#);
    insta::assert_snapshot!(cli.run("bucket list --url registry.example.com").await, @r#"
    exit 4
    stderr:
    touchmark: there are no credentials for registry.example.com
      touchmark auth login --url registry.example.com
      or set TOUCHMARK_CLIENT_ID and TOUCHMARK_CLIENT_SECRET
    "#);
    let cli = cli.with("TOUCHMARK_TOKEN", "t");
    insta::assert_snapshot!(cli.run("bucket list --url registry.example.com").await, @r#"
    exit 2
    stderr:
    touchmark: registry.example.com is no address: relative URL without a base
    "#);
    insta::assert_snapshot!(cli.run("bucket list --url http://localhost:1 --ca-file none.pem").await, @r#"
    exit 2
    stderr:
    touchmark: none.pem cannot be read: No such file or directory (os error 2)
    "#);
}

#[tokio::test]
async fn a_proxy_is_asked_for_what_is_elsewhere() {
    let server = TestServer::start().await;
    let nobody = Cli::admin(&server)
        .with("HTTP_PROXY", "http://127.0.0.1:1")
        .with("http_proxy", "http://127.0.0.1:1");
    let shown = nobody.run("bucket list").await;
    assert!(
        shown.starts_with("exit 0\n"),
        "localhost needs no proxy: {shown}"
    );
    // The registry answers what a proxy would be asked.
    let through = Cli::admin(&server)
        .with("HTTP_PROXY", &server.url)
        .with("http_proxy", &server.url);
    let shown = through
        .run("bucket list --url http://registry.invalid")
        .await;
    assert!(shown.starts_with("exit 0\n"), "{shown}");
}

#[tokio::test]
async fn a_login_makes_the_profile_that_it_names() {
    let (one, two) = (TestServer::start().await, TestServer::start().await);
    let cli = Cli::bare();
    insta::assert_snapshot!(cli.login("one", &one).await, @r#"
    exit 0
    stdout:
    Signed in to http://<address> as admin; kept in profile one.
    "#);
    insta::assert_snapshot!(cli.login("two", &two).await, @r#"
    exit 0
    stdout:
    Signed in to http://<address> as admin; kept in profile two.
    "#);
    for (flags, server) in [("", &one), ("--profile two", &two)] {
        let command = format!("auth status {flags}");
        let words: Vec<&str> = command.split_whitespace().collect();
        let ended = cli.ended(&words).await;
        let expected = format!("admin at {}, organization default", server.url);
        assert!(ended.stdout.starts_with(&expected), "{ended:?}");
    }
    insta::assert_snapshot!(cli.run("auth logout --profile three").await, @r#"
    exit 2
    stderr:
    touchmark: profile three does not exist; there is one, two
      touchmark auth login --profile three --url URL
    "#);
}
