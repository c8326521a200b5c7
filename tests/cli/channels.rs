//! `touchmark channel`.

use std::time::Duration;

use crate::seed::seeded;

#[tokio::test]
async fn channels_are_listed_and_shown() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("channel list alpine").await, @r#"
    exit 0
    stdout:
    NAME        VERSION  FINGERPRINT  STATUS  SINCE                 KIND
    latest      v3       alpine-3     active  <time>  managed, restricted
    production  v2       alpine-2     active  <time>
    staging     v3       alpine-3     active  <time>
    "#);
    insta::assert_snapshot!(cli.run("channel show alpine:production").await, @r#"
    exit 0
    stdout:
    Channel:  alpine:production
    Version:  v2 (alpine-2)
    Status:   active
    Changed:  <time>
    By:       admin

    PLATFORM  REGION        COMPONENT        ARTIFACT
    aws       us-east-1     amazon-ebs.base  ami-0a1b2c3d4e5f60002
    aws       eu-central-1  amazon-ebs.base  ami-1a1b2c3d4e5f60002
    "#);
    insta::assert_snapshot!(cli.run("channel history alpine:production").await, @r#"
    exit 0
    stdout:
    ASSIGNED              VERSION  FINGERPRINT  STATUS NOW  BY
    <time>  v2       alpine-2     active      admin
    <time>  v1       alpine-1     active      admin
    "#);
    insta::assert_snapshot!(cli.run("channel history alpine:production --json=author_id").await, @r#"
    exit 0
    stdout:
    [
      {
        "author_id": "admin"
      },
      {
        "author_id": "admin"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_channel_is_created_assigned_and_deleted() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("channel create alpine:testing --version v1 --restricted --dry-run").await, @r#"
    exit 0
    stdout:
    POST /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets/alpine/channels
    {
      "name": "testing",
      "restricted": true,
      "version_fingerprint": "alpine-1"
    }
    "#);
    insta::assert_snapshot!(cli.run("channel create alpine:testing").await, @r#"
    exit 0
    stdout:
    Channel testing was created. alpine:testing holds nothing.
    "#);
    insta::assert_snapshot!(cli.run("channel show alpine:testing").await, @r#"
    exit 0
    stdout:
    Channel:  alpine:testing
    Version:  none
    Changed:  <time>
    By:       admin

    It holds nothing yet: touchmark channel assign alpine:testing VERSION
    "#);
    insta::assert_snapshot!(cli.run("channel history alpine:testing").await, @r#"
    exit 0
    stdout:
    It never held anything: touchmark channel assign alpine:testing VERSION
    "#);
    insta::assert_snapshot!(cli.run("channel create alpine:canary --version v1 --restricted").await, @r#"
    exit 0
    stdout:
    Channel canary was created. alpine:canary holds v1 (alpine-1).
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:testing v2").await, @r#"
    exit 0
    stdout:
    alpine:testing holds v2 (alpine-2).
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:testing alpine-3 --restricted --dry-run").await, @r#"
    exit 0
    stdout:
    PATCH /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets/alpine/channels/testing
    {
      "restricted": true,
      "update_mask": "versionFingerprint,restricted",
      "version_fingerprint": "alpine-3"
    }
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:testing alpine-3 --restricted").await, @r#"
    exit 0
    stdout:
    alpine:testing holds v3 (alpine-3). Only who may write sees it.
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:latest --restricted=false").await, @r#"
    exit 0
    stdout:
    alpine:latest holds v3 (alpine-3). Everybody who may read sees it.
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:testing --none").await, @r#"
    exit 0
    stdout:
    alpine:testing holds nothing.
    "#);
    insta::assert_snapshot!(cli.run("channel delete alpine:testing").await, @r#"
    exit 2
    stderr:
    touchmark: delete channel alpine:testing needs a confirmation
      add --yes
    "#);
    insta::assert_snapshot!(cli.run("channel delete alpine:testing --dry-run").await, @r#"
    exit 0
    stdout:
    DELETE /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets/alpine/channels/testing
    "#);
    insta::assert_snapshot!(cli.run("channel delete alpine:testing --yes").await, @r#"
    exit 0
    stdout:
    Channel alpine:testing was deleted.
    "#);
}

#[tokio::test]
async fn what_a_channel_holds_is_promoted_and_rolled_back() {
    let (server, cli) = seeded().await;
    server.advance(Duration::from_mins(1));
    insta::assert_snapshot!(cli.run("channel promote alpine staging production --dry-run").await, @r#"
    exit 0
    stdout:
    POST /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets/alpine/channels/assign
    {
      "source_channel": "staging",
      "target_channel": "production"
    }
    "#);
    insta::assert_snapshot!(cli.run("channel promote alpine staging production").await, @r#"
    exit 0
    stdout:
    alpine:production holds v3 (alpine-3).
    "#);
    insta::assert_snapshot!(cli.run("channel rollback alpine:production --dry-run").await, @r#"
    exit 0
    stdout:
    PATCH /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets/alpine/channels/production
    {
      "update_mask": "versionFingerprint",
      "version_fingerprint": "alpine-2"
    }
    "#);
    insta::assert_snapshot!(cli.run("channel rollback alpine:production").await, @r#"
    exit 0
    stdout:
    alpine:production went back from v3 to v2 (alpine-2).
    "#);
    insta::assert_snapshot!(cli.run("channel rollback alpine:staging").await, @r#"
    exit 5
    stderr:
    touchmark: alpine:staging held no other version that is valid now
      touchmark channel history alpine:staging
      touchmark channel assign alpine:staging VERSION
    "#);
    // What is revoked is passed over.
    cli.run("channel promote alpine staging production").await;
    cli.run("version revoke alpine:v2 --yes").await;
    insta::assert_snapshot!(cli.run("channel rollback alpine:production").await, @r#"
    exit 0
    stdout:
    alpine:production went back from v3 to v1 (alpine-1).
    "#);
}

#[tokio::test]
async fn channels_and_versions_that_do_not_exist_are_not_found() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("channel list nowhere").await, @r#"
    exit 5
    stderr:
    touchmark: bucket with identifier nowhere does not exist
      touchmark bucket list
    "#);
    insta::assert_snapshot!(cli.run("channel show alpine:nothing").await, @r#"
    exit 5
    stderr:
    touchmark: channel with identifier nothing does not exist
      touchmark channel list alpine
    "#);
    insta::assert_snapshot!(cli.run("channel history alpine:nothing").await, @r#"
    exit 5
    stderr:
    touchmark: channel with identifier nothing does not exist
      touchmark channel list alpine
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:production v9").await, @r#"
    exit 5
    stderr:
    touchmark: version v9 does not exist in bucket alpine
      touchmark version list alpine
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:production other").await, @r#"
    exit 5
    stderr:
    touchmark: version with fingerprint (fingerprint: other) does not exist
      touchmark version list alpine
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:production nightly").await, @r#"
    exit 1
    stderr:
    touchmark: version with fingerprint nightly is not complete
      touchmark version list alpine --status active
    "#);
    insta::assert_snapshot!(cli.run("channel promote alpine nothing production").await, @r#"
    exit 5
    stderr:
    touchmark: channel with identifier nothing does not exist
      touchmark channel list alpine
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:latest v1").await, @r#"
    exit 1
    stderr:
    touchmark: channel latest is managed by the registry and cannot be assigned
    "#);
    insta::assert_snapshot!(cli.run("channel create alpine:production").await, @r#"
    exit 6
    stderr:
    touchmark: channel with identifier production already exists
      touchmark channel show alpine:production
    "#);
    insta::assert_snapshot!(cli.run("channel show production").await, @r#"
    exit 2
    stderr:
    error: invalid value 'production' for '<BUCKET:CHANNEL>': it is written BUCKET:NAME, as in alpine:production or alpine:v3

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:production").await, @r#"
    exit 2
    stderr:
    error: the following required arguments were not provided:
      <VERSION|--none|--restricted[=<BOOL>]>

    Usage: touchmark channel assign [OPTIONS] <BUCKET:CHANNEL> <VERSION|--none|--restricted>

    For more information, try '--help'.
    "#);
}
