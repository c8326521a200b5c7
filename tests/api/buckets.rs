//! Buckets: creating, changing and deleting them.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::{Method, Page};
use touchmark_tests::{
    Story, TestServer, refusal, shown,
    wire::bucket::{CreateBucketBody, UpdateBucketBody},
};

use crate::kit::{Steps as _, bucket_named};

#[tokio::test]
async fn a_new_bucket_has_the_managed_channel_latest() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let channels = admin.list_channels("alpine").await.unwrap().channels;
    let [latest] = channels.as_slice() else {
        panic!("one channel, not {channels:?}")
    };
    assert_eq!(
        (latest.name.as_str(), latest.managed, latest.restricted),
        ("latest", true, true)
    );
    assert_eq!(latest.version, None);
    assert_eq!(latest.author_id, "touchmark");
}

#[tokio::test]
async fn a_new_bucket_is_answered_whole() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let body = json!({"name": "alpine", "description": "base", "labels": {"os": "linux"}});
    let path = admin.scope().unwrap().buckets();
    let answer = admin.send(Method::PUT, &path, Some(&body)).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "bucket": {
        "children": null,
        "created_at": "<time>",
        "description": "base",
        "id": "<ulid>",
        "labels": {
          "os": "linux"
        },
        "latest_version": null,
        "location": {
          "organization_id": "<uuid>",
          "project_id": "<uuid>",
          "region": null
        },
        "name": "alpine",
        "parents": null,
        "platforms": [],
        "resource_name": "packer/project/<uuid>/bucket/alpine",
        "updated_at": "<time>",
        "version_count": "0"
      }
    }
    "#);
}

#[tokio::test]
async fn a_bucket_that_exists_is_not_made_again() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let answer = refusal(admin.create_bucket(&bucket_named("alpine")).await);
    assert_snapshot!(answer, @"409/6 bucket with identifier alpine already exists");
}

#[tokio::test]
async fn names_are_compared_as_written() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let long = "x".repeat(128);
    for name in ["alpine", "Alpine", "0", "A.b_c-d", &long] {
        admin.bucket(name).await;
        assert_eq!(admin.see_bucket(name).await.name, name);
    }
}

#[tokio::test]
async fn a_name_that_breaks_the_rule_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let long = "x".repeat(129);
    for name in ["", "-a", ".a", "_a", "a b", "a/b", "ä", "a\n", &long] {
        let answer = refusal(admin.create_bucket(&bucket_named(name)).await);
        assert!(answer.starts_with("400/3 name"), "{name:?}: {answer}");
    }
}

fn labelled(labels: BTreeMap<String, String>) -> CreateBucketBody {
    CreateBucketBody {
        labels,
        ..bucket_named("alpine")
    }
}

#[tokio::test]
async fn a_bucket_takes_64_labels() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let labels = |count: u32| (0..count).map(|n| (n.to_string(), "x".into())).collect();
    let answer = refusal(admin.create_bucket(&labelled(labels(65))).await);
    assert!(answer.starts_with("400/3 labels"), "{answer}");
    let made = admin.create_bucket(&labelled(labels(64))).await.unwrap();
    assert_eq!(made.bucket.unwrap().labels.len(), 64);
}

#[tokio::test]
async fn keys_and_values_of_labels_have_limits() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let one = |key: usize, value: usize| labelled([("k".repeat(key), "v".repeat(value))].into());
    for (key, value) in [(0, 1), (129, 1), (1, 1_025)] {
        let answer = refusal(admin.create_bucket(&one(key, value)).await);
        assert!(
            answer.starts_with("400/3 labels"),
            "{key} {value}: {answer}"
        );
    }
    admin.create_bucket(&one(128, 1_024)).await.unwrap();
}

