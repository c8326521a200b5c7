//! What fell due while no server ran.

use std::time::Duration;

use touchmark_client::Page;
use touchmark_tests::{
    RUN, Story, TestServer,
    wire::{
        build::{BuildStatus, UpdateBuildBody},
        version::{UpdateVersionBody, VersionStatus},
    },
};

fn revoke_in(span: &str) -> UpdateVersionBody {
    UpdateVersionBody {
        revoke_in: span.to_owned(),
        revocation_message: "CVE".to_owned(),
        ..UpdateVersionBody::default()
    }
}

#[tokio::test]
async fn a_revocation_that_fell_due_meanwhile_is_settled_before_the_server_is_ready() {
    let mut server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin.complete("alpine", "two").await;
    admin.channel("alpine", "prod", "one").await;
    admin.assign("alpine", "prod", "two").await;
    admin
        .update_version("alpine", "two", &revoke_in("1h"))
        .await
        .expect("a schedule");
    assert_eq!(admin.held("alpine", "prod").await, "two");
    server.stop().await;
    server.advance(Duration::from_hours(2));
    let server = server.restart().await;
    // Nobody ran the jobs but the start itself.
    let admin = server.admin();
    assert_eq!(admin.held("alpine", "prod").await, "one");
    assert_eq!(admin.held("alpine", "latest").await, "one");
    let version = admin.look("alpine", "two").await;
    assert_eq!(version.status, VersionStatus::Revoked);
    let history = admin
        .list_channel_assignment_history("alpine", "prod", &Page::default())
        .await
        .expect("a history");
    let newest = history.history.first().expect("an assignment");
    assert_eq!(
        newest.assigned_at, version.revoke_at,
        "the due instant, not that of the start"
    );
    assert_eq!(server.run_jobs().await, 0, "nothing is left to do");
}

#[tokio::test]
async fn a_revocation_that_is_not_due_yet_waits() {
    let mut server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin
        .update_version("alpine", "one", &revoke_in("1h"))
        .await
        .expect("a schedule");
    server.stop().await;
    server.advance(Duration::from_secs(3599));
    let server = server.restart().await;
    assert_eq!(server.admin().held("alpine", "latest").await, "one");
    server.advance(Duration::from_secs(1));
    assert_eq!(server.run_jobs().await, 1);
    assert_eq!(server.admin().held("alpine", "latest").await, "");
}

#[tokio::test]
async fn a_build_that_fell_silent_meanwhile_is_cancelled_before_the_server_is_ready() {
    let mut server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "one").await;
    let id = admin.build("alpine", "one", "amazon-ebs.base").await;
    let running = UpdateBuildBody {
        status: Some(BuildStatus::Running),
        packer_run_uuid: RUN.to_owned(),
        ..UpdateBuildBody::default()
    };
    admin
        .update_build("alpine", "one", &id, &running)
        .await
        .expect("a build that runs");
    server.stop().await;
    server.advance(Duration::from_mins(16));
    let server = server.restart().await;
    let build = server
        .admin()
        .get_build("alpine", "one", &id)
        .await
        .expect("a build");
    assert_eq!(
        build.build.map(|build| build.status),
        Some(BuildStatus::Cancelled)
    );
}
