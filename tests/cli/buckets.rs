//! `touchmark bucket`.

use touchmark_tests::TestServer;

use crate::{program::Cli, seed::seeded};

#[tokio::test]
async fn the_buckets_of_a_project_are_listed_and_shown() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("bucket list").await, @r#"
    exit 0
    stdout:
    NAME    LATEST  VERSIONS  PLATFORMS  DESCRIPTION
    alpine  v3      4         aws        Base images
    web     v1      1         aws
    "#);
    insta::assert_snapshot!(cli.run("bucket list --json=name,version_count").await, @r#"
    exit 0
    stdout:
    [
      {
        "name": "alpine",
        "version_count": "4"
      },
      {
        "name": "web",
        "version_count": "1"
      }
    ]
    "#);
    insta::assert_snapshot!(cli.run("bucket show alpine").await, @r#"
    exit 0
    stdout:
    Bucket:       alpine
    Description:  Base images
    Labels:       team=platform
    Latest:       v3 (alpine-3)
    Versions:     4
    Platforms:    aws
    Created:      <time>
    Changed:      <time>

    CHANNEL     VERSION  STATUS  SINCE
    latest      v3       active  <time>
    production  v2       active  <time>
    staging     v3       active  <time>
    "#);
    insta::assert_snapshot!(cli.run("bucket show web").await, @r#"
    exit 0
    stdout:
    Bucket:      web
    Latest:      v1 (web-1)
    Versions:    1
    Platforms:   aws
    Created:     <time>
    Changed:     <time>
    Built from:  alpine:v2, of channel production

    CHANNEL  VERSION  STATUS  SINCE
    latest   v1       active  <time>
    "#);
}

#[tokio::test]
async fn an_empty_project_says_what_to_do() {
    let server = TestServer::start().await;
    let cli = Cli::admin(&server);
    insta::assert_snapshot!(cli.run("bucket list").await, @r#"
    exit 0
    stdout:
    There are no buckets yet. Make one: touchmark bucket create NAME
    "#);
    insta::assert_snapshot!(cli.run("bucket list --json").await, @r#"
    exit 0
    stdout:
    []
    "#);
    insta::assert_snapshot!(cli.run("bucket create debian").await, @r#"
    exit 0
    stdout:
    Bucket debian was created.
    stderr:
    Next: touchmark channel create debian:production
    "#);
    insta::assert_snapshot!(cli.run("bucket show debian").await, @r#"
    exit 0
    stdout:
    Bucket:    debian
    Latest:    none is complete yet
    Versions:  0
    Created:   <time>
    Changed:   <time>

    CHANNEL  VERSION  STATUS  SINCE
    latest   -        -       <time>
    "#);
}

#[tokio::test]
async fn a_bucket_is_created_changed_and_deleted() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("bucket create debian --label team=platform --label tier=base --dry-run").await, @r#"
    exit 0
    stdout:
    PUT /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets
    {
      "labels": {
        "team": "platform",
        "tier": "base"
      },
      "name": "debian"
    }
    "#);
    insta::assert_snapshot!(cli.run("bucket create debian --description Base --label team=platform --label a=b=c").await, @r#"
    exit 0
    stdout:
    Bucket debian was created.
    stderr:
    Next: touchmark channel create debian:production
    "#);
    insta::assert_snapshot!(cli.run("bucket create debian").await, @r#"
    exit 6
    stderr:
    touchmark: bucket with identifier debian already exists
      touchmark bucket show debian
    "#);
    insta::assert_snapshot!(cli.run("bucket update debian").await, @r#"
    exit 2
    stderr:
    touchmark: nothing is to be changed
      name it with --description, --label or --remove-label
    "#);
    insta::assert_snapshot!(cli.run("bucket update debian --label tier=base --remove-label team --dry-run").await, @r#"
    exit 0
    stdout:
    PATCH /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets/debian
    {
      "labels": {
        "a": "b=c",
        "tier": "base"
      },
      "platforms": null
    }
    "#);
    insta::assert_snapshot!(cli.run("bucket update debian --label tier=base --remove-label team").await, @r#"
    exit 0
    stdout:
    Bucket debian was changed.
    "#);
    insta::assert_snapshot!(cli.run("bucket update debian --description=").await, @r#"
    exit 0
    stdout:
    Bucket debian was changed.
    "#);
    insta::assert_snapshot!(cli.run("bucket show debian --json=description,labels").await, @r#"
    exit 0
    stdout:
    {
      "description": "",
      "labels": {
        "a": "b=c",
        "tier": "base"
      }
    }
    "#);
    insta::assert_snapshot!(cli.run("bucket delete debian").await, @r#"
    exit 2
    stderr:
    touchmark: delete bucket debian with its 0 versions needs a confirmation
      add --yes
    "#);
    insta::assert_snapshot!(cli.run("bucket delete debian --dry-run").await, @r#"
    exit 0
    stdout:
    DELETE /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets/debian
    "#);
    insta::assert_snapshot!(cli.run("bucket delete debian --yes").await, @r#"
    exit 0
    stdout:
    Bucket debian was deleted.
    "#);
    insta::assert_snapshot!(cli.run("bucket delete debian --yes").await, @r#"
    exit 5
    stderr:
    touchmark: bucket with identifier debian does not exist
      touchmark bucket list
    "#);
}

#[tokio::test]
async fn what_does_not_exist_or_makes_no_sense_is_refused() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("bucket show nowhere").await, @r#"
    exit 5
    stderr:
    touchmark: bucket with identifier nowhere does not exist
      touchmark bucket list
    "#);
    insta::assert_snapshot!(cli.run("bucket update nowhere --description x").await, @r#"
    exit 5
    stderr:
    touchmark: bucket with identifier nowhere does not exist
      touchmark bucket list
    "#);
    insta::assert_snapshot!(cli.run("bucket create a/b").await, @r#"
    exit 1
    stderr:
    touchmark: name: must be 1 to 128 letters, digits, '.', '_' or '-' and begin with a letter or digit
    "#);
    insta::assert_snapshot!(cli.run("bucket create debian --label team").await, @r#"
    exit 2
    stderr:
    error: invalid value 'team' for '--label <KEY=VALUE>': a label has the form KEY=VALUE

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(cli.run("bucket list --json=nam").await, @r#"
    exit 2
    stdout:
    [
      {
        "nam": null
      },
      {
        "nam": null
      }
    ]
    stderr:
    touchmark: the result has no field "nam"; it has children, created_at, description, id, labels, latest_version, location, name, parents, platforms, resource_name, updated_at, version_count
    "#);
}
