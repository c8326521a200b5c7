//! Assigning versions to channels.

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::Method;
use touchmark_tests::{
    Client, Story, TestServer, refusal, shown,
    wire::channel::{AssignChannelVersionBody, UpdateChannelBody},
};

use crate::kit::{Steps as _, later, masked, revoke_in};

/// Bucket `alpine` with the complete versions `one` and `two`, and channel `prod` on `one`.
async fn alpine(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin.complete("alpine", "two").await;
    admin.channel("alpine", "prod", "one").await;
    admin
}

fn copy(source: &str, target: &str) -> AssignChannelVersionBody {
    AssignChannelVersionBody {
        source_channel: source.to_owned(),
        target_channel: target.to_owned(),
    }
}

async fn refused(client: &Client, channel: &str, fingerprint: &str) -> String {
    let body = masked("versionFingerprint", fingerprint, false);
    refusal(client.update_channel("alpine", channel, &body).await)
}

#[tokio::test]
async fn an_update_without_a_mask_names_the_field() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let path = admin.scope().unwrap().channel("alpine", "prod");
    let body = json!({"version_fingerprint": "two"});
    let answer = admin.send(Method::PATCH, &path, Some(&body)).await.unwrap();
    let status: touchmark_tests::wire::error::Status = answer.json().unwrap();
    assert_eq!((answer.status, status.code.number()), (400, 3));
    assert_eq!(status.details.len(), 1);
    let kind = &status.details[0]["@type"];
    assert_eq!(*kind, json!("type.googleapis.com/google.rpc.BadRequest"));
    assert_eq!(status.violations()[0].field, "body.update_mask");
    assert_eq!(admin.held("alpine", "prod").await, "one");
}

#[tokio::test]
async fn a_missing_mask_is_seen_before_a_missing_channel() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = UpdateChannelBody::default();
    let answer = refusal(admin.update_channel("alpine", "nope", &body).await);
    assert!(answer.starts_with("400/3 body.update_mask"), "{answer}");
    let body = masked("restricted", "", true);
    let answer = refusal(admin.update_channel("alpine", "nope", &body).await);
    assert_snapshot!(answer, @"404/5 channel with identifier nope does not exist");
}

#[tokio::test]
async fn a_mask_with_an_unknown_field_is_refused() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for mask in ["name", "restricted,name", ","] {
        let body = masked(mask, "two", true);
        let answer = refusal(admin.update_channel("alpine", "prod", &body).await);
        assert!(
            answer.starts_with("400/3 body.update_mask"),
            "{mask}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_field_outside_the_mask_is_ignored() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = masked("restricted", "two", true);
    admin.update_channel("alpine", "prod", &body).await.unwrap();
    let channel = admin.see_channel("alpine", "prod").await;
    assert_eq!(
        (
            channel.version.unwrap().fingerprint.as_str(),
            channel.restricted
        ),
        ("one", true)
    );
    let body = masked("versionFingerprint", "two", false);
    admin.update_channel("alpine", "prod", &body).await.unwrap();
    let channel = admin.see_channel("alpine", "prod").await;
    assert_eq!(
        (
            channel.version.unwrap().fingerprint.as_str(),
            channel.restricted
        ),
        ("two", true)
    );
}

#[tokio::test]
async fn a_masked_field_that_is_absent_takes_its_zero_value() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = masked("restricted", "", true);
    admin.update_channel("alpine", "prod", &body).await.unwrap();
    let path = admin.scope().unwrap().channel("alpine", "prod");
    let body = json!({"update_mask": "versionFingerprint,restricted"});
    admin.send(Method::PATCH, &path, Some(&body)).await.unwrap();
    let channel = admin.see_channel("alpine", "prod").await;
    assert_eq!((channel.version, channel.restricted), (None, false));
}

#[tokio::test]
async fn a_mask_may_be_written_in_snake_case() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = masked("version_fingerprint", "two", false);
    admin.update_channel("alpine", "prod", &body).await.unwrap();
    assert_eq!(admin.held("alpine", "prod").await, "two");
}

#[tokio::test]
async fn an_unknown_fingerprint_is_refused_in_the_words_that_clients_look_for() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let answer = refused(&admin, "prod", "nope").await;
    assert_snapshot!(answer, @"404/5 version with fingerprint (fingerprint: nope) does not exist");
}

#[tokio::test]
async fn an_incomplete_version_cannot_be_assigned() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.version("alpine", "open").await;
    let answer = refused(&admin, "prod", "open").await;
    assert!(answer.starts_with("400/9"), "{answer}");
}