#[tokio::test]
async fn a_description_has_at_most_255_bytes() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let described = |text: String| CreateBucketBody {
        description: text,
        ..bucket_named("alpine")
    };
    // 128 characters, but 256 bytes.
    let answer = refusal(admin.create_bucket(&described("ä".repeat(128))).await);
    assert!(answer.starts_with("400/3 description"), "{answer}");
    admin
        .create_bucket(&described("x".repeat(255)))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_update_changes_the_fields_that_it_names() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let body = CreateBucketBody {
        description: "old".into(),
        ..labelled([("a".into(), "1".into()), ("b".into(), "2".into())].into())
    };
    admin.create_bucket(&body).await.unwrap();
    let update = UpdateBucketBody {
        labels: Some([("c".into(), "3".into())].into()),
        ..UpdateBucketBody::default()
    };
    admin.update_bucket("alpine", &update).await.unwrap();
    let bucket = admin.see_bucket("alpine").await;
    assert_eq!(bucket.description, "old");
    assert_eq!(bucket.labels, [("c".into(), "3".into())].into());
}

#[tokio::test]
async fn an_update_with_empty_values_clears() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let body = CreateBucketBody {
        description: "old".into(),
        ..labelled([("a".into(), "1".into())].into())
    };
    admin.create_bucket(&body).await.unwrap();
    let update = UpdateBucketBody {
        description: Some(String::new()),
        labels: Some(BTreeMap::new()),
        platforms: None,
    };
    admin.update_bucket("alpine", &update).await.unwrap();
    let bucket = admin.see_bucket("alpine").await;
    assert_eq!((bucket.description.as_str(), bucket.labels.len()), ("", 0));
}

#[tokio::test]
async fn null_leaves_a_field_as_it_is() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let body = labelled([("a".into(), "1".into())].into());
    admin.create_bucket(&body).await.unwrap();
    let path = admin.scope().unwrap().bucket("alpine");
    let nothing = json!({"description": null, "labels": null, "platforms": null, "new": 1});
    let answer = admin.send(Method::PATCH, &path, Some(&nothing)).await;
    assert_eq!(answer.unwrap().status, 200);
    assert_eq!(admin.see_bucket("alpine").await.labels.len(), 1);
}

#[tokio::test]
async fn an_update_that_changes_nothing_leaves_updated_at_alone() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let before = admin.see_bucket("alpine").await;
    server.advance(std::time::Duration::from_mins(1));
    let update = UpdateBucketBody {
        description: Some(String::new()),
        labels: Some(BTreeMap::new()),
        platforms: None,
    };
    admin.update_bucket("alpine", &update).await.unwrap();
    assert_eq!(admin.see_bucket("alpine").await, before);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_cannot_be_used() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let missing = "404/5 bucket with identifier nope does not exist";
    let update = UpdateBucketBody::default();
    assert_eq!(refusal(admin.get_bucket("nope").await), missing);
    assert_eq!(refusal(admin.update_bucket("nope", &update).await), missing);
    assert_eq!(refusal(admin.delete_bucket("nope").await), missing);
    assert_eq!(refusal(admin.list_channels("nope").await), missing);
    let versions = admin.list_versions("nope", &Page::default()).await;
    assert_eq!(refusal(versions), missing);
}

#[tokio::test]
async fn a_completed_version_shows_in_its_bucket() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "open").await;
    admin.complete("alpine", "one").await;
    let bucket = admin.see_bucket("alpine").await;
    let latest = bucket.latest_version.expect("a latest version");
    assert_eq!((latest.name.as_str(), bucket.version_count), ("v1", 2));
    assert_eq!(bucket.platforms, ["aws"]);
    let path = admin.scope().unwrap().bucket("alpine");
    let answer = admin.send(Method::GET, &path, None).await.unwrap();
    let json: serde_json::Value = answer.json().unwrap();
    assert_eq!(json["bucket"]["version_count"], json!("2"));
}

#[tokio::test]
async fn a_bucket_goes_with_all_that_is_in_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin.channel("alpine", "prod", "one").await;
    admin.delete_bucket("alpine").await.unwrap();
    let answer = refusal(admin.get_channel("alpine", "prod").await);
    assert_snapshot!(answer, @"404/5 bucket with identifier alpine does not exist");
}

#[tokio::test]
async fn a_bucket_that_is_made_anew_begins_at_v1() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin.delete_bucket("alpine").await.unwrap();
    admin.bucket("alpine").await;
    assert_eq!(admin.see_bucket("alpine").await.version_count, 0);
    assert_eq!(admin.complete("alpine", "one").await.name, "v1");
}
