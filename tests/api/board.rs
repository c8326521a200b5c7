//! The outdated board: each reason as it comes about, and to whom it is told.

use std::{fmt::Write as _, time::Duration};

use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    BoardFilter, Client, Part, Story as _, TestServer, artifact, done, refusal,
    wire::{
        build::{BuildStatus, UpdateBuildBody},
        own::{BoardList, SetProjectFreshnessBody},
    },
};

use crate::kit::{
    Steps as _, binding, bucket_resource, is, later, masked, policy, revoke_in, service_principal,
    sign_in,
};

/// A day and a second: while the clock stands, each change is a microsecond after the one before.
pub(crate) const DAY: Duration = Duration::from_secs(86_401);

/// The whole board.
pub(crate) async fn board(client: &Client) -> BoardList {
    let (filter, part) = (BoardFilter::default(), Part::default());
    let answer = client.own().board(&filter, &part).await;
    answer.expect("a board")
}

/// A line for each bucket with its state, and one for each reason.
pub(crate) fn lines(board: &BoardList) -> String {
    let mut text = String::new();
    for bucket in &board.buckets {
        writeln!(text, "{} {}", bucket.state, bucket.bucket_name).expect("a text grows");
        for reason in &bucket.reasons {
            let (severity, kind) = (reason.severity, reason.kind);
            writeln!(text, "  {severity} {kind}: {}", reason.text).expect("a text grows");
        }
    }
    text
}

/// What the board says to this client.
pub(crate) async fn told(client: &Client) -> String {
    lines(&board(client).await)
}

#[tokio::test]
async fn channels_whose_versions_are_revoked_come_first() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for bucket in ["given", "soon", "emptied", "calm"] {
        admin.bucket(bucket).await;
        admin.complete(bucket, "one").await;
        admin.channel(bucket, "prod", "one").await;
    }
    admin.complete("given", "two").await;
    let mut body = revoke_in("0s");
    body.disable_rollback_channels = true;
    body.revocation_message = "CVE-1".into();
    admin.decide("given", "one", &body).await;
    admin.decide("soon", "one", &revoke_in("10d")).await;
    admin.decide("emptied", "one", &revoke_in("0s")).await;
    let found = board(&admin).await;
    assert_eq!(
        lines(&found),
        "act emptied
  act channel_emptied: prod hands out nothing since v1 was revoked
  act nothing_valid: every complete version is revoked
act soon
  act revocation_scheduled: latest hands out v1, which will be revoked
  act revocation_scheduled: prod hands out v1, which will be revoked
act given
  act channel_revoked: prod hands out v1, which is revoked: «CVE-1»
calm calm
"
    );
    let counts = found.counts;
    assert_eq!((counts.act, counts.calm, found.total), (3, 1, 4));
    let reason = &found.buckets[2].reasons[0];
    assert_eq!(reason.command, "touchmark channel rollback given:prod");
    assert_eq!(reason.page.channel_name, "prod");
    assert!(reason.since.is_some() && reason.due.is_none());
    assert!(found.buckets[1].reasons[0].due.is_some());
}

#[tokio::test]
async fn a_channel_that_somebody_cleared_is_no_reason() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    admin.complete("app", "one").await;
    admin.channel("app", "prod", "one").await;
    admin.channel("app", "new", "").await;
    admin.assign("app", "prod", "").await;
    assert_eq!(told(&admin).await, "calm app\n");
}

#[tokio::test]
async fn a_parent_that_has_moved_on_or_is_revoked_is_told() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("base").await;
    let one = admin.complete("base", "one").await;
    let prod = admin.channel("base", "prod", "one").await;
    admin.bucket("app").await;
    admin.child("app", "a", &one, &prod).await;
    assert_eq!(told(&admin).await, "calm app\ncalm base\n");
    admin.complete("base", "two").await;
    admin.assign("base", "prod", "two").await;
    let moved = "  behind parent_moved: built on base v1; its prod is v2\n";
    assert_eq!(
        told(&admin).await,
        format!("behind app\n{moved}calm base\n")
    );
    let mut body = revoke_in("0s");
    body.skip_descendants_revocation = true;
    admin.decide("base", "one", &body).await;
    let revoked = "parent_revoked: v1, built on base v1, which is revoked\n";
    assert_eq!(
        told(&admin).await,
        format!("behind app\n  behind {revoked}{moved}calm base\n")
    );
    admin.channel("app", "prod", "a").await;
    let revoked = revoked.replace("v1, built", "prod hands out v1, built");
    assert_eq!(
        told(&admin).await,
        format!("act app\n  act {revoked}{moved}calm base\n")
    );
    admin
        .delete_channel("base", "prod")
        .await
        .expect("a delete");
    assert_eq!(
        told(&admin).await,
        format!("act app\n  act {revoked}calm base\n")
    );
}

