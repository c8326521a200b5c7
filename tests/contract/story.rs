//! A story in which every operation that is built succeeds, so that each answer is held against its
//! schema: with nothing there yet, with everything there, and while things are revoked.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use touchmark_tests::{RUN, TestServer, upload, wire::sbom::SbomFormat};

use crate::{
    access,
    document::{Document, unsupported},
    teller::Teller,
};

const BASE: (&str, &str) = ("bucket_name", "base");
const CHILD: (&str, &str) = ("bucket_name", "child");
const FIRST: (&str, &str) = ("fingerprint", "f1");
const STABLE: (&str, &str) = ("channel_name", "stable");

#[tokio::test]
async fn every_built_operation_succeeds_and_answers_what_its_schema_says() {
    let server = TestServer::start().await;
    let mut teller = Teller::new(&server, server.admin());
    introductions(&mut teller).await;
    buckets(&mut teller).await;
    let principal = access::bucket_policy(&mut teller).await;
    access::run_task(&mut teller).await;
    look_around(&mut teller).await;
    let build = first_version(&mut teller).await;
    channels(&mut teller).await;
    let version = teller.look("GetVersion", &[BASE, FIRST]).await;
    let parent = text(&version, "/version/id");
    child(&mut teller, &parent).await;
    enforced_blocks(&mut teller).await;
    look_around(&mut teller).await;
    older_calls(&mut teller, &parent).await;
    revocations(&mut teller).await;
    teller
        .look(
            "ServicePrincipalsService_DeleteServicePrincipal",
            &[("resource_name", &principal)],
        )
        .await;
    access::policy(&mut teller, 0).await;
    ends(&mut teller, &build).await;

    let all = Document::get()
        .operations
        .iter()
        .map(|operation| operation.id.clone());
    let expected: BTreeSet<String> = all.filter(|id| !unsupported().contains(id)).collect();
    let missing: Vec<&String> = expected.difference(&teller.succeeded).collect();
    let surplus: Vec<&String> = teller.succeeded.difference(&expected).collect();
    assert!(missing.is_empty(), "never succeeded: {missing:?}");
    assert!(surplus.is_empty(), "built after all: {surplus:?}");
}

/// The text at a place of an answer.
pub(crate) fn text(answer: &Value, pointer: &str) -> String {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("no {pointer} in {answer}"))
        .to_owned()
}

/// Who the caller is, where it is, and the registry that it finds there.
async fn introductions(teller: &mut Teller<'_>) {
    let value = |name: &str| teller.server.env[name].clone();
    let form = format!(
        "grant_type=client_credentials&audience=https%3A%2F%2Fapi.hashicorp.cloud\
         &client_id={}&client_secret={}",
        value("HCP_CLIENT_ID"),
        value("HCP_CLIENT_SECRET"),
    );
    let project = teller.server.project.clone();
    let (status, token) = teller.token("", &form).await;
    let keys: Vec<&String> = token.as_object().expect("an object").keys().collect();
    assert_eq!(status, 200);
    assert_eq!(keys, ["access_token", "expires_in", "token_type"]);

    let organization = ("id", project.organization_id.as_str());
    teller.look("OrganizationService_List", &[]).await;
    teller
        .look("OrganizationService_Get", &[organization])
        .await;
    let scope = format!("scope.id={}&scope.type=ORGANIZATION", organization.1);
    teller
        .look(&format!("ProjectService_List?{scope}"), &[])
        .await;
    let answer = teller
        .look("ProjectService_Get", &[("id", &project.id)])
        .await;
    assert_eq!(answer["project"]["parent"]["id"], organization.1);
    teller.look("IamService_GetCallerIdentity", &[]).await;

    teller.look("GetRegistry", &[]).await;
    let body = json!({"feature_tier": "STANDARD", "update_mask": "featureTier"});
    let answer = teller.tell("UpdateRegistry", &[], body).await;
    operation(teller, &answer).await;
    let body = json!({"activated": true, "feature_tier": "PLUS",
        "update_mask": "config.activated,feature_tier"});
    teller.tell("UpdateRegistry", &[], body).await;
}

