//! The preview of a revocation of many versions: it changes nothing, and what it shows is what happens then.

use std::time::Duration;

use touchmark_tests::{
    Client, Story as _, TestServer, refusal,
    wire::{
        revocation::{ChannelFallback, NamedVersion, RevocationAnswer, RevocationBody, VersionKey},
        time::Timestamp,
        version::VersionStatus::{self, Active, RevocationScheduled, Revoked},
    },
};

use crate::kit::{Steps as _, later, revoke_in};

/// The versions of these names, `bucket/fingerprint` each.
pub(crate) fn named(names: &[&str]) -> RevocationBody {
    let key = |name: &&str| {
        let (bucket, fingerprint) = name.split_once('/').expect("a bucket and a fingerprint");
        VersionKey {
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

pub(crate) fn key(version: &NamedVersion) -> String {
    format!("{}/{}", version.bucket_name, version.fingerprint)
}

pub(crate) fn targets(answer: &RevocationAnswer) -> Vec<String> {
    let targets = answer.targets.iter();
    targets
        .map(|one| format!("{}/{}", one.bucket_name, one.fingerprint))
        .collect()
}

/// The moves as `bucket/channel: from → to`.
pub(crate) fn moves(answer: &RevocationAnswer) -> Vec<String> {
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
pub(crate) async fn moved(client: &Client, answer: &RevocationAnswer) {
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
    assert_eq!(seen.revoke_at.map(Timestamp::as_micros), Some(due));
    for one in &seen.channels {
        assert_eq!(one.when, seen.revoke_at, "{}", one.channel_name);
    }
    // The digest is the same a while later, though the moments are not.
    let admin = later(&server, Duration::from_mins(1));
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
