//! What comes of looking up a parent: relations between buckets, and inherited revocations.

use touchmark_client::AncestryFilter;
use touchmark_tests::{Story, TestServer, refusal, wire::version::Version};

use crate::{
    data_sources::{base, revoke},
    reading::{By, Reader},
    run::{Packer, Release},
};

/// Runs a template whose source is the base's artifact, as found through its channel.
async fn child(server: &TestServer, fingerprint: &str) -> Version {
    let reader = Reader::new(server).await;
    let wanted = ("aws", "us-east-1", None);
    let found = reader.artifact("base", By::Channel("stable"), wanted).await;
    let found = found.expect("a parent");
    let packer = Packer::new(server, Release::V1_16, ("child", fingerprint)).await;
    let slots = packer.prepare(&["amazon-ebs.child"]).await.expect("a run");
    let mut body = packer.result(&format!("ami-{fingerprint}"));
    body["source_external_identifier"] = found.external_identifier.into();
    body["parent_version_id"] = found.version_id.into();
    body["parent_channel_id"] = found.channel_id.into();
    let reply = packer.done(&slots[0], body).await;
    assert_eq!(
        reply.body["build"]["source_external_identifier"],
        "ami-amazon-ebs.one"
    );
    server.admin().look("child", fingerprint).await
}

#[tokio::test]
async fn a_child_built_through_a_channel_is_related_and_falls_behind_when_the_channel_moves() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base(&server).await;
    let made = child(&server, "c1").await;
    let parents = made.parents.expect("parents");
    assert_eq!(parents.status.as_str(), "UP_TO_DATE");
    assert!(admin.look("base", "b1").await.has_descendants);
    let relations = || async {
        let filter = AncestryFilter::default();
        let page = touchmark_client::Page::default();
        let found = admin.list_bucket_ancestry("child", &filter, &page).await;
        found.expect("relations").relations
    };
    let found = relations().await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].status.as_str(), "UP_TO_DATE");

    admin.complete("base", "b2").await;
    admin.assign("base", "stable", "b2").await;
    assert_eq!(relations().await[0].status.as_str(), "OUT_OF_DATE");
    let parents = admin.look("child", "c1").await.parents.expect("parents");
    assert_eq!(parents.status.as_str(), "OUT_OF_DATE");
}

#[tokio::test]
async fn a_build_whose_parent_was_revoked_meanwhile_is_recorded_and_revoked_with_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let (parent, channel_id) = base(&server).await;
    let packer = Packer::new(&server, Release::V1_16, ("child", "c1")).await;
    let slots = packer.prepare(&["amazon-ebs.child"]).await.expect("a run");
    packer.becomes(&slots[0], "BUILD_RUNNING").await;
    revoke(&admin, "b1", "0s", false).await;
    let mut body = packer.result("ami-c1");
    body["parent_version_id"] = parent.id.clone().into();
    body["parent_channel_id"] = channel_id.into();
    let reply = packer.done(&slots[0], body).await;
    assert_eq!(reply.status, 200, "an hour's build is recorded: {reply:?}");
    let version = admin.look("child", "c1").await;
    assert_eq!(
        [
            version.name.as_str(),
            version.status.as_str(),
            version.revocation_type.as_str()
        ],
        ["v1", "VERSION_REVOKED", "INHERITED"]
    );
    let from = version.revocation_inherited_from.expect("an ancestor");
    assert_eq!(
        (from.bucket_name.as_str(), from.version_id),
        ("base", parent.id)
    );
    assert_eq!(admin.held("child", "latest").await, "");
    let channel = admin.channel("child", "stable", "").await;
    assert!(!channel.is_empty());
    let body = touchmark_tests::wire::channel::UpdateChannelBody {
        update_mask: Some("versionFingerprint".into()),
        version_fingerprint: "c1".into(),
        restricted: false,
    };
    let refused = refusal(admin.update_channel("child", "stable", &body).await);
    assert!(refused.starts_with("400/9"), "{refused}");
}

#[tokio::test]
async fn an_unknown_parent_is_stored_and_undetermined() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_16, ("child", "c1")).await;
    let slots = packer.prepare(&["a"]).await.expect("a run");
    let mut body = packer.result("ami-1");
    body["parent_version_id"] = "01ARZ3NDEKTSV4RRFFQ69G5FAV".into();
    let reply = packer.done(&slots[0], body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let parents = server.admin().look("child", "c1").await.parents;
    assert_eq!(parents.expect("parents").status.as_str(), "UNDETERMINED");
}

#[tokio::test]
async fn a_parent_channel_needs_a_parent_version() {
    let server = TestServer::start().await;
    let (_, channel_id) = base(&server).await;
    let packer = Packer::new(&server, Release::V1_16, ("child", "c1")).await;
    let slots = packer.prepare(&["a"]).await.expect("a run");
    let mut body = packer.result("ami-1");
    body["parent_channel_id"] = channel_id.into();
    let reply = packer.patch(&slots[0], body).await;
    assert_eq!((reply.status, reply.code()), (400, Some(3)));
}