/// The operation of an answer can be asked for and waited for, and is done.
async fn operation(teller: &mut Teller<'_>, answer: &Value) {
    let id = text(answer, "/operation/id");
    for call in ["OperationService_Get", "OperationService_Wait?timeout=1s"] {
        let found = teller.look(call, &[("id", &id)]).await;
        assert_eq!(found["operation"]["state"], "DONE");
        assert_eq!(found["operation"]["error"], Value::Null);
    }
}

async fn buckets(teller: &mut Teller<'_>) {
    let body = json!({"name": "base", "description": "a base", "labels": {"os": "linux"}});
    teller.tell("CreateBucket", &[], body).await;
    teller
        .tell("CreateBucket", &[], json!({"name": "child"}))
        .await;
    let body = json!({"description": "the base", "platforms": null});
    teller.tell("UpdateBucket", &[BASE], body).await;
}

/// Registers two builds and finishes them; gives the id of one.
async fn first_version(teller: &mut Teller<'_>) -> String {
    let body = json!({"fingerprint": "f1", "template_type": "HCL2"});
    teller.tell("CreateVersion", &[BASE], body).await;
    let mut ids = Vec::new();
    for component in ["amazon-ebs.base", "docker.base"] {
        let body = json!({"artifacts": null, "component_type": component,
            "packer_run_uuid": RUN, "status": "BUILD_UNSET"});
        let answer = teller.tell("CreateBuild", &[BASE, FIRST], body).await;
        ids.push(text(&answer, "/build/id"));
    }
    look_around(teller).await;
    bill_of_material(teller, &ids[0]).await;
    for (id, platform) in ids.iter().zip(["aws", "docker"]) {
        let build = [BASE, FIRST, ("build_id", id.as_str())];
        let body = json!({"artifacts": null, "packer_run_uuid": RUN, "status": "BUILD_RUNNING"});
        teller.tell("UpdateBuild", &build, body).await;
        let body = json!({
            "artifacts": [{"external_identifier": format!("{platform}-1"), "region": "here"}],
            "labels": {"git_sha": "abc"},
            "metadata": {"cicd": null, "packer": {"version": "1.16.0"}, "vcs": {"details": null}},
            "packer_run_uuid": RUN, "platform": platform,
            "source_external_identifier": "ami-0", "status": "BUILD_DONE"});
        teller.tell("UpdateBuild", &build, body).await;
        let answer = teller.look("GetBuild", &build).await;
        assert_eq!(answer["build"]["metadata"]["packer"]["version"], "1.16.0");
    }
    ids.remove(0)
}

/// What the first build consists of.
async fn bill_of_material(teller: &mut Teller<'_>, build: &str) {
    let build = [BASE, FIRST, ("build_id", build)];
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
        "components": [{"type": "library", "name": "zlib", "version": "1.3"}]});
    let body = json!(upload(SbomFormat::CycloneDx, &document, "os-packages"));
    teller.tell("UploadSbom", &build, body).await;
    let answer = teller.look("ListSboms", &build).await;
    assert_eq!(answer["sboms"][0]["format"], "CYCLONEDX");
    let named = [build[0], build[1], build[2], ("sbom_name", "os-packages")];
    let answer = teller.look("GetSbom", &named).await;
    assert!(text(&answer, "/download_url").starts_with(&teller.server.state.public_url));
    let answer = teller.look("ListBuildPackages", &build).await;
    assert_eq!(answer["packages"][0]["sboms"][0]["name"], "os-packages");
    let call = "ListBucketPackages?package_name_starts_with=z&sorting.order_by=name%20desc";
    let answer = teller.look(call, &[BASE]).await;
    assert_eq!(answer["packages"][0]["version"], "1.3");
}

