//! Channels: creating, restricting and deleting them.

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::Method;
use touchmark_tests::{
    Client, Story, TestServer, refusal, shown, wire::channel::CreateChannelBody,
};

use crate::kit::{Steps as _, masked};

/// Bucket `alpine` with the complete versions `one` and `two`.
async fn alpine(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin.complete("alpine", "two").await;
    admin
}

fn channel(name: &str) -> CreateChannelBody {
    CreateChannelBody {
        name: name.to_owned(),
        ..CreateChannelBody::default()
    }
}

#[tokio::test]
async fn a_new_channel_without_a_version_holds_null() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let path = admin.scope().unwrap().channels("alpine");
    let body = json!({"name": "prod"});
    let answer = admin.send(Method::POST, &path, Some(&body)).await.unwrap();
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

#[tokio::test]
async fn a_new_channel_may_hold_a_version() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.channel("alpine", "prod", "one").await;
    let version = admin.see_channel("alpine", "prod").await.version.unwrap();
    let build = &version.builds[0];
    assert_eq!(
        (version.bucket_name.as_str(), version.name.as_str()),
        ("alpine", "v1")
    );
    assert_eq!(build.version_id, version.id);
    assert_eq!(build.artifacts[0].external_identifier, "one");
    assert_eq!(admin.history("alpine", "prod").await, ["admin one"]);
}

#[tokio::test]
async fn a_channel_that_cannot_hold_its_version_is_not_made() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = CreateChannelBody {
        version_fingerprint: "nope".into(),
        ..channel("prod")
    };
    let answer = refusal(admin.create_channel("alpine", &body).await);
    assert_snapshot!(answer, @"404/5 version with fingerprint (fingerprint: nope) does not exist");
    let answer = refusal(admin.get_channel("alpine", "prod").await);
    assert_snapshot!(answer, @"404/5 channel with identifier prod does not exist");
}

#[tokio::test]
async fn a_name_is_taken_once_and_latest_always_is() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.channel("alpine", "prod", "").await;
    let answer = refusal(admin.create_channel("alpine", &channel("prod")).await);
    assert_snapshot!(answer, @"409/6 channel with identifier prod already exists");
    let answer = refusal(admin.create_channel("alpine", &channel("latest")).await);
    assert_snapshot!(answer, @"409/6 channel with identifier latest already exists");
    let answer = refusal(admin.create_channel("nope", &channel("prod")).await);
    assert_snapshot!(answer, @"404/5 bucket with identifier nope does not exist");
}

#[tokio::test]
async fn a_channels_name_follows_the_rule_of_buckets() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let long = "x".repeat(129);
    for name in ["", "-a", "a b", "ä", &long] {
        let answer = refusal(admin.create_channel("alpine", &channel(name)).await);
        assert!(answer.starts_with("400/3 name"), "{name:?}: {answer}");
    }
}

#[tokio::test]
async fn channels_are_listed_with_their_versions() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.channel("alpine", "prod", "one").await;
    admin.channel("alpine", "dev", "").await;
    let channels = admin.list_channels("alpine").await.unwrap().channels;
    let mut held: Vec<_> = channels
        .iter()
        .map(|c| (c.name.as_str(), c.version.as_ref().map(|v| v.builds.len())))
        .collect();
    held.sort_unstable();
    assert_eq!(
        held,
        [("dev", None), ("latest", Some(1)), ("prod", Some(1))]
    );
}

#[tokio::test]
async fn the_managed_channel_is_not_deleted() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let answer = refusal(admin.delete_channel("alpine", "latest").await);
    assert!(answer.starts_with("400/3"), "{answer}");
    assert_eq!(admin.held("alpine", "latest").await, "two");
}

#[tokio::test]
async fn an_assigned_channel_can_be_deleted() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.channel("alpine", "prod", "one").await;
    let path = admin.scope().unwrap().channel("alpine", "prod");
    let answer = admin.send(Method::DELETE, &path, None).await.unwrap();
    assert_snapshot!(shown(&answer), @r"
    200
    {}
    ");
    let answer = refusal(admin.delete_channel("alpine", "prod").await);
    assert_snapshot!(answer, @"404/5 channel with identifier prod does not exist");
    admin.delete_version("alpine", "one").await.unwrap();
}

#[tokio::test]
async fn a_deleted_channels_name_is_free_and_its_history_gone() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let before = admin.channel("alpine", "prod", "one").await;
    admin.delete_channel("alpine", "prod").await.unwrap();
    let after = admin.channel("alpine", "prod", "").await;
    assert_ne!(before, after);
    assert!(admin.history("alpine", "prod").await.is_empty());
}

#[tokio::test]
async fn latest_can_be_opened_and_closed_but_keeps_its_author() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for restricted in [false, true] {
        let body = masked("restricted", "", restricted);
        admin
            .update_channel("alpine", "latest", &body)
            .await
            .unwrap();
        let latest = admin.see_channel("alpine", "latest").await;
        assert_eq!(latest.restricted, restricted);
        assert_eq!(latest.author_id, "touchmark");
        assert_eq!(latest.version.unwrap().fingerprint, "two");
    }
}

#[tokio::test]
async fn a_restricted_channel_is_hidden_from_those_who_do_not_decide() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = CreateChannelBody {
        restricted: true,
        ..channel("secret")
    };
    admin.create_channel("alpine", &body).await.unwrap();
    admin.channel("alpine", "open", "one").await;
    for client in [server.viewer().await, server.builder().await] {
        let answer = refusal(client.get_channel("alpine", "secret").await);
        assert!(answer.starts_with("403/7"), "{answer}");
        assert!(answer.contains("contributor"), "{answer}");
        let history = client
            .list_channel_assignment_history("alpine", "secret", &touchmark_client::Page::default())
            .await;
        assert!(refusal(history).starts_with("403/7"));
        let channels = client.list_channels("alpine").await.unwrap().channels;
        let names: Vec<_> = channels.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["open"]);
    }
    let channels = server.contributor().await.list_channels("alpine").await;
    assert_eq!(channels.unwrap().channels.len(), 3);
}

#[tokio::test]
async fn the_latest_version_of_a_bucket_is_shown_though_the_channel_is_restricted() {
    let server = TestServer::start().await;
    alpine(&server).await;
    let viewer = server.viewer().await;
    let bucket = viewer.see_bucket("alpine").await;
    assert_eq!(bucket.latest_version.unwrap().fingerprint, "two");
    assert!(refusal(viewer.get_channel("alpine", "latest").await).starts_with("403/7"));
}

#[tokio::test]
async fn a_channel_that_is_opened_is_shown_to_a_viewer() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = masked("restricted", "", false);
    admin
        .update_channel("alpine", "latest", &body)
        .await
        .unwrap();
    assert_eq!(server.viewer().await.held("alpine", "latest").await, "two");
}
