//! Which relations are asked for.

use serde_json::json;
use touchmark_client::{AncestryFilter, Method, Page};
use touchmark_tests::{Story, TestServer, refusal, wire::ancestry::BucketAncestryType};

use crate::{
    ancestry::{all, family, relations},
    kit::{masked, page},
};

fn only(direction: BucketAncestryType) -> AncestryFilter {
    AncestryFilter { direction, ..all() }
}

#[tokio::test]
async fn one_direction_can_be_asked_for() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let app = admin.look("app", "a1").await;
    admin.bucket("leaf").await;
    admin.child("leaf", "l1", &app, "").await;
    let (up, down) = (
        "base/b1 > app/a1 UP_TO_DATE",
        "app/a1 > leaf/l1 UNDETERMINED",
    );
    let of = |kind| only(kind);
    assert_eq!(
        relations(&admin, "app", &of(BucketAncestryType::Parents)).await,
        [up]
    );
    assert_eq!(
        relations(&admin, "app", &of(BucketAncestryType::Children)).await,
        [down]
    );
    assert_eq!(relations(&admin, "app", &all()).await, [down, up]);
}

#[tokio::test]
async fn an_unknown_direction_is_refused() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let path = admin.scope().unwrap().bucket_ancestry("app") + "?type=UP";
    let answer = admin.send(Method::GET, &path, None).await.unwrap();
    let json: serde_json::Value = answer.json().unwrap();
    assert_eq!((answer.status, &json["code"]), (400, &json!(3)));
}

#[tokio::test]
async fn parents_are_those_of_the_latest_version_or_of_the_one_named() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let newer = admin.complete("base", "b2").await;
    admin.child("app", "a2", &newer, "").await;
    let parents = only(BucketAncestryType::Parents);
    assert_eq!(
        relations(&admin, "app", &parents).await,
        ["base/b2 > app/a2 UNDETERMINED"]
    );
    let named = AncestryFilter {
        version_fingerprint: Some("a1".into()),
        ..parents.clone()
    };
    assert_eq!(
        relations(&admin, "app", &named).await,
        ["base/b1 > app/a1 UP_TO_DATE"]
    );
    let unknown = AncestryFilter {
        version_fingerprint: Some("nope".into()),
        ..parents
    };
    let answer = admin
        .list_bucket_ancestry("app", &unknown, &Page::default())
        .await;
    assert!(refusal(answer).starts_with("409/10"));
}

#[tokio::test]
async fn children_can_be_asked_for_by_the_channel_they_came_through() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let base = admin.look("base", "b1").await;
    let dev = admin.channel("base", "dev", "b1").await;
    admin.bucket("other").await;
    admin.child("other", "o1", &base, &dev).await;
    for (channel, child) in [("prod", "app/a1"), ("dev", "other/o1")] {
        let filter = AncestryFilter {
            channel_name: Some(channel.into()),
            ..only(BucketAncestryType::Children)
        };
        let expected = format!("base/b1 > {child} UP_TO_DATE");
        assert_eq!(relations(&admin, "base", &filter).await, [expected]);
    }
}

#[tokio::test]
async fn relations_have_pages_and_one_total() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let base = admin.look("base", "b1").await;
    for bucket in ["x", "y"] {
        admin.bucket(bucket).await;
        admin.child(bucket, "v", &base, "").await;
    }
    let first = admin
        .list_bucket_ancestry("base", &all(), &page(2))
        .await
        .unwrap();
    assert_eq!((first.relations.len(), first.total_count), (2, 3));
    let token = first.pagination.unwrap().next_page_token;
    let next = Page {
        next_page_token: Some(token),
        ..page(2)
    };
    let second = admin
        .list_bucket_ancestry("base", &all(), &next)
        .await
        .unwrap();
    assert_eq!((second.relations.len(), second.total_count), (1, 3));
}

#[tokio::test]
async fn a_viewer_cannot_find_a_restricted_channel_by_asking_for_its_children() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let body = masked("restricted", "", true);
    admin.update_channel("base", "prod", &body).await.unwrap();
    let filter = AncestryFilter {
        channel_name: Some("prod".into()),
        ..only(BucketAncestryType::Children)
    };
    assert!(
        relations(&server.viewer().await, "base", &filter)
            .await
            .is_empty()
    );
    assert_eq!(relations(&admin, "base", &filter).await.len(), 1);
}