async fn channels(teller: &mut Teller<'_>) {
    let body = json!({"name": "stable", "version_fingerprint": "f1"});
    teller.tell("CreateChannel", &[BASE], body).await;
    let body = json!({"restricted": true, "update_mask": "restricted"});
    teller.tell("UpdateChannel", &[BASE, STABLE], body).await;
    teller
        .tell("CreateChannel", &[BASE], json!({"name": "empty"}))
        .await;
    let body = json!({"source_channel": "stable", "target_channel": "empty"});
    teller.tell("AssignChannelVersion", &[BASE], body).await;
    let body = json!({"update_mask": "versionFingerprint"});
    let empty = [BASE, ("channel_name", "empty")];
    teller.tell("UpdateChannel", &empty, body).await;
    let answer = teller.look("ListChannelAssignmentHistory", &empty).await;
    assert_eq!(answer["count"], 2);
}

/// A version of another bucket that was built from the first.
async fn child(teller: &mut Teller<'_>, parent: &str) {
    let channel = teller.look("GetChannel", &[BASE, STABLE]).await;
    let body = json!({"fingerprint": "c1"});
    teller.tell("CreateVersion", &[CHILD], body).await;
    let version = [CHILD, ("fingerprint", "c1")];
    let body = json!({"artifacts": null, "component_type": "docker.child",
        "packer_run_uuid": RUN, "status": "BUILD_UNSET"});
    let answer = teller.tell("CreateBuild", &version, body).await;
    let id = text(&answer, "/build/id");
    let body = json!({"artifacts": [{"external_identifier": "sha256:c"}],
        "packer_run_uuid": RUN, "platform": "docker", "status": "BUILD_DONE",
        "parent_version_id": parent, "parent_channel_id": text(&channel, "/channel/id"),
        "source_external_identifier": "docker-1"});
    let build = [CHILD, ("fingerprint", "c1"), ("build_id", id.as_str())];
    teller.tell("UpdateBuild", &build, body).await;
    let found = teller.look("ListBucketAncestry", &[BASE]).await;
    assert_eq!(found["total_count"], 1);
}

/// Reads what there is, with whatever state it is in.
async fn look_around(teller: &mut Teller<'_>) {
    teller.look("ListBuckets?sorting.order_by=name", &[]).await;
    for bucket in [BASE, CHILD] {
        teller.look("GetBucket", &[bucket]).await;
        teller.look("ListChannels", &[bucket]).await;
        let latest = [bucket, ("channel_name", "latest")];
        teller.look("GetChannel", &latest).await;
        teller.look("ListChannelAssignmentHistory", &latest).await;
        teller
            .look(
                "GetChannel_20210430",
                &[("bucket_slug", bucket.1), ("slug", "latest")],
            )
            .await;
        for kind in ["UNSET", "PARENTS", "CHILDREN"] {
            let call = format!("ListBucketAncestry?type=ANCESTRY_TYPE_{kind}");
            teller.look(&call, &[bucket]).await;
        }
        let listed = teller
            .look("ListVersions?pagination.page_size=1", &[bucket])
            .await;
        for version in listed["versions"].as_array().expect("versions") {
            let fingerprint = text(version, "/fingerprint");
            let version = [bucket, ("fingerprint", fingerprint.as_str())];
            teller.look("GetVersion", &version).await;
            teller.look("ListBuilds", &version).await;
        }
    }
    for identifier in ["aws-1", "sha256:c", "none"] {
        let body = json!({"external_identifier": identifier});
        teller.tell("SearchExternalArtifact", &[], body).await;
    }
}