#[tokio::test]
async fn a_place_that_the_version_before_had_is_missed() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    for (fingerprint, regions) in [("one", &["eu", "us"][..]), ("two", &["us"])] {
        admin.version("app", fingerprint).await;
        let build = admin.build("app", fingerprint, "a").await;
        let artifacts = regions.iter().map(|region| artifact("ami", region));
        let body = UpdateBuildBody {
            artifacts: Some(artifacts.collect()),
            ..done("ami")
        };
        admin.tell(("app", fingerprint, &build), &body).await;
    }
    let text = "place_missing: aws eu is missing in v2 (v1 had it)";
    assert_eq!(told(&admin).await, format!("behind app\n  behind {text}\n"));
    admin.channel("app", "prod", "two").await;
    let found = board(&admin).await;
    assert_eq!(
        lines(&found),
        format!("act app\n  act {text}; prod gives v2\n")
    );
    let page = &found.buckets[0].reasons[0].page;
    assert_eq!(page.from_fingerprint, "one");
    assert_eq!(page.fingerprint, "two");
}

#[tokio::test]
async fn a_build_that_failed_or_hangs_is_told_until_a_version_is_complete() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    let nothing = "  unknown nothing_complete: nothing complete yet\n";
    assert_eq!(told(&admin).await, format!("unknown app\n{nothing}"));
    admin.complete("app", "one").await;
    admin.version("app", "two").await;
    let build = admin.build("app", "two", "a").await;
    let place = ("app", "two", build.as_str());
    admin.tell(place, &is(BuildStatus::Running)).await;
    assert_eq!(told(&admin).await, "calm app\n");
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    server.advance(minutes(14));
    admin.tell(place, &is(BuildStatus::Running)).await;
    server.advance(minutes(14));
    assert_eq!(told(&admin).await, "calm app\n");
    server.advance(minutes(2));
    let hangs = "behind app\n  behind build_hangs: the last build makes no progress (two)\n";
    assert_eq!(told(&admin).await, hangs);
    server.run_jobs().await;
    let failed = told(&admin).await;
    let start = "behind app\n  behind build_failed: the last build failed (two): «";
    assert!(failed.starts_with(start), "{failed}");
    admin.tell(place, &is(BuildStatus::Running)).await;
    assert_eq!(told(&admin).await, "calm app\n");
    admin.tell(place, &is(BuildStatus::Failed)).await;
    let failed = "behind app\n  behind build_failed: the last build failed (two)\n";
    assert_eq!(told(&admin).await, failed);
    admin.complete("app", "three").await;
    assert_eq!(told(&admin).await, "calm app\n");
    admin.version("app", "four").await;
    let admin = later(&server, DAY);
    assert_eq!(told(&admin).await, hangs.replace("two", "four"));
}

#[tokio::test]
async fn restricted_channels_are_told_to_those_who_see_them() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for bucket in ["app", "base"] {
        admin.bucket(bucket).await;
    }
    let one = admin.complete("base", "one").await;
    let prod = admin.channel("base", "prod", "one").await;
    admin.child("app", "a", &one, &prod).await;
    admin.complete("base", "two").await;
    admin.assign("base", "prod", "two").await;
    admin.channel("base", "secret", "one").await;
    for name in ["prod", "secret"] {
        let body = masked("restricted", "", true);
        let answer = admin.update_channel("base", name, &body).await;
        answer.expect("an update");
    }
    let lagging = SetProjectFreshnessBody {
        grace_seconds: Some(0),
        ..SetProjectFreshnessBody::default()
    };
    admin
        .own()
        .set_freshness("", &lagging)
        .await
        .expect("a rule");
    server.advance(Duration::from_secs(1));
    let base = "behind base\n  behind channel_lags: secret gives v1, 1 version behind v2\n";
    let app = "behind app\n  behind parent_moved: built on base v1; its prod is v2\n";
    assert_eq!(told(&admin).await, format!("{base}{app}"));
    assert_eq!(
        told(&server.contributor().await).await,
        format!("{base}{app}")
    );
    let hidden = "behind app\n  behind parent_moved: built on base v1, which has moved on\n";
    assert_eq!(
        told(&server.viewer().await).await,
        format!("{hidden}calm base\n")
    );
    // Who sees the restricted channels of one bucket does not learn of those of its parents.
    let parent = format!("organization/{}", server.project.organization_id);
    let id = service_principal(&admin, &parent, "stranger").await;
    let stranger = sign_in(&server, "stranger").await;
    let (filter, part) = (BoardFilter::default(), Part::default());
    let refused = refusal(stranger.own().board(&filter, &part).await);
    assert!(refused.starts_with("403"), "{refused}");
    let name = bucket_resource(&server, "app");
    let contributor = policy(vec![binding("roles/contributor", &[&id])]);
    let set = admin.set_iam_policy(&name, contributor).await;
    set.expect("a policy");
    assert_eq!(told(&stranger).await, hidden);
    let scope = Scope::Project(server.project.id.clone());
    let viewer = server.principal("both", scope, Role::Viewer).await;
    assert_eq!(told(&viewer).await, format!("{hidden}calm base\n"));
}
