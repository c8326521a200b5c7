//! `touchmark doctor`.

use std::{fs, os::unix::fs::PermissionsExt as _};

use touchmark_tests::{Options, TestServer};

use crate::program::Cli;

/// Puts programs that say these versions into PATH, and nothing else.
fn with_programs(cli: Cli, programs: &[(&str, &str)]) -> Cli {
    let folder = cli.folder().join("bin");
    fs::create_dir(&folder).expect("a folder");
    for (name, says) in programs {
        let file = folder.join(name);
        fs::write(&file, format!("#!/bin/sh\necho '{says}'\n")).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("permissions");
    }
    let path = folder.display().to_string();
    cli.with("PATH", &path)
}

#[tokio::test]
async fn all_is_well() {
    let server = TestServer::start_with(Options {
        tls: true,
        ..Options::default()
    })
    .await;
    let programs = [
        ("packer", "0,,version,1.16.0"),
        ("git", "git version 2.39.5"),
    ];
    let cli = with_programs(Cli::admin(&server), &programs);
    let well = cli
        .run("doctor")
        .await
        .replace("127.0.0.1, ::1", "127.0.0.1");
    insta::assert_snapshot!(well.replace("::1, 127.0.0.1", "127.0.0.1"), @r#"
    exit 0
    stdout:
    PASSED   config       the registry is at <url>
    PASSED   address      localhost is 127.0.0.1
    PASSED   tls          the certificate is trusted
    PASSED   registry     it is ready
    PASSED   clock        it goes like the registry's
    PASSED   credentials  signed in as admin
    PASSED   project      its registry is active
    PASSED   packer       1.16.0, pushes by itself, if the template asks for it
    PASSED   git          2.39.5
    "#);
    insta::assert_snapshot!(cli.run("doctor --json").await, @r#"
    exit 0
    stdout:
    {
      "address": "ok",
      "clock": "ok",
      "config": "ok",
      "credentials": "ok",
      "git": "ok",
      "packer": "ok",
      "project": "ok",
      "registry": "ok",
      "tls": "ok"
    }
    "#);
}

#[tokio::test]
async fn what_fails_says_what_to_do() {
    let server = TestServer::start_with(Options {
        tls: true,
        ..Options::default()
    })
    .await;
    insta::assert_snapshot!(with_programs(Cli::bare(), &[]).run("doctor").await, @r#"
    exit 1
    stdout:
    FAILED   config       it is not known where the registry is
                          touchmark auth login --url https://registry.example.com:8443
                          or, on the host of a registry: . ~/.local/share/touchmark/env
    SKIPPED  address      the settings must be right before that
    SKIPPED  tls          the settings must be right before that
    SKIPPED  registry     the settings must be right before that
    SKIPPED  clock        the settings must be right before that
    SKIPPED  credentials  the settings must be right before that
    SKIPPED  project      the settings must be right before that
    SKIPPED  packer       it is not in PATH; only touchmark build needs it
    SKIPPED  git          it is not in PATH; builds are recorded without their commit
    stderr:
    touchmark: 1 check failed
    "#);
    let wrong = with_programs(Cli::bare(), &[("packer", "cracklib 2.9")]);
    let wrong = wrong.with("TOUCHMARK_URL", &server.url);
    insta::assert_snapshot!(wrong.run("doctor --json").await, @r#"
    exit 1
    stdout:
    {
      "address": "ok",
      "clock": "skipped: the registry does not answer",
      "config": "ok",
      "credentials": "skipped: the registry does not answer",
      "git": "skipped: it is not in PATH; builds are recorded without their commit",
      "packer": "packer does not say its version; is it HashiCorp's Packer?",
      "project": "skipped: the registry does not answer",
      "registry": "skipped: its certificate must be trusted before that",
      "tls": "<address> cannot be reached: invalid peer certificate: UnknownIssuer"
    }
    stderr:
    touchmark: 2 checks failed
    "#);
    let secret = Cli::stranger(&server)
        .with("TOUCHMARK_CLIENT_ID", &server.env["HCP_CLIENT_ID"])
        .with("TOUCHMARK_CLIENT_SECRET", "wrong");
    let secret = with_programs(secret, &[("packer", "0,,version,1.6.6")]);
    insta::assert_snapshot!(secret.run("doctor --json").await, @r#"
    exit 1
    stdout:
    {
      "address": "ok",
      "clock": "ok",
      "config": "ok",
      "credentials": "invalid_client: unknown client id or wrong secret",
      "git": "skipped: it is not in PATH; builds are recorded without their commit",
      "packer": "ok",
      "project": "skipped: the credentials must be right before that",
      "registry": "ok",
      "tls": "ok"
    }
    stderr:
    touchmark: 1 check failed
    "#);
    let project = with_programs(Cli::admin(&server), &[]);
    insta::assert_snapshot!(project.run("doctor --project other --json").await, @r#"
    exit 1
    stdout:
    {
      "address": "ok",
      "clock": "ok",
      "config": "ok",
      "credentials": "ok",
      "git": "skipped: it is not in PATH; builds are recorded without their commit",
      "packer": "skipped: it is not in PATH; only touchmark build needs it",
      "project": "project other does not exist or is out of reach; there is default",
      "registry": "ok",
      "tls": "ok"
    }
    stderr:
    touchmark: 1 check failed
    "#);
}

#[tokio::test]
async fn a_registry_that_is_away_or_drains_is_told_apart() {
    let mut server = TestServer::start().await;
    let cli = with_programs(Cli::admin(&server), &[]);
    server.state.draining.begin();
    insta::assert_snapshot!(cli.run("doctor --json").await, @r#"
    exit 1
    stdout:
    {
      "address": "ok",
      "clock": "ok",
      "config": "ok",
      "credentials": "ok",
      "git": "skipped: it is not in PATH; builds are recorded without their commit",
      "packer": "skipped: it is not in PATH; only touchmark build needs it",
      "project": "ok",
      "registry": "it is not ready: serving",
      "tls": "skipped: the address is without TLS"
    }
    stderr:
    touchmark: 1 check failed
    "#);
    server.stop().await;
    insta::assert_snapshot!(cli.run("doctor --json").await, @r#"
    exit 1
    stdout:
    {
      "address": "ok",
      "clock": "skipped: the registry does not answer",
      "config": "ok",
      "credentials": "skipped: the registry does not answer",
      "git": "skipped: it is not in PATH; builds are recorded without their commit",
      "packer": "skipped: it is not in PATH; only touchmark build needs it",
      "project": "skipped: the registry does not answer",
      "registry": "<address> cannot be reached: Connection refused (os error 111)",
      "tls": "skipped: the registry does not answer"
    }
    stderr:
    touchmark: 1 check failed
    "#);
    insta::assert_snapshot!(cli.run("doctor --json --url nonsense").await, @r#"
    exit 1
    stdout:
    {
      "address": "nonsense is no address",
      "clock": "skipped: the address must be right before that",
      "config": "ok",
      "credentials": "skipped: the address must be right before that",
      "git": "skipped: it is not in PATH; builds are recorded without their commit",
      "packer": "skipped: it is not in PATH; only touchmark build needs it",
      "project": "skipped: the address must be right before that",
      "registry": "skipped: the address must be right before that",
      "tls": "skipped: the address must be right before that"
    }
    stderr:
    touchmark: 1 check failed
    "#);
}
