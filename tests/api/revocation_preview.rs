//! The preview of a revocation of many versions: it changes nothing, and what it shows is what happens then.

use std::time::Duration;

use touchmark_tests::{
    Client, Story as _, TestServer, refusal,
    wire::{
        revocation::{ChannelFallback, NamedVersion, RevocationAnswer, RevocationBody},
        version::VersionStatus::{self, Active, RevocationScheduled, Revoked},
    },
};

use crate::{
    kit::{Steps as _, later, masked, revoke_in},
    revocation_inheritance::chain,
};

/// The versions of these names, `bucket/fingerprint` each.
pub(crate) fn named(names: &[&str]) -> RevocationBody {
    let key = |name: &&str| {
        let (bucket, fingerprint) = name.split_once('/').expect("a bucket and a fingerprint");
        touchmark_tests::wire::revocation::VersionKey {
            bucket: bucket.to_owned(),
            fingerprint: fingerprint.to_owned(),
        }
    };
    RevocationBody {
        versions: Some(names.iter().map(key).collect()),
        ..RevocationBody::default()
    }
}

pub(crate) async fn preview(client: &Client, body: &RevocationBody) -> RevocationAnswer {
    let answer = client.own().preview_revocation("", body).await;
    answer.expect("a preview")
}

/// Does what a preview showed.
pub(crate) async fn confirm(
    client: &Client,
    body: &RevocationBody,
    seen: &RevocationAnswer,
) -> RevocationAnswer {
    let body = RevocationBody {
        digest: Some(seen.digest.clone()),
        ..body.clone()
    };
    let answer = client.own().revoke_many("", &body).await;
    answer.expect("a revocation")
}

fn key(version: &NamedVersion) -> String {
    format!("{}/{}", version.bucket_name, version.fingerprint)
}

pub(crate) fn targets(answer: &RevocationAnswer) -> Vec<String> {
    let targets = answer.targets.iter();
    targets
        .map(|one| format!("{}/{}", one.bucket_name, one.fingerprint))
        .collect()
}

/// The moves as `bucket/channel: from → to`.
fn moves(answer: &RevocationAnswer) -> Vec<String> {
    let line = |one: &ChannelFallback| {
        let to = one.to.as_ref().map_or("-".to_owned(), key);
        format!(
            "{}/{}: {} → {to}",
            one.bucket_name,
            one.channel_name,
            key(&one.from)
        )
    };
    answer.channels.iter().map(line).collect()
}

/// Refuses unless each channel holds what the answer says that it goes to.
async fn moved(client: &Client, answer: &RevocationAnswer) {
    for one in &answer.channels {
        let held = client.held(&one.bucket_name, &one.channel_name).await;
        let to = one.to.as_ref();
        let to = to.map_or("", |version| version.fingerprint.as_str());
        assert_eq!(held, to, "{}/{}", one.bucket_name, one.channel_name);
    }
}

/// Bucket `alpine` with the complete versions `one` to `four`; `prod` held all of them in turn, `stage`
/// the last two, and `new` the last.
async fn alpine(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    for fingerprint in ["one", "two", "three", "four"] {
        admin.complete("alpine", fingerprint).await;
    }
    for (channel, held) in [
        ("prod", &["one", "two", "three", "four"][..]),
        ("stage", &["three", "four"]),
        ("new", &["four"]),
    ] {
        admin.channel("alpine", channel, "").await;
        for fingerprint in held {
            admin.assign("alpine", channel, fingerprint).await;
        }
    }
    admin
}

const TWO: [&str; 2] = ["alpine/three", "alpine/four"];

#[tokio::test]
async fn channels_fall_back_to_what_the_preview_shows_past_all_that_is_revoked() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let seen = preview(&admin, &named(&TWO)).await;
    assert_eq!(
        moves(&seen),
        [
            "alpine/latest: alpine/four → alpine/two",
            "alpine/new: alpine/four → -",
            "alpine/prod: alpine/four → alpine/two",
            "alpine/stage: alpine/four → -",
        ]
    );
    assert_eq!(targets(&seen), TWO);
    assert_eq!(seen.targets[1].channels, ["latest", "new", "prod", "stage"]);
    assert!(seen.targets[0].channels.is_empty());
    assert!(seen.targets.iter().all(|one| one.status == Active));
    assert_eq!(
        admin.held("alpine", "prod").await,
        "four",
        "nothing is done"
    );
    assert_eq!(preview(&admin, &named(&TWO)).await.digest, seen.digest);

    let done = confirm(&admin, &named(&TWO), &seen).await;
    assert_eq!(moves(&done), moves(&seen));
    assert!(done.targets.iter().all(|one| one.status == Revoked));
    moved(&admin, &seen).await;
    // Nothing was held in between.
    let history = admin.history("alpine", "prod").await;
    assert_eq!(history[..2], ["touchmark two", "admin four"]);
}

