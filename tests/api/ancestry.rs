//! What was built from what, and whether it is up to date.

use AncestryStatus::{OutOfDate, Undetermined, UpToDate};
use insta::assert_snapshot;
use touchmark_client::{AncestryFilter, Method, Page};
use touchmark_tests::{
    Client, Story, TestServer, done, shown,
    wire::{
        ancestry::{AncestryStatus, BucketAncestry, ListBucketAncestryResponse},
        build::UpdateBuildBody,
    },
};

use crate::kit::{Steps as _, masked, second_project};

/// `base/b1`, on channel `prod`, is the parent of `app/a1`, found through that channel.
pub(crate) async fn family(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("base").await;
    admin.bucket("app").await;
    let base = admin.complete("base", "b1").await;
    let prod = admin.channel("base", "prod", "b1").await;
    admin.child("app", "a1", &base, &prod).await;
    admin
}

pub(crate) async fn list(
    client: &Client,
    bucket: &str,
    filter: &AncestryFilter,
) -> ListBucketAncestryResponse {
    let answer = client
        .list_bucket_ancestry(bucket, filter, &Page::default())
        .await;
    answer.expect("a list")
}

/// The relations as `parent > child status`.
pub(crate) async fn relations(
    client: &Client,
    bucket: &str,
    filter: &AncestryFilter,
) -> Vec<String> {
    let text = |relation: BucketAncestry| {
        let (parent, child) = (
            relation.parent.expect("a parent"),
            relation.child.expect("a child"),
        );
        format!(
            "{}/{} > {}/{} {}",
            parent.bucket_name,
            parent.version_fingerprint,
            child.bucket_name,
            child.version_fingerprint,
            relation.status
        )
    };
    let answer = list(client, bucket, filter).await;
    let mut lines: Vec<String> = answer.relations.into_iter().map(text).collect();
    lines.sort_unstable();
    assert_eq!(usize::try_from(answer.total_count), Ok(lines.len()));
    lines
}

pub(crate) fn all() -> AncestryFilter {
    AncestryFilter::default()
}

#[tokio::test]
async fn a_relation_is_answered_whole() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let path = admin.scope().unwrap().bucket_ancestry("app");
    let answer = admin.send(Method::GET, &path, None).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "pagination": {
        "next_page_token": "",
        "previous_page_token": ""
      },
      "relations": [
        {
          "child": {
            "bucket_name": "app",
            "version_fingerprint": "a1",
            "version_id": "<ulid>",
            "version_name": "v1"
          },
          "parent": {
            "bucket_name": "base",
            "channel_name": "prod",
            "channel_version": {
              "fingerprint": "b1",
              "id": "<ulid>",
              "name": "v1"
            },
            "version_fingerprint": "b1",
            "version_id": "<ulid>",
            "version_name": "v1"
          },
          "status": "UP_TO_DATE"
        }
      ],
      "total_count": 1
    }
    "#);
}

#[tokio::test]
async fn both_ends_show_the_relation() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    for bucket in ["base", "app"] {
        assert_eq!(
            relations(&admin, bucket, &all()).await,
            ["base/b1 > app/a1 UP_TO_DATE"]
        );
    }
}

#[tokio::test]
async fn a_child_is_out_of_date_when_the_channel_has_moved_on() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    admin.complete("base", "b2").await;
    assert_eq!(
        relations(&admin, "app", &all()).await,
        ["base/b1 > app/a1 UP_TO_DATE"]
    );
    admin.assign("base", "prod", "b2").await;
    for bucket in ["base", "app"] {
        assert_eq!(
            relations(&admin, bucket, &all()).await,
            ["base/b1 > app/a1 OUT_OF_DATE"]
        );
    }
    admin.assign("base", "prod", "").await;
    assert_eq!(
        relations(&admin, "app", &all()).await,
        ["base/b1 > app/a1 OUT_OF_DATE"]
    );
}

#[tokio::test]
async fn without_a_channel_nothing_can_be_said() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let base = admin.look("base", "b1").await;
    admin.child("app", "a2", &base, "").await;
    assert_eq!(
        relations(&admin, "app", &all()).await,
        ["base/b1 > app/a2 UNDETERMINED"]
    );
}

