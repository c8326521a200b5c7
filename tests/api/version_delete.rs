//! Deleting versions, and what becomes of the channels that hold them.

use insta::assert_snapshot;
use touchmark_tests::{Client, Story, TestServer, refusal};

use crate::kit::{Steps as _, revoke_in};

/// Bucket `alpine` with the complete versions `one`, `two` and `three`.
async fn three(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    for fingerprint in ["one", "two", "three"] {
        admin.complete("alpine", fingerprint).await;
    }
    admin
}

#[tokio::test]
async fn a_channel_that_holds_a_version_blocks_its_deletion() {
    let server = TestServer::start().await;
    let admin = three(&server).await;
    admin.channel("alpine", "prod", "two").await;
    admin.channel("alpine", "dev", "two").await;
    let answer = refusal(admin.delete_version("alpine", "two").await);
    assert_snapshot!(answer, @"400/9 version two is assigned to: dev, prod; assign them elsewhere first, or pass rollback_channels");
    assert_eq!(admin.held("alpine", "prod").await, "two");
}

#[tokio::test]
async fn rollback_channels_moves_them_to_the_last_valid_version() {
    let server = TestServer::start().await;
    let admin = three(&server).await;
    admin.channel("alpine", "prod", "one").await;
    admin.assign("alpine", "prod", "three").await;
    admin.assign("alpine", "prod", "two").await;
    admin.decide("alpine", "three", &revoke_in("9d")).await;
    admin
        .delete_version_and_roll_back("alpine", "two")
        .await
        .unwrap();
    assert_eq!(admin.held("alpine", "prod").await, "one");
    assert_eq!(
        admin.history("alpine", "prod").await,
        ["touchmark one", "admin two", "admin three", "admin one"]
    );
}

#[tokio::test]
async fn rollback_channels_clears_a_channel_without_another_version() {
    let server = TestServer::start().await;
    let admin = three(&server).await;
    admin.channel("alpine", "prod", "two").await;
    admin
        .delete_version_and_roll_back("alpine", "two")
        .await
        .unwrap();
    assert_eq!(admin.see_channel("alpine", "prod").await.version, None);
}

#[tokio::test]
async fn latest_does_not_block_and_moves_to_the_newest_left() {
    let server = TestServer::start().await;
    let admin = three(&server).await;
    admin.decide("alpine", "two", &revoke_in("0s")).await;
    admin.delete_version("alpine", "three").await.unwrap();
    assert_eq!(admin.held("alpine", "latest").await, "one");
    admin.delete_version("alpine", "one").await.unwrap();
    assert_eq!(admin.see_channel("alpine", "latest").await.version, None);
    let bucket = admin.see_bucket("alpine").await;
    assert_eq!((bucket.latest_version, bucket.version_count), (None, 1));
}

#[tokio::test]
async fn a_number_is_never_given_again() {
    let server = TestServer::start().await;
    let admin = three(&server).await;
    admin.delete_version("alpine", "three").await.unwrap();
    assert_eq!(admin.complete("alpine", "four").await.name, "v4");
}

#[tokio::test]
async fn a_fingerprint_can_be_used_again() {
    let server = TestServer::start().await;
    let admin = three(&server).await;
    let before = admin.look("alpine", "one").await;
    admin.delete_version("alpine", "one").await.unwrap();
    let after = admin.complete("alpine", "one").await;
    assert_eq!(after.name, "v4");
    assert_ne!(after.id, before.id);
    assert_eq!(admin.see_bucket("alpine").await.version_count, 3);
}

#[tokio::test]
async fn an_open_version_can_be_deleted() {
    let server = TestServer::start().await;
    let admin = three(&server).await;
    admin.version("alpine", "open").await;
    admin.build("alpine", "open", "a").await;
    admin.delete_version("alpine", "open").await.unwrap();
    let answer = refusal(admin.get_version("alpine", "open").await);
    assert_snapshot!(answer, @"409/10 version with fingerprint open not found");
}

#[tokio::test]
async fn what_is_not_there_cannot_be_deleted() {
    let server = TestServer::start().await;
    let admin = three(&server).await;
    let answer = refusal(admin.delete_version("alpine", "nope").await);
    assert_snapshot!(answer, @"404/5 version with identifier nope does not exist");
    let answer = refusal(admin.delete_version("nope", "one").await);
    assert_snapshot!(answer, @"404/5 bucket with identifier nope does not exist");
}

#[tokio::test]
async fn a_parent_without_children_has_no_descendants_any_more() {
    let server = TestServer::start().await;
    let admin = three(&server).await;
    let parent = admin.look("alpine", "one").await;
    admin.bucket("child").await;
    admin.child("child", "kid", &parent, "").await;
    assert!(admin.look("alpine", "one").await.has_descendants);
    admin.delete_version("child", "kid").await.unwrap();
    assert!(!admin.look("alpine", "one").await.has_descendants);
}