#[tokio::test]
async fn a_revoked_version_cannot_be_assigned() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "two", &revoke_in("0s")).await;
    let answer = refused(&admin, "prod", "two").await;
    assert!(answer.starts_with("400/9"), "{answer}");
    assert_eq!(admin.held("alpine", "prod").await, "one");
}

#[tokio::test]
async fn a_version_that_will_be_revoked_can_be_assigned() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "two", &revoke_in("1h")).await;
    admin.assign("alpine", "prod", "two").await;
    assert_eq!(admin.held("alpine", "prod").await, "two");
    let admin = later(&server, std::time::Duration::from_hours(1));
    let answer = refused(&admin, "prod", "two").await;
    assert!(answer.starts_with("400/9"), "{answer}");
}

#[tokio::test]
async fn latest_is_not_assigned_by_people() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for fingerprint in ["one", "two", ""] {
        let answer = refused(&admin, "latest", fingerprint).await;
        assert!(answer.starts_with("400/9"), "{answer}");
    }
    for source in ["prod", "latest"] {
        let body = copy(source, "latest");
        let answer = refusal(admin.assign_channel_version("alpine", &body).await);
        assert!(answer.starts_with("400/9"), "{answer}");
    }
    assert_eq!(admin.held("alpine", "latest").await, "two");
}

#[tokio::test]
async fn a_refused_assignment_leaves_restricted_alone() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = masked("restricted,versionFingerprint", "nope", true);
    refusal(admin.update_channel("alpine", "prod", &body).await);
    assert!(!admin.see_channel("alpine", "prod").await.restricted);
}

#[tokio::test]
async fn assign_copies_the_version_and_both_keep_it() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.channel("alpine", "dev", "two").await;
    let answer = admin
        .assign_channel_version("alpine", &copy("dev", "prod"))
        .await
        .unwrap();
    assert_eq!(answer.fingerprint, "two");
    assert_eq!(answer.version.unwrap().name, "v2");
    assert_eq!(answer.source_channel.unwrap().name, "dev");
    let target = answer.target_channel.unwrap();
    assert_eq!(
        (target.name.as_str(), target.version.unwrap().name.as_str()),
        ("prod", "v2")
    );
    assert_eq!(admin.held("alpine", "dev").await, "two");
    assert_eq!(
        admin.history("alpine", "prod").await,
        ["admin two", "admin one"]
    );
}

#[tokio::test]
async fn latest_can_be_copied_from() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin
        .assign_channel_version("alpine", &copy("latest", "prod"))
        .await
        .unwrap();
    assert_eq!(admin.held("alpine", "prod").await, "two");
}

#[tokio::test]
async fn assign_needs_both_channels_and_a_version() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.channel("alpine", "empty", "").await;
    let try_copy = |source, target| {
        let body = copy(source, target);
        let admin = admin.clone();
        async move { refusal(admin.assign_channel_version("alpine", &body).await) }
    };
    let missing = "404/5 channel with identifier nope does not exist";
    assert_eq!(try_copy("nope", "prod").await, missing);
    assert_eq!(try_copy("prod", "nope").await, missing);
    assert!(try_copy("empty", "prod").await.starts_with("400/9"));
    assert_eq!(admin.held("alpine", "prod").await, "one");
}

#[tokio::test]
async fn a_channel_may_be_called_assign() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.channel("alpine", "assign", "one").await;
    assert_eq!(admin.held("alpine", "assign").await, "one");
}

#[tokio::test]
async fn assignment_leaves_the_version_untouched() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let before = admin.look("alpine", "two").await;
    server.advance(std::time::Duration::from_mins(1));
    admin.assign("alpine", "prod", "two").await;
    admin.version("alpine", "sibling").await;
    assert_eq!(admin.look("alpine", "two").await, before);
}

#[tokio::test]
async fn an_update_answers_the_channel_with_its_version() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let path = admin.scope().unwrap().channel("alpine", "prod");
    let body = json!({"update_mask": "versionFingerprint"});
    let answer = admin.send(Method::PATCH, &path, Some(&body)).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "channel": {
        "author_id": "admin",
        "bucket_name": "alpine",
        "created_at": "<time>",
        "id": "<ulid>",
        "managed": false,
        "name": "prod",
        "restricted": false,
        "updated_at": "<time>",
        "version": null
      }
    }
    "#);
}
