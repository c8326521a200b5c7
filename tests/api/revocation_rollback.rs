//! What a revocation in force does to the channels of its bucket.

use std::time::Duration;

use touchmark_client::Page;
use touchmark_tests::{Client, Story, TestServer, wire::version::UpdateVersionBody};

use crate::kit::{Steps as _, later, restore, revoke_in};

/// Bucket `alpine` with the complete versions `one` to `three`; channel `prod` held them in turn.
async fn alpine(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    for fingerprint in ["one", "two", "three"] {
        admin.complete("alpine", fingerprint).await;
    }
    admin.channel("alpine", "prod", "one").await;
    admin.assign("alpine", "prod", "two").await;
    admin.assign("alpine", "prod", "three").await;
    admin
}

async fn is_held(client: &Client, channel: &str, fingerprint: &str) {
    assert_eq!(
        client.held("alpine", channel).await,
        fingerprint,
        "{channel}"
    );
}

#[tokio::test]
async fn channels_go_back_to_what_they_held_before() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "three", &revoke_in("0s")).await;
    is_held(&admin, "prod", "two").await;
    assert_eq!(
        admin.history("alpine", "prod").await,
        ["touchmark two", "admin three", "admin two", "admin one"]
    );
}

#[tokio::test]
async fn a_rollback_skips_versions_that_are_revoked_or_will_be() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.complete("alpine", "four").await;
    admin.assign("alpine", "prod", "four").await;
    admin.decide("alpine", "three", &revoke_in("0s")).await;
    admin.decide("alpine", "two", &revoke_in("9d")).await;
    is_held(&admin, "prod", "four").await;
    admin.decide("alpine", "four", &revoke_in("0s")).await;
    is_held(&admin, "prod", "one").await;
}

#[tokio::test]
async fn a_channel_without_a_good_version_is_cleared() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.channel("alpine", "dev", "three").await;
    admin.decide("alpine", "three", &revoke_in("0s")).await;
    assert_eq!(admin.see_channel("alpine", "dev").await.version, None);
    assert_eq!(
        admin.history("alpine", "dev").await,
        ["touchmark -", "admin three"]
    );
}

#[tokio::test]
async fn channels_stay_when_the_rollback_is_disabled() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = UpdateVersionBody {
        disable_rollback_channels: true,
        ..revoke_in("0s")
    };
    admin.decide("alpine", "three", &body).await;
    is_held(&admin, "prod", "three").await;
    // Not so the managed channel.
    is_held(&admin, "latest", "two").await;
}

#[tokio::test]
async fn a_channel_that_holds_another_version_stays() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "two", &revoke_in("0s")).await;
    is_held(&admin, "prod", "three").await;
    is_held(&admin, "latest", "three").await;
}

#[tokio::test]
async fn latest_follows_the_newest_valid_version() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for (revoked, left) in [("three", "two"), ("one", "two"), ("two", "")] {
        admin.decide("alpine", revoked, &revoke_in("0s")).await;
        is_held(&admin, "latest", left).await;
    }
    assert_eq!(admin.see_bucket("alpine").await.latest_version, None);
    for (restored, latest) in [("one", "one"), ("three", "three"), ("two", "three")] {
        admin.decide("alpine", restored, &restore()).await;
        is_held(&admin, "latest", latest).await;
    }
}

#[tokio::test]
async fn restoring_does_not_roll_channels_forward() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "three", &revoke_in("0s")).await;
    admin.decide("alpine", "three", &restore()).await;
    is_held(&admin, "prod", "two").await;
    is_held(&admin, "latest", "three").await;
}

#[tokio::test]
async fn a_scheduled_revocation_moves_nothing_yet() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "three", &revoke_in("1h")).await;
    let admin = later(&server, Duration::from_secs(3_599));
    assert_eq!(server.run_jobs().await, 0);
    is_held(&admin, "prod", "three").await;
    is_held(&admin, "latest", "three").await;
}

#[tokio::test]
async fn the_job_rolls_back_as_of_the_moment_that_was_due() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let due = server.clock.now().micros() + 3_600_000_000;
    admin.decide("alpine", "three", &revoke_in("1h")).await;
    let admin = later(&server, Duration::from_secs(5_000));
    assert_eq!(server.run_jobs().await, 1);
    for channel in ["prod", "latest"] {
        is_held(&admin, channel, "two").await;
        let history = admin
            .list_channel_assignment_history("alpine", channel, &Page::default())
            .await
            .unwrap();
        let newest = &history.history[0];
        assert_eq!(newest.assigned_at.unwrap().as_micros(), due, "{channel}");
        assert_eq!(newest.author_id, "touchmark");
    }
    assert_eq!(server.run_jobs().await, 0);
}

#[tokio::test]
async fn what_fell_due_while_no_server_ran_is_done_at_the_start() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "three", &revoke_in("1h")).await;
    server.advance(Duration::from_hours(1));
    let server = server.restart().await;
    is_held(&server.admin(), "prod", "two").await;
}

#[tokio::test]
async fn a_scheduled_revocation_that_is_restored_never_comes() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "three", &revoke_in("1h")).await;
    admin.decide("alpine", "three", &restore()).await;
    let admin = later(&server, Duration::from_hours(2));
    assert_eq!(server.run_jobs().await, 0);
    is_held(&admin, "prod", "three").await;
}

#[tokio::test]
async fn the_rollback_may_be_disabled_for_a_revocation_to_come() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = UpdateVersionBody {
        disable_rollback_channels: true,
        ..revoke_in("1h")
    };
    admin.decide("alpine", "three", &body).await;
    let admin = later(&server, Duration::from_hours(1));
    server.run_jobs().await;
    is_held(&admin, "prod", "three").await;
    is_held(&admin, "latest", "two").await;
}

#[tokio::test]
async fn a_new_version_becomes_latest_after_a_revocation() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "three", &revoke_in("0s")).await;
    assert_eq!(admin.complete("alpine", "four").await.name, "v4");
    is_held(&admin, "latest", "four").await;
}
