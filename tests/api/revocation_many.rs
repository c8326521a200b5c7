//! Revoking many versions at once: all or nothing, and the same as one by one.

use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

use touchmark_client::Page;
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Client, EventFilter, Part, Story as _, TestServer, refusal,
    wire::{
        revocation::RevocationBody,
        version::{UpdateVersionBody, VersionStatus::Active},
    },
};

use crate::{
    kit::{Steps as _, later, restore, revoke_in},
    revocation_preview::named,
};

/// Three buckets, each built from the one before; channels hold and held their versions.
async fn family(server: &TestServer) -> Client {
    let admin = server.admin();
    for bucket in ["base", "mid", "top"] {
        admin.bucket(bucket).await;
    }
    let first = admin.complete("base", "b1").await;
    // Of two from which a version inherits the older one counts.
    server.advance(Duration::from_secs(1));
    let second = admin.complete("base", "b2").await;
    server.advance(Duration::from_secs(1));
    admin.complete("base", "b3").await;
    admin.child("mid", "m1", &first, "").await;
    let mid = admin.child("mid", "m2", &second, "").await;
    admin.child("top", "t", &mid, "").await;
    for (bucket, channel, held) in [
        ("base", "prod", &["b1", "b2", "b3"][..]),
        ("base", "dev", &["b2"]),
        ("mid", "prod", &["m1", "m2"]),
        ("top", "prod", &["t"]),
    ] {
        admin.channel(bucket, channel, "").await;
        for fingerprint in held {
            admin.assign(bucket, channel, fingerprint).await;
        }
    }
    later(server, Duration::from_mins(1))
}

/// Everything that a revocation can change, as callers see it, but for times.
async fn look(client: &Client) -> String {
    let mut seen = String::new();
    for bucket in ["base", "mid", "top"] {
        let versions = client.list_versions(bucket, &Page::default()).await;
        for version in versions.expect("versions").versions {
            let from = version.revocation_inherited_from;
            let from = from
                .map(|from| from.version_fingerprint)
                .unwrap_or_default();
            writeln!(
                seen,
                "{bucket}/{} {} {} {:?} {:?} {from}",
                version.fingerprint,
                version.status,
                version.revocation_type,
                version.revocation_author,
                version.revocation_message,
            )
            .expect("a text grows");
        }
        let channels = client.list_channels(bucket).await;
        for channel in channels.expect("channels").channels {
            let history = client.history(bucket, &channel.name).await;
            writeln!(seen, "{bucket}/{} {history:?}", channel.name).expect("a text grows");
        }
        let shown = client.see_bucket(bucket).await;
        writeln!(seen, "{bucket} {:?}", shown.platforms).expect("a text grows");
    }
    seen
}

/// Every event by action and resource, sorted.
async fn events(client: &Client) -> Vec<String> {
    let part = Part {
        size: Some(1_000),
        ..Part::default()
    };
    let page = client.own().events(&EventFilter::default(), &part).await;
    let line = |event: touchmark_tests::wire::own::Event| {
        format!(
            "{} {} {}",
            event.actor.name, event.action, event.resource.name
        )
    };
    let mut events: Vec<String> = page.expect("events").events.into_iter().map(line).collect();
    events.sort();
    events
}

const TARGETS: [&str; 3] = ["base/b2", "base/b3", "mid/m2"];

/// The same families in two registries: one revokes by `UpdateVersion`, those who descend from others first, the
/// other at once.
async fn equal(how: UpdateVersionBody, many: RevocationBody, wait: Duration) {
    let (one, all) = (TestServer::start().await, TestServer::start().await);
    let (client, other) = (family(&one).await, family(&all).await);
    for (bucket, fingerprint) in [("mid", "m2"), ("base", "b2"), ("base", "b3")] {
        client.decide(bucket, fingerprint, &how).await;
    }
    let done = other.own().revoke_many("", &many).await;
    assert_eq!(done.expect("a revocation").targets.len(), 3);
    assert_eq!(look(&client).await, look(&other).await);
    assert_eq!(events(&client).await, events(&other).await);
    if !wait.is_zero() {
        let (client, other) = (later(&one, wait), later(&all, wait));
        assert_eq!(one.run_jobs().await, all.run_jobs().await);
        assert_eq!(look(&client).await, look(&other).await);
        assert_eq!(events(&client).await, events(&other).await);
    }
    // What is restored later is the same as well.
    let (client, other) = (one.admin(), all.admin());
    for client in [&client, &other] {
        client.decide("base", "b2", &restore()).await;
        client.decide("mid", "m2", &restore()).await;
    }
    assert_eq!(look(&client).await, look(&other).await);
}

