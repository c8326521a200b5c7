//! `touchmark resolve`.

use touchmark_tests::Story as _;

use crate::{program::Cli, seed::seeded};

#[tokio::test]
async fn an_id_is_printed_alone_or_in_the_form_of_who_reads_it() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("resolve alpine:production --platform aws --region us-east-1").await, @r#"
    exit 0
    stdout:
    ami-0a1b2c3d4e5f60002
    "#);
    insta::assert_snapshot!(cli.run("resolve alpine --region us-east-1 --label release=3.3").await, @r#"
    exit 0
    stdout:
    ami-0a1b2c3d4e5f60003
    "#);
    insta::assert_snapshot!(cli.run("resolve alpine:production --region us-east-1 --env").await, @r#"
    exit 0
    stdout:
    IMAGE_ID='ami-0a1b2c3d4e5f60002'
    IMAGE_PLATFORM='aws'
    IMAGE_REGION='us-east-1'
    IMAGE_COMPONENT_TYPE='amazon-ebs.base'
    IMAGE_BUCKET='alpine'
    IMAGE_CHANNEL='production'
    IMAGE_VERSION='v2'
    IMAGE_FINGERPRINT='alpine-2'
    "#);
    insta::assert_snapshot!(cli.run("resolve alpine:production --region us-east-1 --tfvars").await, @r#"
    exit 0
    stdout:
    image_id = "ami-0a1b2c3d4e5f60002"
    image_platform = "aws"
    image_region = "us-east-1"
    image_component_type = "amazon-ebs.base"
    image_bucket = "alpine"
    image_channel = "production"
    image_version = "v2"
    image_fingerprint = "alpine-2"
    "#);
    insta::assert_snapshot!(cli.run("resolve alpine:production --region us-east-1 --json").await, @r#"
    exit 0
    stdout:
    {
      "artifact_id": "<ulid>",
      "at": null,
      "bucket_name": "alpine",
      "build_id": "<ulid>",
      "channel_name": "production",
      "component_type": "amazon-ebs.base",
      "external_identifier": "ami-0a1b2c3d4e5f60002",
      "labels": {
        "os": "alpine",
        "release": "3.2"
      },
      "platform": "aws",
      "region": "us-east-1",
      "source_external_identifier": "ami-50000000000000002",
      "version": {
        "created_at": "<time>",
        "fingerprint": "alpine-2",
        "id": "<ulid>",
        "name": "v2",
        "revoke_at": null,
        "status": "VERSION_ACTIVE"
      }
    }
    "#);
    insta::assert_snapshot!(cli.run("resolve alpine:production --env --tfvars").await, @r#"
    exit 2
    stderr:
    error: the argument '--env' cannot be used with '--tfvars'

    Usage: touchmark resolve --env <BUCKET[:CHANNEL]>

    For more information, try '--help'.
    "#);
}

#[tokio::test]
async fn a_miss_says_what_there_is() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("resolve alpine:production --region eu-west-1").await, @r#"
    exit 5
    stderr:
    touchmark: channel production of bucket alpine holds version v2 (alpine-2), which has no artifact with region=eu-west-1; it has aws us-east-1 (amazon-ebs.base), aws eu-central-1 (amazon-ebs.base); the last to have one was v1 (alpine-1): ami-1a1b2c3d4e5f60001
    "#);
    insta::assert_snapshot!(cli.run("resolve alpine:production").await, @r#"
    exit 1
    stderr:
    touchmark: channel production of bucket alpine holds version v2 (alpine-2), which has 2 artifacts: amazon-ebs.base aws us-east-1 ami-0a1b2c3d4e5f60002, amazon-ebs.base aws eu-central-1 ami-1a1b2c3d4e5f60002; tell them apart by region=…
    "#);
    insta::assert_snapshot!(cli.run("resolve alpine:prodction").await, @r#"
    exit 5
    stderr:
    touchmark: bucket alpine has no channel prodction; there are latest, production, staging
    "#);
    insta::assert_snapshot!(cli.run("resolve web:latest --at 2000-01-01T00:00:00Z").await, @r#"
    exit 5
    stderr:
    touchmark: channel latest of bucket web held no version at <time>
    "#);
    insta::assert_snapshot!(cli.run("resolve web:latest --at yesterday").await, @r#"
    exit 1
    stderr:
    touchmark: query.at: must be a time such as <time>
    "#);
}

#[tokio::test]
async fn a_revoked_version_is_given_only_to_who_insists() {
    let (server, cli) = seeded().await;
    let revoke = "version revoke alpine:v2 --message CVE-2026-1 --no-rollback --yes --quiet";
    let revoked = cli.run(revoke).await;
    assert!(revoked.starts_with("exit 0"), "{revoked}");
    let resolve = "resolve alpine:production --region us-east-1";
    insta::assert_snapshot!(cli.run(resolve).await, @r#"
    exit 3
    stderr:
    touchmark: channel production of bucket alpine holds version v2 (alpine-2), which admin revoked as of <time>; the reason: CVE-2026-1; allow_revoked=true gives it all the same
      to have it all the same: --allow-revoked
    "#);
    insta::assert_snapshot!(cli.run(&format!("{resolve} --allow-revoked")).await, @r#"
    exit 0
    stdout:
    ami-0a1b2c3d4e5f60002
    "#);
    let admin = server.admin();
    admin.assign("alpine", "production", "alpine-3").await;
    insta::assert_snapshot!(cli.run(resolve).await, @r#"
    exit 0
    stdout:
    ami-0a1b2c3d4e5f60003
    "#);
}

#[tokio::test]
async fn a_restricted_channel_is_for_those_who_see_it() {
    let (server, _) = seeded().await;
    let viewer = Cli::of(&server, &server.viewer().await).await;
    insta::assert_snapshot!(viewer.run("resolve alpine --region us-east-1").await, @r#"
    exit 4
    stderr:
    touchmark: permission denied: to see a restricted channel takes the role contributor, the caller has viewer; an admin can grant it
      touchmark auth status
    "#);
    insta::assert_snapshot!(viewer.run("resolve alpine:production --region us-east-1").await, @r#"
    exit 0
    stdout:
    ami-0a1b2c3d4e5f60002
    "#);
}
