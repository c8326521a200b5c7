//! Revoking and restoring one version.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::Method;
use touchmark_tests::{
    Client, Story, TestServer, refusal,
    wire::{
        time::Timestamp,
        version::{RevocationType, UpdateVersionBody, VersionStatus},
    },
};

use crate::kit::{Steps as _, later, restore, revoke_in};

const HOUR: Duration = Duration::from_hours(1);

/// Bucket `alpine` with the complete version `one`.
pub(crate) async fn alpine(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin
}

/// The moment so many seconds from now.
fn moment(server: &TestServer, seconds: i64) -> Timestamp {
    Timestamp::from_micros(server.clock.now().micros() + seconds * 1_000_000)
}

fn revoke_at(at: Timestamp) -> UpdateVersionBody {
    UpdateVersionBody {
        revoke_at: Some(at),
        ..UpdateVersionBody::default()
    }
}

async fn refused(client: &Client, body: &UpdateVersionBody) -> String {
    refusal(client.update_version("alpine", "one", body).await)
}

#[tokio::test]
async fn a_version_is_revoked_at_once() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = UpdateVersionBody {
        revocation_message: "CVE-2026-1".into(),
        ..revoke_in("0s")
    };
    let answered = server
        .contributor()
        .await
        .decide("alpine", "one", &body)
        .await;
    let version = admin.look("alpine", "one").await;
    assert_eq!(answered.status, VersionStatus::Revoked);
    assert_eq!(version.status, VersionStatus::Revoked);
    assert_eq!(version.name, "v1");
    assert_eq!(version.revocation_message, "CVE-2026-1");
    assert_eq!(version.revocation_author, "contributor");
    assert_eq!(version.revocation_type, RevocationType::Manual);
    assert_eq!(version.revocation_inherited_from, None);
    assert_eq!(version.revoke_at, Some(moment(&server, 0)));
}

#[tokio::test]
async fn a_moment_that_has_passed_revokes_at_once() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let version = admin
        .decide("alpine", "one", &revoke_at(moment(&server, -60)))
        .await;
    assert_eq!(version.status, VersionStatus::Revoked);
}

#[tokio::test]
async fn spans_are_added_up() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for (span, seconds) in [
        ("90s", 90),
        ("1.5h", 5_400),
        ("2h45m", 9_900),
        ("1d1s", 86_401),
        ("30d", 2_592_000),
        ("0.5m", 30),
    ] {
        let version = admin.decide("alpine", "one", &revoke_in(span)).await;
        assert_eq!(version.revoke_at, Some(moment(&server, seconds)), "{span}");
        assert_eq!(version.status, VersionStatus::RevocationScheduled, "{span}");
    }
}

#[tokio::test]
async fn a_span_that_is_none_is_refused() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for span in ["-1h", "1", "h", "1w", "1h ", "1..5h", ".h", "1e9d", "inf"] {
        let answer = refused(&admin, &revoke_in(span)).await;
        assert!(answer.starts_with("400/3 revoke_in"), "{span}: {answer}");
    }
    assert_eq!(
        admin.look("alpine", "one").await.status,
        VersionStatus::Active
    );
}

#[tokio::test]
async fn a_scheduled_revocation_comes_into_force_by_the_clock() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin
        .decide("alpine", "one", &revoke_at(moment(&server, 3_600)))
        .await;
    server.advance(HOUR.checked_sub(Duration::from_secs(1)).unwrap());
    let version = admin.look("alpine", "one").await;
    assert_eq!(version.status, VersionStatus::RevocationScheduled);
    let admin = later(&server, Duration::from_secs(1));
    // No job has run.
    assert_eq!(
        admin.look("alpine", "one").await.status,
        VersionStatus::Revoked
    );
}

