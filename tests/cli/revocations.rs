//! `touchmark version revoke` and `restore`.

use crate::seed::seeded;

#[tokio::test]
async fn a_revocation_shows_first_what_it_touches() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 --message CVE-2026-1234 --dry-run").await, @r#"
    exit 0
    stdout:
    POST /api/v1/revocations
    {
      "digest": "<digest>",
      "message": "CVE-2026-1234",
      "versions": [
        {
          "bucket": "alpine",
          "fingerprint": "alpine-2"
        }
      ]
    }
    stderr:
    alpine:v2 (alpine-2) is going to be revoked:
      channel alpine:production falls back to v1
      channel web:latest holds nothing then
      web:v1 is revoked too: it was built from alpine:v2
      artifacts on aws: eu-central-1, us-east-1
    "#);
    insta::assert_snapshot!(cli.run("version revoke alpine:v3 --only --no-rollback --dry-run").await, @r#"
    exit 0
    stdout:
    POST /api/v1/revocations
    {
      "digest": "<digest>",
      "disable_rollback": true,
      "skip_descendants": true,
      "versions": [
        {
          "bucket": "alpine",
          "fingerprint": "alpine-3"
        }
      ]
    }
    stderr:
    alpine:v3 (alpine-3) is going to be revoked:
      channel alpine:latest falls back to v2
      other channels keep what they hold
      what was built from it stays valid
      artifacts on aws: eu-central-1, us-east-1
    "#);
    insta::assert_snapshot!(cli.run("version revoke alpine:v2").await, @r#"
    exit 2
    stderr:
    alpine:v2 (alpine-2) is going to be revoked:
      channel alpine:production falls back to v1
      channel web:latest holds nothing then
      web:v1 is revoked too: it was built from alpine:v2
      artifacts on aws: eu-central-1, us-east-1
    touchmark: revoke alpine:v2 (alpine-2) needs a confirmation
      add --yes
    "#);
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 alpine:v3 --no-input").await, @r#"
    exit 2
    stderr:
    alpine:v2 (alpine-2) is going to be revoked:
    alpine:v3 (alpine-3) is going to be revoked:
      channel alpine:latest falls back to v1
      channel alpine:production falls back to v1
      channel alpine:staging holds nothing then
      channel web:latest holds nothing then
      web:v1 is revoked too: it was built from alpine:v2
      artifacts on aws: eu-central-1, us-east-1
    touchmark: revoke 2 versions needs a confirmation
      add --yes
    "#);
    insta::assert_snapshot!(cli.run("version list alpine --status revoked").await, @r#"
    exit 0
    stdout:
    None of its 4 versions is like that: touchmark version list alpine
    "#);
}

#[tokio::test]
async fn a_version_is_revoked_with_its_descendants_and_restored() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 --message CVE-2026-1234 --yes --quiet").await, @r#"
    exit 0
    stdout:
    VERSION    FINGERPRINT  STATUS   AT                    BECAUSE OF
    alpine:v2  alpine-2     revoked  <time>  -
    web:v1     web-1        revoked  <time>  alpine:v2
    "#);
    insta::assert_snapshot!(cli.run("channel show alpine:production").await, @r#"
    exit 0
    stdout:
    Channel:  alpine:production
    Version:  v1 (alpine-1)
    Status:   active
    Changed:  <time>
    By:       touchmark

    PLATFORM  REGION     COMPONENT        ARTIFACT
    aws       us-east-1  amazon-ebs.base  ami-0a1b2c3d4e5f60001
    aws       eu-west-1  amazon-ebs.base  ami-1a1b2c3d4e5f60001
    "#);
    insta::assert_snapshot!(cli.run("version show web:v1").await, @r#"
    exit 0
    stdout:
    Version:     web:v1 (web-1)
    Status:      revoked
    Revocation:  <time> by admin, inherited from alpine:v2: CVE-2026-1234
    Created:     <time>
    By:          admin
    Built from:  alpine:v2, of channel production, which holds v1 now

    Build:     amazon-ebs.base
    Status:    done
    Platform:  aws
    Source:    alpine-2
    Changed:   <time>

    PLATFORM  REGION     COMPONENT        ARTIFACT
    aws       us-east-1  amazon-ebs.base  web-1
    "#);
    insta::assert_snapshot!(cli.run("version revoke alpine:v1 alpine:v2 --yes --quiet").await, @r#"
    exit 1
    stderr:
    touchmark: version alpine-2 of bucket alpine is revoked: restore it first
    "#);
    insta::assert_snapshot!(cli.run("channel assign alpine:production v2").await, @r#"
    exit 3
    stderr:
    touchmark: version v2 (alpine-2) is revoked
      touchmark version list alpine --status active
    "#);
    insta::assert_snapshot!(cli.run("version restore alpine:v2 --dry-run").await, @r#"
    exit 0
    stdout:
    PATCH /packer/2023-01-01/organizations/<uuid>/projects/<uuid>/buckets/alpine/versions/alpine-2
    {
      "restore": true,
      "revoke_at": "<time>"
    }
    "#);
    insta::assert_snapshot!(cli.run("version restore alpine:v2").await, @r#"
    exit 0
    stdout:
    alpine:v2 (alpine-2) was restored; it is active.
    "#);
    insta::assert_snapshot!(cli.run("version list web").await, @r#"
    exit 0
    stdout:
    NAME  FINGERPRINT  STATUS  CREATED               BUILDS  BY
    v1    web-1        active  <time>  1       admin
    "#);
}

#[tokio::test]
async fn versions_are_revoked_later_or_alone() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version revoke alpine:v1 alpine:nightly --in 30d --yes").await, @r#"
    exit 0
    stdout:
    VERSION    FINGERPRINT  STATUS                AT                    BECAUSE OF
    alpine:v1  alpine-1     revocation scheduled  <time>  -
    alpine:v0  nightly      revocation scheduled  <time>  -
    stderr:
    alpine:v1 (alpine-1) is going to be revoked:
    alpine:nightly is going to be revoked:
      artifacts on aws: eu-west-1, us-east-1
    "#);
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 --at 2026-12-31T18:00:00+01:00 --only --yes --json=targets,revoke_at").await, @r#"
    exit 0
    stdout:
    {
      "revoke_at": "<time>",
      "targets": [
        {
          "bucket_name": "alpine",
          "channels": [
            "production"
          ],
          "fingerprint": "alpine-2",
          "id": "<ulid>",
          "status": "VERSION_REVOCATION_SCHEDULED",
          "version_name": "v2"
        }
      ]
    }
    stderr:
    alpine:v2 (alpine-2) is going to be revoked:
      channel alpine:production holds nothing then
      what was built from it stays valid
      artifacts on aws: eu-central-1, us-east-1
    "#);
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 --at tomorrow").await, @r#"
    exit 2
    stderr:
    error: invalid value 'tomorrow' for '--at <TIME>': premature end of input; as in <time>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 --at 2026-12-31T18:00:00Z --in 1h").await, @r#"
    exit 2
    stderr:
    error: the argument '--at <TIME>' cannot be used with '--in <DURATION>'

    Usage: touchmark version revoke --at <TIME> <BUCKET:VERSION>...

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(cli.run("version revoke alpine:v3 --in soon --yes").await, @r#"
    exit 1
    stderr:
    touchmark: body.revoke_in: must be a span such as 30d, 12h, 1.5h or 2h45m (units d, h, m, s)
    "#);
    insta::assert_snapshot!(cli.run("version revoke").await, @r#"
    exit 2
    stderr:
    error: the following required arguments were not provided:
      <BUCKET:VERSION>...

    Usage: touchmark version revoke <BUCKET:VERSION>...

    For more information, try '--help'.
    "#);
}

#[tokio::test]
async fn many_are_revoked_at_once_by_what_they_have_in_common() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version revoke --artifact ami-0a1b2c3d4e5f60001 --artifact ami-0a1b2c3d4e5f60003 --dry-run").await, @r#"
    exit 0
    stdout:
    POST /api/v1/revocations
    {
      "artifacts": [
        "ami-0a1b2c3d4e5f60001",
        "ami-0a1b2c3d4e5f60003"
      ],
      "digest": "<digest>"
    }
    stderr:
    alpine:v1 (alpine-1) is going to be revoked:
    alpine:v3 (alpine-3) is going to be revoked:
      channel alpine:latest falls back to v2
      channel alpine:staging holds nothing then
      artifacts on aws: eu-central-1, eu-west-1, us-east-1
    "#);
    insta::assert_snapshot!(cli.run("version revoke --label release=3.3 --message old --yes").await, @r#"
    exit 0
    stdout:
    VERSION    FINGERPRINT  STATUS   AT                    BECAUSE OF
    alpine:v3  alpine-3     revoked  <time>  -
    stderr:
    alpine:v3 (alpine-3) is going to be revoked:
      channel alpine:latest falls back to v2
      channel alpine:staging holds nothing then
      artifacts on aws: eu-central-1, us-east-1
    "#);
    insta::assert_snapshot!(cli.run("version revoke --bucket alpine --yes --json=targets,skipped_total --quiet").await, @r#"
    exit 0
    stdout:
    {
      "skipped_total": 1,
      "targets": [
        {
          "bucket_name": "alpine",
          "channels": [],
          "fingerprint": "alpine-1",
          "id": "<ulid>",
          "status": "VERSION_REVOKED",
          "version_name": "v1"
        },
        {
          "bucket_name": "alpine",
          "channels": [
            "latest",
            "production"
          ],
          "fingerprint": "alpine-2",
          "id": "<ulid>",
          "status": "VERSION_REVOKED",
          "version_name": "v2"
        },
        {
          "bucket_name": "alpine",
          "channels": [],
          "fingerprint": "nightly",
          "id": "<ulid>",
          "status": "VERSION_REVOKED",
          "version_name": "v0"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(cli.run("version revoke --bucket alpine --yes").await, @r#"
    exit 0
    stdout:
    Nothing is revoked: no version is like that.
    stderr:
      alpine:v1 is revoked already
      alpine:v2 is revoked already
      alpine:v3 is revoked already
      alpine:nightly is revoked already
    "#);
    insta::assert_snapshot!(cli.run("version revoke --bucket alpine --older-than 90d --yes").await, @r#"
    exit 0
    stdout:
    Nothing is revoked: no version is like that.
    "#);
    insta::assert_snapshot!(cli.run("version revoke --older-than 90d --yes").await, @r#"
    exit 2
    stderr:
    error: the following required arguments were not provided:
      <BUCKET:VERSION>...

    Usage: touchmark version revoke --older-than <DURATION> --yes <BUCKET:VERSION>...

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(cli.run("version revoke --artifact ami-none --yes").await, @r#"
    exit 5
    stderr:
    touchmark: artifact with identifier ami-none does not exist
    "#);
}
