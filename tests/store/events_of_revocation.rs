//! What revoking and restoring append, and what holds for every row of the log.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use sha2::{Digest, Sha256};
use touchmark_tests::{Story, TestDatabase, TestServer, wire::version::UpdateVersionBody};

use crate::{
    look::{self, Event},
    story::{self, Watch, restore, revoke, revoked},
};

#[tokio::test]
async fn revoking_appends_what_descendants_inherit_and_where_channels_go() {
    let server = TestServer::start().await;
    let admin = server.admin();
    story::family(&server).await;
    let mut watch = Watch::from_now(&server).await;
    revoked(&admin, "parent", "p2").await;
    assert_snapshot!(watch.shown().await, @r"
    version.revoked p2 by admin
    version.revocation_inherited c1 by admin
    channel.rolled_back prod by admin
    channel.assigned latest by admin
    channel.rolled_back prod by admin
    channel.cleared latest by admin
    bucket.updated child by admin
    ");
    admin
        .update_version("parent", "p2", &restore())
        .await
        .expect("a restored version");
    assert_snapshot!(watch.shown().await, @r"
    version.restored p2 by admin
    version.restored c1 by admin
    channel.assigned latest by admin
    channel.assigned latest by admin
    bucket.updated child by admin
    ");
}

#[tokio::test]
async fn revoking_without_descendants_and_without_rollback_appends_one() {
    let server = TestServer::start().await;
    let admin = server.admin();
    story::family(&server).await;
    admin.complete("parent", "p3").await;
    let mut watch = Watch::from_now(&server).await;
    let how = UpdateVersionBody {
        skip_descendants_revocation: true,
        disable_rollback_channels: true,
        ..revoke()
    };
    admin
        .update_version("parent", "p2", &how)
        .await
        .expect("a revoked version");
    assert_snapshot!(watch.shown().await, @"version.revoked p2 by admin");
}

#[tokio::test]
async fn a_schedule_is_appended_at_once_and_its_effects_when_it_falls_due() {
    let server = TestServer::start().await;
    let admin = server.admin();
    story::family(&server).await;
    let mut watch = Watch::from_now(&server).await;
    let how = UpdateVersionBody {
        revoke_in: "1h".to_owned(),
        ..revoke()
    };
    admin
        .update_version("parent", "p2", &how)
        .await
        .expect("a schedule");
    assert_snapshot!(watch.shown().await, @r"
    version.revocation_scheduled p2 by admin
    version.revocation_inherited c1 by admin
    ");
    server.advance(std::time::Duration::from_hours(1));
    server.run_jobs().await;
    // Each bucket is settled on its own, in no order that is promised.
    assert_snapshot!(watch.shown_by_bucket().await, @r"
    version.revoked p2 by touchmark
    channel.rolled_back prod by touchmark
    channel.assigned latest by touchmark
    version.revoked c1 by touchmark
    channel.rolled_back prod by touchmark
    channel.cleared latest by touchmark
    bucket.updated child by touchmark
    ");
    server.run_jobs().await;
    assert_eq!(watch.shown().await, "", "running it again does no harm");
}

#[tokio::test]
async fn a_child_recorded_after_the_revocation_inherits_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    story::family(&server).await;
    let parent = admin.look("parent", "p2").await;
    revoked(&admin, "parent", "p2").await;
    let mut watch = Watch::from_now(&server).await;
    admin.child("child", "late", &parent, "").await;
    assert_snapshot!(watch.shown().await, @r"
    version.created late by admin
    build.created amazon-ebs.base by admin
    build.done amazon-ebs.base by admin
    version.revocation_inherited late by admin
    version.completed late by admin
    ");
}

/// The text in RFC 8785. The payloads hold no floats and no keys but ASCII, so sorted keys without
/// spaces are all that it asks.
fn canonical(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    serde_json::to_string(&value).expect("JSON")
}

fn digest(text: &str) -> String {
    let bytes = Sha256::digest(text.as_bytes());
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.concat()
}

#[tokio::test]
async fn every_payload_is_canonical_and_has_the_digest_beside_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    story::everything(&server).await;
    admin.delete_bucket("child").await.expect("a deletion");
    let log = look::log(&server).await;
    assert!(log.len() > 30, "{}", log.len());
    for event in &log {
        assert_eq!(canonical(&event.payload), event.payload);
        assert_eq!(digest(&event.payload), event.digest);
        let payload: serde_json::Value = serde_json::from_str(&event.payload).expect("JSON");
        assert_eq!(payload["v"], 1, "{}", event.payload);
        let gone = event.action.ends_with(".deleted");
        assert_eq!(
            payload["after"].is_null(),
            gone,
            "{} {}",
            event.action,
            event.payload
        );
        assert_eq!(payload.as_object().map(serde_json::Map::len), Some(2));
        let kind = event.action.split('.').next().expect("a kind");
        assert_eq!(kind, event.resource_kind);
    }
    let spelled = log
        .iter()
        .any(|event| event.payload.contains(r#"Zoë's \"Linux\" 🐧"#));
    assert!(spelled, "text is kept letter by letter");
}

#[tokio::test]
async fn every_row_says_where_who_and_when() {
    let server = TestServer::start().await;
    story::everything(&server).await;
    let log = look::log(&server).await;
    let mut ids: Vec<&str> = log.iter().map(|event| event.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), log.len());
    for event in &log {
        assert_eq!(event.id.len(), 26);
        // What belongs to the organization happens in no project.
        let everywhere = matches!(&*event.resource_kind, "organization" | "principal");
        let project = if everywhere { "" } else { &server.project.id };
        assert_eq!(event.project_id, project, "{event:?}");
        assert_eq!(event.organization_id, server.project.organization_id);
        assert!(!event.resource_id.is_empty() && !event.resource_name.is_empty());
        let by_request = event.actor_kind == "service";
        assert_eq!(!event.request_id.is_empty(), by_request, "{event:?}");
        assert_eq!(!event.actor_id.is_empty(), by_request, "{event:?}");
        assert_eq!(event.actor_name == "admin", by_request, "{event:?}");
        assert_eq!(event.bucket_id.is_empty(), event.revision == 0, "{event:?}");
        assert_eq!(event.transaction_id > 0, TestDatabase::is_postgres());
    }
}

/// The rows of each bucket.
fn by_bucket(log: &[Event]) -> BTreeMap<&str, Vec<&Event>> {
    let mut buckets = BTreeMap::<&str, Vec<&Event>>::new();
    for event in log.iter().filter(|event| !event.bucket_id.is_empty()) {
        buckets.entry(&event.bucket_id).or_default().push(event);
    }
    buckets
}

#[tokio::test]
async fn the_revision_of_a_bucket_goes_up_with_every_request() {
    let server = TestServer::start().await;
    story::everything(&server).await;
    let log = look::log(&server).await;
    assert!(
        log.windows(2)
            .all(|pair| pair[0].sequence < pair[1].sequence)
    );
    for (bucket, events) in by_bucket(&log) {
        for pair in events.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            if before.request_id == after.request_id {
                assert_eq!(
                    before.revision, after.revision,
                    "{bucket} {before:?} {after:?}"
                );
                assert_eq!(before.at, after.at);
                assert_eq!(before.transaction_id, after.transaction_id);
            } else {
                assert!(
                    before.revision < after.revision,
                    "{bucket} {before:?} {after:?}"
                );
                assert!(before.at < after.at);
                assert!(before.transaction_id <= after.transaction_id);
            }
        }
    }
}

#[tokio::test]
async fn the_last_event_of_a_resource_shows_it_as_it_is() {
    let server = TestServer::start().await;
    story::everything(&server).await;
    let log = look::log(&server).await;
    let last = |kind: &str, name: &str| {
        let event = log
            .iter()
            .rev()
            .find(|e| e.resource_kind == kind && e.resource_name == name);
        let payload = &event.expect("an event").payload;
        serde_json::from_str::<serde_json::Value>(payload).expect("JSON")["after"].clone()
    };
    let version = last("version", "p2");
    assert_eq!(
        (&version["number"], &version["fingerprint"]),
        (&2.into(), &"p2".into())
    );
    assert_eq!(version["revocation"]["message"], "CVE-2026-1");
    let inherited = last("version", "c1");
    assert_eq!(inherited["revocation"]["source_id"], version["id"]);
    let prod = last("channel", "prod");
    assert_eq!(
        prod["version_id"],
        serde_json::Value::Null,
        "the child's, which was rolled back"
    );
    let build = last("build", "null.other");
    assert_eq!(build["artifacts"][0]["external_identifier"], "image");
}
