//! Revocations that descendants inherit, in whatever bucket.

use std::time::Duration;

use VersionStatus::{Active, RevocationScheduled, Revoked};
use touchmark_tests::{
    Client, Story, TestServer, done, refusal,
    wire::{
        build::UpdateBuildBody,
        version::{RevocationType, UpdateVersionBody, Version, VersionStatus},
    },
};

use crate::kit::{Steps as _, later, restore, revoke_in};

/// `base/b` is the parent of `mid/m`, and that of `top/t`.
pub(crate) async fn chain(server: &TestServer) -> Client {
    let admin = server.admin();
    for bucket in ["base", "mid", "top"] {
        admin.bucket(bucket).await;
    }
    let base = admin.complete("base", "b").await;
    let mid = admin.child("mid", "m", &base, "").await;
    admin.child("top", "t", &mid, "").await;
    admin
}

async fn statuses(client: &Client) -> [VersionStatus; 3] {
    [
        client.look("base", "b").await.status,
        client.look("mid", "m").await.status,
        client.look("top", "t").await.status,
    ]
}

/// A build of `fingerprint` in `bucket` that records several parents, one by one, in builds of its own.
async fn of_parents(client: &Client, bucket: &str, fingerprint: &str, parents: &[&Version]) {
    client.version(bucket, fingerprint).await;
    let mut builds = Vec::new();
    for parent in parents {
        builds.push(client.build(bucket, fingerprint, &parent.id).await);
    }
    for (build, parent) in builds.iter().zip(parents) {
        let body = UpdateBuildBody {
            parent_version_id: parent.id.clone(),
            ..done(fingerprint)
        };
        client.tell((bucket, fingerprint, build), &body).await;
    }
}

#[tokio::test]
async fn descendants_inherit_across_buckets() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    let body = UpdateVersionBody {
        revocation_message: "bad".into(),
        ..revoke_in("0s")
    };
    admin.decide("base", "b", &body).await;
    assert_eq!(statuses(&admin).await, [Revoked; 3]);
    let base = admin.look("base", "b").await;
    for (bucket, fingerprint) in [("mid", "m"), ("top", "t")] {
        let version = admin.look(bucket, fingerprint).await;
        assert_eq!(version.revocation_type, RevocationType::Inherited);
        assert_eq!(version.revocation_message, "bad");
        assert_eq!(version.revocation_author, "admin");
        assert_eq!(version.revoke_at, base.revoke_at);
        let from = version.revocation_inherited_from.expect("an ancestor");
        assert_eq!(
            [
                from.bucket_name,
                from.version_name,
                from.version_fingerprint,
                from.version_id
            ],
            ["base".to_owned(), "v1".into(), "b".into(), base.id.clone()]
        );
        assert!(from.href.contains("/buckets/base"), "{}", from.href);
    }
    assert_eq!(base.revocation_type, RevocationType::Manual);
}

#[tokio::test]
async fn ancestors_stay_as_they_are() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.decide("mid", "m", &revoke_in("0s")).await;
    assert_eq!(statuses(&admin).await, [Active, Revoked, Revoked]);
}

#[tokio::test]
async fn descendants_can_be_spared() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    let body = UpdateVersionBody {
        skip_descendants_revocation: true,
        ..revoke_in("0s")
    };
    admin.decide("base", "b", &body).await;
    assert_eq!(statuses(&admin).await, [Revoked, Active, Active]);
}

#[tokio::test]
async fn channels_of_descendants_are_rolled_back_too() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.channel("top", "prod", "t").await;
    admin.complete("top", "clean").await;
    admin.assign("top", "prod", "clean").await;
    admin.assign("top", "prod", "t").await;
    admin.decide("base", "b", &revoke_in("0s")).await;
    assert_eq!(admin.held("top", "prod").await, "clean");
    assert_eq!(admin.held("top", "latest").await, "clean");
    assert_eq!(admin.held("mid", "latest").await, "");
}

#[tokio::test]
async fn a_schedule_is_inherited_and_comes_into_force_everywhere() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.channel("top", "prod", "t").await;
    admin.decide("base", "b", &revoke_in("1h")).await;
    assert_eq!(statuses(&admin).await, [RevocationScheduled; 3]);
    assert_eq!(admin.held("top", "prod").await, "t");
    let admin = later(&server, Duration::from_hours(1));
    assert_eq!(statuses(&admin).await, [Revoked; 3]);
    server.run_jobs().await;
    assert_eq!(admin.held("top", "prod").await, "");
    assert_eq!(admin.held("mid", "latest").await, "");
}