#[tokio::test]
async fn at_once_is_as_one_by_one() {
    let how = UpdateVersionBody {
        revocation_message: "bad".into(),
        ..revoke_in("0s")
    };
    let many = RevocationBody {
        message: Some("bad".into()),
        ..named(&TARGETS)
    };
    equal(how, many, Duration::ZERO).await;
}

#[tokio::test]
async fn at_once_is_as_one_by_one_where_descendants_and_channels_are_spared() {
    let how = UpdateVersionBody {
        skip_descendants_revocation: true,
        disable_rollback_channels: true,
        ..revoke_in("0s")
    };
    let many = RevocationBody {
        skip_descendants: Some(true),
        disable_rollback: Some(true),
        ..named(&TARGETS)
    };
    equal(how, many, Duration::ZERO).await;
}

#[tokio::test]
async fn at_once_is_as_one_by_one_where_it_is_to_come() {
    let many = RevocationBody {
        revoke_in: Some("1h".into()),
        ..named(&TARGETS)
    };
    equal(revoke_in("1h"), many, Duration::from_hours(1)).await;
}

#[tokio::test]
async fn one_that_is_refused_refuses_all() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    admin.decide("base", "b3", &revoke_in("0s")).await;
    let before = (look(&admin).await, events(&admin).await);
    let base = admin.see_bucket("base").await.id;
    let keeper = server
        .principal("keeper", Scope::Bucket(base), Role::Contributor)
        .await;
    let mut seen = Vec::new();
    for (client, body) in [
        (&admin, named(&["mid/m2", "base/b3"])),
        (&admin, named(&["mid/m2", "base/none"])),
        (&keeper, named(&["base/b2", "mid/m2"])),
    ] {
        seen.push(refusal(client.own().revoke_many("", &body).await));
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    400/9 version b3 of bucket base is revoked: restore it first
    404/5 version with identifier none of bucket base does not exist
    403/7 permission denied: to change channels, revoke or delete takes the role contributor, the caller has none; an admin can grant it
    ");
    let events = events(&admin).await;
    let here = |event: &&String| !event.contains("principal.");
    let (was, is): (Vec<_>, Vec<_>) = (
        before.1.iter().filter(here).collect(),
        events.iter().filter(here).collect(),
    );
    assert_eq!(was, is);
    assert_eq!(look(&admin).await, before.0);
}

#[tokio::test]
async fn who_does_not_decide_sees_nothing_and_changes_nothing() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let mut seen = BTreeSet::new();
    for client in [server.viewer().await, server.builder().await] {
        for body in [
            named(&["base/b1"]),
            RevocationBody {
                bucket: Some("base".into()),
                ..RevocationBody::default()
            },
            RevocationBody {
                artifacts: Some(vec!["b1".into()]),
                ..RevocationBody::default()
            },
        ] {
            seen.insert(refusal(client.own().preview_revocation("", &body).await));
            seen.insert(refusal(client.own().revoke_many("", &body).await));
        }
    }
    insta::assert_snapshot!(seen.into_iter().collect::<Vec<_>>().join("\n"), @"
    403/7 permission denied: to change channels, revoke or delete takes the role contributor, the caller has builder; an admin can grant it
    403/7 permission denied: to change channels, revoke or delete takes the role contributor, the caller has viewer; an admin can grant it
    ");
    assert_eq!(admin.look("base", "b1").await.status, Active);
    let decides = server.contributor().await;
    let done = decides.own().revoke_many("", &named(&["base/b1"])).await;
    assert_eq!(done.expect("a revocation").targets.len(), 1);
}
