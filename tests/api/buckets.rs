//! Buckets.

use insta::assert_snapshot;
use touchmark_tests::{Story, TestServer, refusal, wire::bucket::CreateBucketBody};

#[tokio::test]
async fn a_new_bucket_has_the_managed_channel_latest() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let channels = admin
        .list_channels("alpine")
        .await
        .expect("channels")
        .channels;
    let [latest] = channels.as_slice() else {
        panic!("one channel, not {channels:?}")
    };
    assert_eq!(
        (latest.name.as_str(), latest.managed, latest.restricted),
        ("latest", true, true)
    );
    assert_eq!(latest.version, None);
}

#[tokio::test]
async fn a_bucket_that_exists_is_not_made_again() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let body = CreateBucketBody {
        name: "alpine".into(),
        ..CreateBucketBody::default()
    };
    let answer = refusal(admin.create_bucket(&body).await);
    assert_snapshot!(answer, @"409/6 bucket with identifier alpine already exists");
}