#[tokio::test]
async fn moving_a_schedule_moves_what_was_inherited() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.decide("base", "b", &revoke_in("1h")).await;
    let moved = admin.decide("base", "b", &revoke_in("3h")).await;
    assert_eq!(admin.look("top", "t").await.revoke_at, moved.revoke_at);
    let admin = later(&server, Duration::from_hours(2));
    assert_eq!(statuses(&admin).await, [RevocationScheduled; 3]);
}

#[tokio::test]
async fn restoring_restores_who_inherited() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.decide("base", "b", &revoke_in("0s")).await;
    admin.decide("base", "b", &restore()).await;
    assert_eq!(statuses(&admin).await, [Active; 3]);
    let top = admin.look("top", "t").await;
    assert_eq!((top.revocation_inherited_from, top.revoke_at), (None, None));
    assert_eq!(admin.held("top", "latest").await, "t");
}

#[tokio::test]
async fn an_inherited_revocation_is_not_restored_by_itself() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.decide("base", "b", &revoke_in("0s")).await;
    let answer = refusal(admin.update_version("top", "t", &restore()).await);
    assert!(
        answer.starts_with("400/9") && answer.contains("base"),
        "{answer}"
    );
    assert_eq!(statuses(&admin).await, [Revoked; 3]);
}

#[tokio::test]
async fn what_was_inherited_from_a_deleted_ancestor_can_be_restored() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.decide("base", "b", &revoke_in("0s")).await;
    admin.delete_version("base", "b").await.unwrap();
    let version = admin.look("mid", "m").await;
    assert_eq!(version.status, Revoked);
    let from = version.revocation_inherited_from.expect("an ancestor");
    assert_eq!(
        (
            from.version_fingerprint.as_str(),
            from.version_name.as_str()
        ),
        ("b", "v1")
    );
    assert_eq!(admin.decide("mid", "m", &restore()).await.status, Active);
    assert_eq!(admin.held("mid", "latest").await, "m");
}

#[tokio::test]
async fn of_two_revoked_ancestors_one_restored_leaves_the_other() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    let one = admin.look("base", "b").await;
    let two = admin.complete("base", "c").await;
    of_parents(&admin, "top", "both", &[&one, &two]).await;
    admin.decide("base", "b", &revoke_in("0s")).await;
    server.advance(Duration::from_mins(1));
    admin.decide("base", "c", &revoke_in("0s")).await;
    let from = |version: Version| {
        version
            .revocation_inherited_from
            .map(|a| a.version_fingerprint)
    };
    // The earlier one holds.
    assert_eq!(from(admin.look("top", "both").await).as_deref(), Some("b"));
    admin.decide("base", "b", &restore()).await;
    let version = admin.look("top", "both").await;
    assert_eq!(version.status, Revoked);
    assert_eq!(from(version).as_deref(), Some("c"));
    admin.decide("base", "c", &restore()).await;
    assert_eq!(admin.look("top", "both").await.status, Active);
}

#[tokio::test]
async fn of_an_own_and_an_inherited_revocation_the_earlier_holds() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.decide("top", "t", &revoke_in("2h")).await;
    admin.decide("base", "b", &revoke_in("1h")).await;
    let top = admin.look("top", "t").await;
    assert_eq!(top.revocation_type, RevocationType::Inherited);
    admin.decide("base", "b", &restore()).await;
    let top = admin.look("top", "t").await;
    assert_eq!(
        (top.revocation_type, top.status),
        (RevocationType::Manual, RevocationScheduled)
    );
}

#[tokio::test]
async fn a_cycle_of_parents_comes_to_an_end() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("base").await;
    admin.bucket("mid").await;
    let base = admin.version("base", "b").await;
    let mid = admin.child("mid", "m", &base, "").await;
    let build = admin.build("base", "b", "a").await;
    let body = UpdateBuildBody {
        parent_version_id: mid.id,
        ..done("b")
    };
    admin.tell(("base", "b", &build), &body).await;
    admin.decide("base", "b", &revoke_in("0s")).await;
    assert_eq!(admin.look("mid", "m").await.status, Revoked);
    let base = admin.look("base", "b").await;
    assert_eq!(
        (base.status, base.revocation_type),
        (Revoked, RevocationType::Manual)
    );
    admin.decide("base", "b", &restore()).await;
    assert_eq!(admin.look("base", "b").await.status, Active);
    assert_eq!(admin.look("mid", "m").await.status, Active);
}