#[tokio::test]
async fn with_the_rollback_disabled_latest_alone_moves() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = RevocationBody {
        disable_rollback: Some(true),
        ..named(&TWO)
    };
    let seen = preview(&admin, &body).await;
    assert_eq!(moves(&seen), ["alpine/latest: alpine/four → alpine/two"]);
    assert!(seen.channels[0].managed && seen.channels[0].restricted);
    confirm(&admin, &body, &seen).await;
    moved(&admin, &seen).await;
    assert_eq!(admin.held("alpine", "prod").await, "four");
}

#[tokio::test]
async fn a_scheduled_revocation_moves_channels_when_it_is_due() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = RevocationBody {
        revoke_in: Some("1h".into()),
        ..named(&TWO)
    };
    let seen = preview(&admin, &body).await;
    let due = server.clock.now().micros() + 3_600_000_000;
    assert_eq!(seen.revoke_at.map(|at| at.as_micros()), Some(due));
    for one in &seen.channels {
        assert_eq!(one.when, seen.revoke_at, "{}", one.channel_name);
    }
    // The digest is the same a while later, though the moments are not.
    let admin = later(&server, Duration::from_secs(60));
    let done = confirm(&admin, &body, &seen).await;
    assert!(
        done.targets
            .iter()
            .all(|one| one.status == RevocationScheduled)
    );
    assert_eq!(admin.held("alpine", "prod").await, "four");
    assert_eq!(admin.held("alpine", "latest").await, "four");
    let admin = later(&server, Duration::from_hours(1));
    assert_eq!(server.run_jobs().await, 1);
    moved(&admin, &seen).await;
    // What is revoked at once is another thing to agree to.
    server.execute("DELETE FROM revocations");
    let at_once = preview(&admin, &named(&["alpine/one"])).await;
    let body = RevocationBody {
        revoke_in: Some("1h".into()),
        ..named(&["alpine/one"])
    };
    assert_ne!(preview(&admin, &body).await.digest, at_once.digest);
}

#[tokio::test]
async fn a_rollback_skips_what_is_revoked_or_will_be_for_other_reasons() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "two", &revoke_in("9d")).await;
    let seen = preview(&admin, &named(&["alpine/four", "alpine/three"])).await;
    assert_eq!(
        moves(&seen)[0..3],
        [
            "alpine/latest: alpine/four → alpine/two",
            "alpine/new: alpine/four → -",
            "alpine/prod: alpine/four → alpine/one",
        ]
    );
    confirm(&admin, &named(&TWO), &seen).await;
    moved(&admin, &seen).await;
}

#[tokio::test]
async fn descendants_are_shown_with_whom_they_inherit_from() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    for (bucket, fingerprint) in [("base", "b"), ("mid", "m"), ("top", "t")] {
        admin.channel(bucket, "prod", fingerprint).await;
    }
    let seen = preview(&admin, &named(&["base/b"])).await;
    let heirs: Vec<String> = seen
        .descendants
        .iter()
        .map(|one| {
            format!(
                "{}/{} of {}",
                one.bucket_name,
                one.fingerprint,
                key(&one.inherits_from)
            )
        })
        .collect();
    assert_eq!(heirs, ["mid/m of base/b", "top/t of base/b"]);
    assert_eq!(seen.channels.len(), 6, "prod and latest of each");
    let regions: Vec<&str> = seen
        .artifacts
        .iter()
        .map(|one| one.external_identifier.as_str())
        .collect();
    assert_eq!(regions, ["b", "m", "t"]);
    assert_eq!(seen.artifacts_total, 3);
    let done = confirm(&admin, &named(&["base/b"]), &seen).await;
    assert!(done.descendants.iter().all(|one| one.status == Revoked));
    moved(&admin, &seen).await;
    let inherited = admin.look("top", "t").await.revocation_inherited_from;
    assert_eq!(inherited.expect("a source").version_fingerprint, "b");
}

#[tokio::test]
async fn a_descendant_that_is_a_target_is_a_target() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    let body = named(&["base/b", "mid/m"]);
    let seen = preview(&admin, &body).await;
    assert_eq!(targets(&seen), ["base/b", "mid/m"]);
    assert_eq!(seen.descendants.len(), 1);
    assert_eq!(seen.descendants[0].fingerprint, "t");
    confirm(&admin, &body, &seen).await;
    let mid = admin.look("mid", "m").await;
    assert_eq!(mid.revocation_inherited_from, None, "it has its own");
    moved(&admin, &seen).await;
}

