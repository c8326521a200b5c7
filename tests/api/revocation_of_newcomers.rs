//! Revocations that a version inherits when it records its parent.

use std::time::Duration;

use touchmark_tests::{
    Story, TestServer, done,
    wire::{
        build::UpdateBuildBody,
        version::{
            RevocationType, UpdateVersionBody,
            VersionStatus::{RevocationScheduled, Revoked},
        },
    },
};

use crate::{
    kit::{Steps as _, later, restore, revoke_in},
    revocation_inheritance::chain,
};

#[tokio::test]
async fn a_child_recorded_later_inherits_at_once() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    let body = UpdateVersionBody {
        skip_descendants_revocation: true,
        ..revoke_in("0s")
    };
    let base = admin.decide("base", "b", &body).await;
    admin.version("mid", "late").await;
    let a = admin.build("mid", "late", "a").await;
    admin.build("mid", "late", "b").await;
    let body = UpdateBuildBody {
        parent_version_id: base.id.clone(),
        ..done("x")
    };
    admin.tell(("mid", "late", &a), &body).await;
    let version = admin.look("mid", "late").await;
    assert_eq!((version.name.as_str(), version.status), ("v0", Revoked));
    assert_eq!(version.revocation_type, RevocationType::Inherited);
}

#[tokio::test]
async fn a_version_completed_under_a_revocation_gets_its_number_but_not_latest() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.complete("mid", "clean").await;
    let base = admin.decide("base", "b", &revoke_in("0s")).await;
    let late = admin.child("mid", "late", &base, "").await;
    assert_eq!((late.name.as_str(), late.status), ("v3", Revoked));
    assert_eq!(admin.held("mid", "latest").await, "clean");
    admin.decide("base", "b", &restore()).await;
    assert_eq!(admin.held("mid", "latest").await, "late");
}

#[tokio::test]
async fn a_version_completed_under_a_schedule_is_latest_until_it_is_due() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.complete("mid", "clean").await;
    let base = admin.decide("base", "b", &revoke_in("1h")).await;
    let late = admin.child("mid", "late", &base, "").await;
    assert_eq!(late.status, RevocationScheduled);
    assert_eq!(admin.held("mid", "latest").await, "late");
    let admin = later(&server, Duration::from_hours(1));
    server.run_jobs().await;
    assert_eq!(admin.held("mid", "latest").await, "clean");
}
