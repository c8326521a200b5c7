//! `touchmark version`, but for its revocations.

use crate::seed::seeded;

#[tokio::test]
async fn versions_are_listed_and_shown() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version list alpine").await, @r#"
    exit 0
    stdout:
    NAME  FINGERPRINT  STATUS   CREATED               BUILDS  BY
    v0    nightly      running  <time>  1       admin
    v3    alpine-3     active   <time>  1       admin
    v2    alpine-2     active   <time>  1       admin
    v1    alpine-1     active   <time>  1       admin
    "#);
    insta::assert_snapshot!(cli.run("version list alpine --status running,failed --json=name,fingerprint,status").await, @r#"
    exit 0
    stdout:
    [
      {
        "fingerprint": "nightly",
        "name": "v0",
        "status": "VERSION_RUNNING"
      }
    ]
    "#);
    insta::assert_snapshot!(cli.run("version list alpine --status revoked").await, @r#"
    exit 0
    stdout:
    None of its 4 versions is like that: touchmark version list alpine
    "#);
    insta::assert_snapshot!(cli.run("version show alpine:v2").await, @r#"
    exit 0
    stdout:
    Version:      alpine:v2 (alpine-2)
    Status:       active
    Channels:     production
    Created:      <time>
    By:           admin
    Descendants:  yes

    Build:     amazon-ebs.base
    Status:    done
    Platform:  aws
    Source:    ami-50000000000000002
    Labels:    os=alpine, release=3.2
    Changed:   <time>

    PLATFORM  REGION        COMPONENT        ARTIFACT
    aws       us-east-1     amazon-ebs.base  ami-0a1b2c3d4e5f60002
    aws       eu-central-1  amazon-ebs.base  ami-1a1b2c3d4e5f60002
    "#);
    insta::assert_snapshot!(cli.run("version show alpine:nightly").await, @r#"
    exit 0
    stdout:
    Version:  alpine:nightly
    Status:   running
    Created:  <time>
    By:       admin

    Build:    amazon-ebs.base
    Status:   running
    Changed:  <time>

    It has no artifacts.
    "#);
    insta::assert_snapshot!(cli.run("version show web:web-1").await, @r#"
    exit 0
    stdout:
    Version:     web:v1 (web-1)
    Status:      active
    Channels:    latest
    Created:     <time>
    By:          admin
    Built from:  alpine:v2, of channel production

    Build:     amazon-ebs.base
    Status:    done
    Platform:  aws
    Source:    alpine-2
    Changed:   <time>

    PLATFORM  REGION     COMPONENT        ARTIFACT
    aws       us-east-1  amazon-ebs.base  web-1
    "#);
    cli.run("bucket create debian").await;
    insta::assert_snapshot!(cli.run("version list debian").await, @r#"
    exit 0
    stdout:
    There are no versions yet. Make one: touchmark build --bucket debian TEMPLATE
    "#);
    insta::assert_snapshot!(cli.run("version list alpine --status good").await, @r#"
    exit 2
    stderr:
    error: invalid value 'good' for '--status <STATUS>'
      [possible values: active, revoked, revocation-scheduled, running, failed, cancelled, incomplete]

    For more information, try '--help'.
    "#);
}

#[tokio::test]
async fn versions_are_compared() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version diff alpine:v1 alpine:v2").await, @r#"
    exit 0
    stdout:
    alpine:v1 (alpine-1) -> alpine:v2 (alpine-2)

    Artifacts
      + amazon-ebs.base aws/eu-central-1: ami-1a1b2c3d4e5f60002
      - amazon-ebs.base aws/eu-west-1: ami-1a1b2c3d4e5f60001
      ~ amazon-ebs.base aws/us-east-1: ami-0a1b2c3d4e5f60001 -> ami-0a1b2c3d4e5f60002

    Labels
      ~ amazon-ebs.base release: 3.1 -> 3.2

    Source images
      ~ amazon-ebs.base: ami-50000000000000001 -> ami-50000000000000002
    stderr:
    alpine:v1 (alpine-1) has no SBOM: packages are not compared
    "#);
    insta::assert_snapshot!(cli.run("version diff alpine:v2 alpine:alpine-3 --exit-code").await, @r#"
    exit 1
    stdout:
    alpine:v2 (alpine-2) -> alpine:v3 (alpine-3)

    Artifacts
      ~ amazon-ebs.base aws/eu-central-1: ami-1a1b2c3d4e5f60002 -> ami-1a1b2c3d4e5f60003
      ~ amazon-ebs.base aws/us-east-1: ami-0a1b2c3d4e5f60002 -> ami-0a1b2c3d4e5f60003

    Labels
      ~ amazon-ebs.base release: 3.2 -> 3.3

    Source images
      ~ amazon-ebs.base: ami-50000000000000002 -> ami-50000000000000003

    Packages
      ~ openssl: 3.3.2 -> 3.3.3
    "#);
    insta::assert_snapshot!(cli.run("version diff alpine:v2 alpine:v2 --exit-code").await, @r#"
    exit 0
    stdout:
    alpine:v2 (alpine-2) -> alpine:v2 (alpine-2)
    They do not differ.
    "#);
    insta::assert_snapshot!(cli.run("version diff alpine:v2 alpine:v3 --json=different,packages,sources").await, @r#"
    exit 0
    stdout:
    {
      "different": true,
      "packages": [
        {
          "from": "3.3.2",
          "name": "openssl",
          "to": "3.3.3"
        }
      ],
      "sources": [
        {
          "from": "ami-50000000000000002",
          "name": "amazon-ebs.base",
          "to": "ami-50000000000000003"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(cli.run("version diff alpine:v2 web:v1").await, @r#"
    exit 0
    stdout:
    alpine:v2 (alpine-2) -> web:v1 (web-1)

    Artifacts
      - amazon-ebs.base aws/eu-central-1: ami-1a1b2c3d4e5f60002
      ~ amazon-ebs.base aws/us-east-1: ami-0a1b2c3d4e5f60002 -> web-1

    Labels
      - amazon-ebs.base os: alpine
      - amazon-ebs.base release: 3.2

    Source images
      ~ amazon-ebs.base: ami-50000000000000002 -> alpine-2
    stderr:
    web:v1 (web-1) has no SBOM: packages are not compared
    "#);
}

#[tokio::test]
async fn a_version_is_deleted() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version delete alpine:v1").await, @r#"
    exit 2
    stderr:
    touchmark: delete alpine:v1 (alpine-1) needs a confirmation
      add --yes
    "#);
    insta::assert_snapshot!(cli.run("version delete alpine:v1 --roll-back --dry-run").await, @r#"
    exit 0
    stdout:
    DELETE /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets/alpine/versions/alpine-1?rollback_channels=true
    "#);
    insta::assert_snapshot!(cli.run("version delete alpine:v1 --yes").await, @r#"
    exit 0
    stdout:
    alpine:v1 (alpine-1) was deleted.
    "#);
    insta::assert_snapshot!(cli.run("version delete alpine:v3 --yes").await, @r#"
    exit 1
    stderr:
    touchmark: version alpine-3 is assigned to: staging; assign them elsewhere first, or pass rollback_channels
      add --roll-back to move channels back to what they held before
    "#);
    insta::assert_snapshot!(cli.run("version delete alpine:v3 --roll-back --yes").await, @r#"
    exit 0
    stdout:
    alpine:v3 (alpine-3) was deleted.
    "#);
}

#[tokio::test]
async fn versions_that_do_not_exist_are_not_found() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version list nowhere").await, @r#"
    exit 5
    stderr:
    touchmark: bucket with identifier nowhere does not exist
      touchmark bucket list
    "#);
    insta::assert_snapshot!(cli.run("version show alpine:v9").await, @r#"
    exit 5
    stderr:
    touchmark: version v9 does not exist in bucket alpine
      touchmark version list alpine
    "#);
    insta::assert_snapshot!(cli.run("version show alpine:other").await, @r#"
    exit 5
    stderr:
    touchmark: version other does not exist in bucket alpine
      touchmark version list alpine
    "#);
    insta::assert_snapshot!(cli.run("version show nowhere:v1").await, @r#"
    exit 5
    stderr:
    touchmark: bucket with identifier nowhere does not exist
      touchmark bucket list
    "#);
    insta::assert_snapshot!(cli.run("version show nowhere:other").await, @r#"
    exit 5
    stderr:
    touchmark: bucket with identifier nowhere does not exist
      touchmark bucket list
    "#);
    insta::assert_snapshot!(cli.run("version diff alpine:v1 alpine:v9").await, @r#"
    exit 5
    stderr:
    touchmark: version v9 does not exist in bucket alpine
      touchmark version list alpine
    "#);
    insta::assert_snapshot!(cli.run("version restore alpine:v1").await, @r#"
    exit 1
    stderr:
    touchmark: version alpine-1 is neither revoked nor scheduled to be
    "#);
}