#[tokio::test]
async fn descendants_may_be_spared() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    // Schedules that they had inherited are gone with the one that this takes the place of.
    admin.decide("base", "b", &revoke_in("9d")).await;
    let body = RevocationBody {
        skip_descendants: Some(true),
        ..named(&["base/b"])
    };
    let seen = preview(&admin, &body).await;
    assert!(seen.descendants.is_empty());
    assert_eq!(seen.targets[0].status, RevocationScheduled);
    assert_eq!(moves(&seen), ["base/latest: base/b → -"]);
    confirm(&admin, &body, &seen).await;
    let status = async |bucket, fingerprint| admin.look(bucket, fingerprint).await.status;
    assert_eq!(status("base", "b").await, Revoked);
    assert_eq!(status("mid", "m").await, Active);
    assert_eq!(status("top", "t").await, Active);
}

#[tokio::test]
async fn a_fallback_may_be_a_version_whose_schedule_is_taken_back() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let one = admin.complete("alpine", "one").await;
    admin.child("alpine", "two", &one, "").await;
    admin.complete("alpine", "three").await;
    for fingerprint in ["two", "three"] {
        let channel = if fingerprint == "two" { "prod" } else { "" };
        if !channel.is_empty() {
            admin.channel("alpine", channel, fingerprint).await;
        }
    }
    admin.assign("alpine", "prod", "three").await;
    admin.decide("alpine", "one", &revoke_in("9d")).await;
    let both = ["alpine/one", "alpine/three"];
    // `two` inherits the schedule of `one`, and is no good while it does.
    let seen = preview(&admin, &named(&["alpine/three"])).await;
    assert_eq!(moves(&seen)[1], "alpine/prod: alpine/three → -");
    let body = RevocationBody {
        skip_descendants: Some(true),
        ..named(&both)
    };
    let seen = preview(&admin, &body).await;
    assert_eq!(moves(&seen)[1], "alpine/prod: alpine/three → alpine/two");
    confirm(&admin, &body, &seen).await;
    moved(&admin, &seen).await;
}

#[tokio::test]
async fn a_digest_is_stale_when_something_else_would_happen() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = named(&TWO);
    let seen = preview(&admin, &body).await;
    admin.assign("alpine", "stage", "one").await;
    let stale = RevocationBody {
        digest: Some(seen.digest.clone()),
        ..body.clone()
    };
    insta::assert_snapshot!(
        refusal(admin.own().revoke_many("", &stale).await),
        @"409/10 what is selected, or what it touches, is not what the preview showed: preview it again"
    );
    assert_eq!(admin.look("alpine", "four").await.status, Active);
    // A new descendant, and a name that a version got, are something else as well.
    let seen = preview(&admin, &body).await;
    let four = admin.look("alpine", "four").await;
    admin.child("alpine", "five", &four, "").await;
    assert_ne!(preview(&admin, &body).await.digest, seen.digest);
    // What happens elsewhere is not.
    let seen = preview(&admin, &body).await;
    admin.bucket("other").await;
    admin.channel("alpine", "idle", "one").await;
    confirm(&admin, &body, &seen).await;
    moved(&admin, &seen).await;
}

#[tokio::test]
async fn a_restricted_channel_elsewhere_is_not_shown_to_whom_may_not_see_it() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.channel("mid", "hidden", "m").await;
    let restrict = masked("restricted", "", true);
    let restricted = admin.update_channel("mid", "hidden", &restrict).await;
    restricted.expect("a restricted channel");
    admin.channel("mid", "open", "m").await;
    let base = admin.see_bucket("base").await.id;
    let scope = touchmark_registry::store::principals::Scope::Bucket(base);
    let role = touchmark_registry::domain::role::Role::Contributor;
    let keeper = server.principal("keeper", scope, role).await;
    let seen = preview(&keeper, &named(&["base/b"])).await;
    assert_eq!(
        moves(&seen),
        ["base/latest: base/b → -", "mid/open: mid/m → -"]
    );
    confirm(&keeper, &named(&["base/b"]), &seen).await;
    assert_eq!(
        admin.held("mid", "hidden").await,
        "",
        "it moves all the same"
    );
    let other = named(&["mid/m"]);
    for refused in [
        keeper.own().preview_revocation("", &other).await,
        keeper.own().revoke_many("", &other).await,
    ] {
        assert!(refusal(refused).starts_with("403/7"));
    }
}

#[tokio::test]
async fn versions_that_are_not_complete_can_be_revoked_too() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "open").await;
    let seen = preview(&admin, &named(&["alpine/open"])).await;
    assert_eq!(seen.targets[0].status, VersionStatus::Running);
    assert_eq!(seen.targets[0].version_name, "v0");
    confirm(&admin, &named(&["alpine/open"]), &seen).await;
    assert_eq!(admin.look("alpine", "open").await.status, Revoked);
}
