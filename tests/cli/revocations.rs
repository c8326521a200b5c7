//! `touchmark version revoke` and `restore`.

use crate::seed::seeded;

#[tokio::test]
async fn a_revocation_shows_first_what_it_touches() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 --message CVE-2026-1234 --dry-run").await, @"");
    insta::assert_snapshot!(cli.run("version revoke alpine:v3 --only --no-rollback --dry-run").await, @"");
    insta::assert_snapshot!(cli.run("version revoke alpine:v2").await, @"");
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 alpine:v3 --no-input").await, @"");
    insta::assert_snapshot!(cli.run("version list alpine --status revoked").await, @"");
}

#[tokio::test]
async fn a_version_is_revoked_with_its_descendants_and_restored() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 --message CVE-2026-1234 --yes --quiet").await, @"");
    insta::assert_snapshot!(cli.run("channel show alpine:production").await, @"");
    insta::assert_snapshot!(cli.run("version show web:v1").await, @"");
    insta::assert_snapshot!(cli.run("version revoke alpine:v1 alpine:v2 --yes --quiet").await, @"");
    insta::assert_snapshot!(cli.run("channel assign alpine:production v2").await, @"");
    insta::assert_snapshot!(cli.run("version restore alpine:v2 --dry-run").await, @"");
    insta::assert_snapshot!(cli.run("version restore alpine:v2").await, @"");
    insta::assert_snapshot!(cli.run("version list web").await, @"");
}

#[tokio::test]
async fn versions_are_revoked_later_or_alone() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("version revoke alpine:v1 alpine:nightly --in 30d --yes").await, @"");
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 --at 2026-12-31T18:00:00+01:00 --only --yes --json=name,status,revoke_at").await, @"");
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 --at tomorrow").await, @"");
    insta::assert_snapshot!(cli.run("version revoke alpine:v2 --at 2026-12-31T18:00:00Z --in 1h").await, @"");
    insta::assert_snapshot!(cli.run("version revoke alpine:v3 --in soon --yes").await, @"");
    insta::assert_snapshot!(cli.run("version revoke").await, @"");
}