#[tokio::test]
async fn a_scheduled_revocation_can_be_moved() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for seconds in [7_200, 60, 86_400] {
        let at = moment(&server, seconds);
        let version = admin.decide("alpine", "one", &revoke_at(at)).await;
        assert_eq!(version.revoke_at, Some(at));
    }
    let admin = later(&server, 2 * HOUR);
    server.run_jobs().await;
    let version = admin.look("alpine", "one").await;
    assert_eq!(version.status, VersionStatus::RevocationScheduled);
}

#[tokio::test]
async fn a_revocation_in_force_is_not_set_again() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "one", &revoke_in("1h")).await;
    let admin = later(&server, HOUR);
    for body in [revoke_in("0s"), revoke_in("1h")] {
        let answer = refused(&admin, &body).await;
        assert_eq!(answer, "400/9 version one is revoked: restore it first");
    }
}

#[tokio::test]
async fn a_revoked_version_is_not_completed() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "one", &revoke_in("0s")).await;
    let body = UpdateVersionBody {
        complete: true,
        ..UpdateVersionBody::default()
    };
    let answer = refused(&admin, &body).await;
    assert_snapshot!(answer, @"400/9 version one is revoked: restore it first");
}

#[tokio::test]
async fn revoke_at_and_revoke_in_together_are_refused() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = UpdateVersionBody {
        revoke_at: Some(moment(&server, 60)),
        ..revoke_in("1h")
    };
    let answer = refused(&admin, &body).await;
    assert!(answer.starts_with("400/3"), "{answer}");
}

#[tokio::test]
async fn restore_together_with_a_revocation_is_refused() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for body in [
        UpdateVersionBody {
            restore: true,
            ..revoke_in("1h")
        },
        UpdateVersionBody {
            restore: true,
            ..revoke_at(moment(&server, 60))
        },
    ] {
        let answer = refused(&admin, &body).await;
        assert!(answer.starts_with("400/3"), "{answer}");
    }
}

#[tokio::test]
async fn the_year_1_is_no_moment() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let path = admin.scope().unwrap().version("alpine", "one");
    let body = json!({"revoke_at": "0001-01-01T00:00:00.000Z", "revoke_in": "1h"});
    let answer = admin.send(Method::PATCH, &path, Some(&body)).await.unwrap();
    assert_eq!(answer.status, 200);
    let version = admin.look("alpine", "one").await;
    assert_eq!(version.revoke_at, Some(moment(&server, 3_600)));
}

#[tokio::test]
async fn a_moment_is_kept_in_utc() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let path = admin.scope().unwrap().version("alpine", "one");
    let body = json!({"revoke_at": "2030-01-01T01:30:00.123+01:00"});
    let answer = admin.send(Method::PATCH, &path, Some(&body)).await.unwrap();
    let json: serde_json::Value = answer.json().unwrap();
    let at = json["version"]["revoke_at"].as_str().unwrap();
    assert!(
        at.starts_with("2030-01-01T00:30:00.123") && at.ends_with('Z'),
        "{at}"
    );
}

#[tokio::test]
async fn an_open_version_can_be_revoked() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.version("alpine", "open").await;
    let version = admin.decide("alpine", "open", &revoke_in("0s")).await;
    assert_eq!(
        (version.name.as_str(), version.status),
        ("v0", VersionStatus::Revoked)
    );
}

#[tokio::test]
async fn restoring_clears_the_revocation() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for span in ["0s", "1h"] {
        let body = UpdateVersionBody {
            revocation_message: "bad".into(),
            ..revoke_in(span)
        };
        admin.decide("alpine", "one", &body).await;
        let version = admin.decide("alpine", "one", &restore()).await;
        assert_eq!(version.status, VersionStatus::Active);
        assert_eq!(version.revoke_at, None);
        assert_eq!(version.revocation_type, RevocationType::Unset);
        assert_eq!(
            (version.revocation_author, version.revocation_message),
            (String::new(), String::new())
        );
    }
}

#[tokio::test]
async fn there_must_be_something_to_restore() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let answer = refused(&admin, &restore()).await;
    assert_snapshot!(answer, @"400/9 version one is neither revoked nor scheduled to be");
}
