//! At a terminal: what is asked, and what an answer does.

use std::{fs::File, process::Stdio};

use touchmark_tests::Story as _;

use crate::seed::seeded;

/// Answers a question at a terminal, which `script` of util-linux gives.
async fn answered(cli: &crate::program::Cli, arguments: &str, answer: &str) -> String {
    let input = cli.file("answer", &format!("{answer}\n"));
    let line = format!("script -qec 'touchmark {arguments}' /dev/null");
    let ended = cli
        .sh_with(&line, Stdio::from(File::open(input).expect("a file")))
        .await;
    // A terminal ends lines in two characters, and shows what is typed.
    let text = cli.shown(&ended).replace('\r', "");
    text.trim_end().to_owned()
}

#[tokio::test]
async fn what_cannot_be_taken_back_asks_for_the_name() {
    let (server, cli) = seeded().await;
    let wrong = answered(&cli, "bucket delete web", "wep").await;
    assert!(wrong.starts_with("exit 2\n"), "{wrong}");
    assert!(wrong.contains("Type web to delete"), "{wrong}");
    assert!(
        wrong.contains("nothing was changed: the name does not match"),
        "{wrong}"
    );
    server.admin().get_bucket("web").await.expect("a bucket");
    let right = answered(&cli, "bucket delete web", "web").await;
    assert!(right.starts_with("exit 0\n"), "{right}");
    server
        .admin()
        .get_bucket("web")
        .await
        .expect_err("no bucket");
}

#[tokio::test]
async fn a_revocation_asks_after_it_has_shown_what_it_touches() {
    let (server, cli) = seeded().await;
    let declined = answered(&cli, "version revoke alpine:v2", "no").await;
    assert!(declined.starts_with("exit 2\n"), "{declined}");
    let (shown, asked) = declined
        .split_once("Type alpine:v2 to revoke")
        .expect("a question");
    assert!(
        shown.contains("channel alpine:production falls back to v1"),
        "{shown}"
    );
    assert!(asked.contains("nothing was changed"), "{asked}");
    assert_eq!(
        server.admin().held("alpine", "production").await,
        "alpine-2"
    );
    let done = answered(&cli, "version revoke alpine:v2", "alpine:v2").await;
    assert!(done.starts_with("exit 0\n"), "{done}");
    assert_eq!(
        server.admin().held("alpine", "production").await,
        "alpine-1"
    );
}

#[tokio::test]
async fn nobody_is_asked_who_said_so() {
    let (server, cli) = seeded().await;
    for flag in ["--no-input", "--quiet"] {
        let refused = answered(&cli, &format!("bucket delete web {flag}"), "web").await;
        assert!(refused.starts_with("exit 2\n"), "{refused}");
        assert!(refused.contains("add --yes"), "{refused}");
    }
    server.admin().get_bucket("web").await.expect("a bucket");
}