#[tokio::test]
async fn a_deleted_channel_leaves_the_relation_undetermined() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    admin.delete_channel("base", "prod").await.unwrap();
    assert_eq!(
        relations(&admin, "app", &all()).await,
        ["base/b1 > app/a1 UNDETERMINED"]
    );
    let parent = list(&admin, "app", &all())
        .await
        .relations
        .remove(0)
        .parent
        .unwrap();
    assert_eq!(
        (parent.channel_name.as_str(), parent.channel_version),
        ("", None)
    );
}

#[tokio::test]
async fn an_unknown_parent_is_kept_and_undetermined() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    admin.version("app", "a2").await;
    let build = admin.build("app", "a2", "a").await;
    let unknown = "01JD0000000000000000000001";
    let body = UpdateBuildBody {
        parent_version_id: unknown.into(),
        ..done("x")
    };
    admin.tell(("app", "a2", &build), &body).await;
    let relation = list(&admin, "app", &all()).await.relations.remove(0);
    let parent = relation.parent.unwrap();
    assert_eq!(relation.status, Undetermined);
    assert_eq!(
        (parent.version_id.as_str(), parent.bucket_name.as_str()),
        (unknown, "")
    );
}

#[tokio::test]
async fn a_version_of_another_project_is_an_unknown_parent() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let second = second_project(&server).await;
    let there = admin.with_scope(&second.organization_id, &second.id);
    there.bucket("app").await;
    let base = admin.look("base", "b1").await;
    there.child("app", "a1", &base, "").await;
    assert_eq!(
        relations(&there, "app", &all()).await,
        ["/ > app/a1 UNDETERMINED"]
    );
    assert_eq!(
        relations(&admin, "base", &all()).await,
        ["base/b1 > app/a1 UP_TO_DATE"]
    );
}

#[tokio::test]
async fn children_are_judged_by_their_latest_version() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    admin.complete("app", "orphan").await;
    assert!(relations(&admin, "base", &all()).await.is_empty());
}

#[tokio::test]
async fn buckets_and_versions_say_how_their_relations_stand() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    for status in [UpToDate, OutOfDate] {
        let (base, app) = (
            admin.see_bucket("base").await,
            admin.see_bucket("app").await,
        );
        assert_eq!(base.children.map(|c| c.status), Some(status));
        assert_eq!(base.parents, None);
        assert_eq!(app.parents.map(|p| p.status), Some(status));
        assert_eq!(app.children, None);
        let version = admin.look("app", "a1").await;
        assert_eq!(version.parents.map(|p| p.status), Some(status));
        assert!(!version.has_descendants);
        let parent = admin.look("base", "b1").await;
        assert!(parent.has_descendants && parent.parents.is_none());
        let newer = format!("after-{status}");
        admin.complete("base", &newer).await;
        admin.assign("base", "prod", &newer).await;
    }
}

#[tokio::test]
async fn a_restricted_channel_is_blanked_for_a_viewer_but_the_status_stays() {
    let server = TestServer::start().await;
    let admin = family(&server).await;
    let body = masked("restricted", "", true);
    admin.update_channel("base", "prod", &body).await.unwrap();
    let of = |mut answer: ListBucketAncestryResponse| {
        let relation = answer.relations.remove(0);
        let parent = relation.parent.unwrap();
        (
            parent.channel_name,
            parent.channel_version.is_some(),
            relation.status,
        )
    };
    let seen = of(list(&server.viewer().await, "app", &all()).await);
    assert_eq!(seen, (String::new(), false, UpToDate));
    let seen = of(list(&server.contributor().await, "app", &all()).await);
    assert_eq!(seen, ("prod".to_owned(), true, UpToDate));
}

#[tokio::test]
async fn a_child_in_another_project_makes_no_descendant() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("base").await;
    let base = admin.complete("base", "b1").await;
    let second = second_project(&server).await;
    let there = admin.with_scope(&second.organization_id, &second.id);
    there.bucket("app").await;
    there.child("app", "a1", &base, "").await;
    assert!(!admin.look("base", "b1").await.has_descendants);
    assert_eq!(admin.see_bucket("base").await.children, None);
}
