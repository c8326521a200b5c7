//! `touchmark resolve`.

use touchmark_tests::Story as _;

use crate::{program::Cli, seed::seeded};

#[tokio::test]
async fn an_id_is_printed_alone_or_in_the_form_of_who_reads_it() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("resolve alpine:production --platform aws --region us-east-1").await, @"");
    insta::assert_snapshot!(cli.run("resolve alpine --region us-east-1 --label release=3.3").await, @"");
    insta::assert_snapshot!(cli.run("resolve alpine:production --region us-east-1 --env").await, @"");
    insta::assert_snapshot!(cli.run("resolve alpine:production --region us-east-1 --tfvars").await, @"");
    insta::assert_snapshot!(cli.run("resolve alpine:production --region us-east-1 --json").await, @"");
    insta::assert_snapshot!(cli.run("resolve alpine:production --env --tfvars").await, @"");
}

#[tokio::test]
async fn a_miss_says_what_there_is() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("resolve alpine:production --region eu-west-1").await, @"");
    insta::assert_snapshot!(cli.run("resolve alpine:production").await, @"");
    insta::assert_snapshot!(cli.run("resolve alpine:prodction").await, @"");
    insta::assert_snapshot!(cli.run("resolve web:latest --at 2000-01-01T00:00:00Z").await, @"");
    insta::assert_snapshot!(cli.run("resolve web:latest --at yesterday").await, @"");
}

#[tokio::test]
async fn a_revoked_version_is_given_only_to_who_insists() {
    let (server, cli) = seeded().await;
    let revoke = "version revoke alpine:v2 --message CVE-2026-1 --no-rollback --yes --quiet";
    let revoked = cli.run(revoke).await;
    assert!(revoked.starts_with("exit 0"), "{revoked}");
    let resolve = "resolve alpine:production --region us-east-1";
    insta::assert_snapshot!(cli.run(resolve).await, @"");
    insta::assert_snapshot!(cli.run(&format!("{resolve} --allow-revoked")).await, @"");
    let admin = server.admin();
    admin.assign("alpine", "production", "alpine-3").await;
    insta::assert_snapshot!(cli.run(resolve).await, @"");
}

#[tokio::test]
async fn a_restricted_channel_is_for_those_who_see_it() {
    let (server, _) = seeded().await;
    let viewer = Cli::of(&server, &server.viewer().await).await;
    insta::assert_snapshot!(viewer.run("resolve alpine --region us-east-1").await, @"");
    insta::assert_snapshot!(viewer.run("resolve alpine:production --region us-east-1").await, @"");
}