/// Enforces a block on a bucket, changes everything that can change, and takes it away again.
async fn enforced_blocks(teller: &mut Teller<'_>) {
    teller.look("ListEnforcedBlocks", &[]).await;
    let body = json!({"name": "baseline", "labels": {"team": "security"}, "version": "1.0.0",
        "block_content": "provisioner \"shell-local\" {}", "template_type": "HCL2",
        "additional_description": "harden"});
    let answer = teller.tell("CreateEnforcedBlock", &[], body).await;
    let (id, first) = (
        text(&answer, "/enforced_block/id"),
        text(&answer, "/enforced_block/latest_version/id"),
    );
    let block = ("enforced_block_id", id.as_str());
    let body = json!({"version": "2.0.0", "block_content": "{}", "template_type": "JSON"});
    let call = "CreateEnforcedBlockVersion";
    let answer = teller.tell(call, &[block], body).await;
    let second = text(&answer, "/enforced_block_version/id");
    let [first, second] = [&first, &second].map(|id| [block, ("enforced_block_version_id", id)]);
    let body = json!({"additional_description": "x", "update_mask": "additionalDescription"});
    teller
        .tell("UpdateEnforcedBlockVersion", &second, body)
        .await;
    let body = json!({"name": "base", "labels": {}, "update_mask": "name,labels"});
    teller.tell("UpdateEnforcedBlock", &[block], body).await;
    for names in [json!(["base", "child"]), json!(["child"]), json!(null)] {
        let body = json!({"bucket_names": names});
        teller
            .tell("ManageEnforcedBlockLinkedBuckets", &first, body)
            .await;
        teller.look("GetEnforcedBlockLinkedBuckets", &first).await;
        teller.look("GetEnforcedBlocksByBucket", &[BASE]).await;
    }
    teller.look("ListEnforcedBlocks", &[]).await;
    teller.look("GetEnforcedBlock", &[block]).await;
    teller.look("GetEnforcedBlockVersions", &[block]).await;
    teller.look("DeleteEnforcedBlockVersion", &second).await;
    teller.look("DeleteEnforcedBlock", &[block]).await;
}

async fn older_calls(teller: &mut Teller<'_>, parent: &str) {
    let bucket = ("bucket_slug", "base");
    for query in [
        format!("iteration_id={parent}"),
        "fingerprint=f1".to_owned(),
        "incremental_version=1".to_owned(),
    ] {
        let call = format!("GetIteration_20210430?{query}");
        let answer = teller.look(&call, &[bucket]).await;
        assert_eq!(answer["iteration"]["id"], parent);
    }
    let body = json!({"cloud_provider": "aws", "region": "here", "labels": {"git_sha": "abc"}});
    let call = "BuildService_GetImageByBuildLabels_20221202";
    teller.tell(call, &[BASE, STABLE], body).await;
}

/// Schedules a revocation, lets it fall due, takes it back and revokes at once.
async fn revocations(teller: &mut Teller<'_>) {
    let unset = "0001-01-01T00:00:00.000Z";
    let first = [BASE, FIRST];
    let body = json!({"revoke_at": unset, "revoke_in": "0h30m", "revocation_message": "old"});
    let answer = teller.tell("UpdateVersion", &first, body).await;
    assert_eq!(answer["version"]["status"], "VERSION_REVOCATION_SCHEDULED");
    operation(teller, &answer).await;
    look_around(teller).await;
    teller.server.advance(Duration::from_mins(31));
    teller.server.run_jobs().await;
    look_around(teller).await;
    let body = json!({"restore": true, "revoke_at": unset});
    teller.tell("UpdateVersion", &first, body).await;
    let body = json!({"revoke_at": unset, "revoke_in": "0s"});
    let answer = teller.tell("UpdateVersion", &first, body).await;
    assert_eq!(answer["version"]["status"], "VERSION_REVOKED");
    look_around(teller).await;
}

/// Takes everything away again.
async fn ends(teller: &mut Teller<'_>, build: &str) {
    let build = [BASE, FIRST, ("build_id", build)];
    teller.look("DeleteBuild", &build).await;
    let body = json!({"restore": true});
    teller.tell("UpdateVersion", &[BASE, FIRST], body).await;
    let body = json!({"update_mask": "versionFingerprint", "version_fingerprint": "f1"});
    teller.tell("UpdateChannel", &[BASE, STABLE], body).await;
    let call = "DeleteVersion?rollback_channels=true";
    teller.look(call, &[BASE, FIRST]).await;
    look_around(teller).await;
    teller.look("DeleteChannel", &[BASE, STABLE]).await;
    teller.look("DeleteBucket", &[BASE]).await;
    teller.look("DeleteBucket", &[CHILD]).await;
    let answer = teller.look("DeleteRegistry", &[]).await;
    operation(teller, &answer).await;
    let body = json!({"feature_tier": "PLUS"});
    teller.tell("CreateRegistry", &[], body).await;
}
