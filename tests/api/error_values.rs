//! Texts that cannot be stored: with a NUL in them, or too long.

use serde_json::{Value, json};
use touchmark_client::Method;
use touchmark_tests::{
    Client, RUN, Story, TestServer, artifact, done, refusal,
    wire::{
        build::{BuildMetadata, BuildStatus, CreateBuildBody, UpdateBuildBody},
        version::UpdateVersionBody,
    },
};

use crate::{
    errors::fault,
    kit::{is, revoke_in},
};

/// Bucket `alpine` with version `one` and the empty channel `prod`, and the path of a build.
async fn alpine(server: &TestServer) -> (Client, String) {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "one").await;
    let build = admin.build("alpine", "one", "a").await;
    admin.channel("alpine", "prod", "").await;
    (admin, build)
}

/// Sends bodies to a path and expects that each is refused as invalid.
async fn all_invalid(client: &Client, (method, path): (Method, String), bodies: Vec<Value>) {
    let mut wrong = Vec::new();
    for body in bodies {
        let answer = client.send(method.clone(), &path, Some(&body)).await;
        let answer = fault(&answer.expect("an answer"));
        if !answer.starts_with("400/3") {
            wrong.push(format!("{body}: {answer}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn a_nul_in_a_text_of_a_bucket_is_refused() {
    let server = TestServer::start().await;
    let (admin, _) = alpine(&server).await;
    let paths = admin.scope().unwrap();
    let bodies = vec![
        json!({"name": "a\0"}),
        json!({"name": "a", "description": "\0"}),
        json!({"name": "a", "labels": {"\0": "x"}}),
        json!({"name": "a", "labels": {"x": "\0"}}),
    ];
    all_invalid(&admin, (Method::PUT, paths.buckets()), bodies).await;
    let bodies = vec![json!({"description": "\0"}), json!({"labels": {"x": "\0"}})];
    all_invalid(&admin, (Method::PATCH, paths.bucket("alpine")), bodies).await;
}

#[tokio::test]
async fn a_nul_in_a_text_of_a_version_is_refused() {
    let server = TestServer::start().await;
    let (admin, _) = alpine(&server).await;
    let paths = admin.scope().unwrap();
    let bodies = vec![json!({"fingerprint": "a\0"})];
    all_invalid(&admin, (Method::POST, paths.versions("alpine")), bodies).await;
    let bodies = vec![
        json!({"revoke_in": "1h", "revocation_message": "\0"}),
        json!({"revoke_in": "1h\0"}),
    ];
    let path = paths.version("alpine", "one");
    all_invalid(&admin, (Method::PATCH, path), bodies).await;
}

#[tokio::test]
async fn a_nul_in_a_text_of_a_build_is_refused() {
    let server = TestServer::start().await;
    let (admin, build) = alpine(&server).await;
    let paths = admin.scope().unwrap();
    let bodies = vec![json!({"component_type": "\0", "packer_run_uuid": RUN})];
    let path = paths.builds("alpine", "one");
    all_invalid(&admin, (Method::POST, path), bodies).await;
    let bodies = vec![
        json!({"platform": "\0"}),
        json!({"source_external_identifier": "\0"}),
        json!({"parent_version_id": "\0"}),
        json!({"packer_run_uuid": "\0"}),
        json!({"labels": {"x": "\0"}}),
        json!({"artifacts": [{"external_identifier": "\0"}]}),
        json!({"artifacts": [{"region": "\0"}]}),
    ];
    let path = paths.build("alpine", "one", &build);
    all_invalid(&admin, (Method::PATCH, path), bodies).await;
}

#[tokio::test]
async fn a_nul_in_a_text_of_a_channel_is_refused() {
    let server = TestServer::start().await;
    let (admin, _) = alpine(&server).await;
    let paths = admin.scope().unwrap();
    let bodies = vec![
        json!({"name": "a\0"}),
        json!({"name": "a", "version_fingerprint": "\0"}),
    ];
    all_invalid(&admin, (Method::POST, paths.channels("alpine")), bodies).await;
    let mask = "versionFingerprint";
    let bodies = vec![json!({"update_mask": mask, "version_fingerprint": "\0"})];
    let path = paths.channel("alpine", "prod");
    all_invalid(&admin, (Method::PATCH, path), bodies).await;
    let bodies = vec![
        json!({"source_channel": "\0", "target_channel": "prod"}),
        json!({"source_channel": "prod", "target_channel": "\0"}),
    ];
    let path = paths.channel_assign("alpine");
    all_invalid(&admin, (Method::POST, path), bodies).await;
}

#[tokio::test]
async fn a_nul_in_a_search_is_refused() {
    let server = TestServer::start().await;
    let (admin, _) = alpine(&server).await;
    let paths = admin.scope().unwrap();
    let bodies = vec![
        json!({"external_identifier": "\0"}),
        json!({"external_identifier": "x", "platform": "\0"}),
        json!({"external_identifier": "x", "region": "\0"}),
    ];
    let path = paths.search_external_artifact();
    all_invalid(&admin, (Method::POST, path), bodies).await;
    let bodies = vec![json!({"cloud_provider": "\0", "labels": {"\0": "x"}})];
    let path = paths.legacy_search_by_labels("alpine", "prod\0");
    all_invalid(&admin, (Method::POST, path), bodies).await;
}

#[tokio::test]
async fn a_nul_in_metadata_goes_in_and_comes_out() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "one").await;
    let build = admin.build("alpine", "one", "a").await;
    let metadata = BuildMetadata {
        packer: json!({"x": "\0"}),
        ..BuildMetadata::default()
    };
    let body = UpdateBuildBody {
        metadata: Some(metadata.clone()),
        ..is(BuildStatus::Running)
    };
    let answer = admin
        .update_build("alpine", "one", &build, &body)
        .await
        .unwrap();
    assert_eq!(answer.build.unwrap().metadata, Some(metadata));
}

#[tokio::test]
async fn a_nul_in_a_path_or_query_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let paths = admin.scope().unwrap();
    let mut wrong = Vec::new();
    for path in [
        paths.bucket("a\0"),
        paths.version("alpine", "a\0"),
        paths.channel("alpine", "a\0"),
        paths.build("alpine", "one", "a\0"),
        paths.legacy_iteration("alpine") + "?fingerprint=%00",
        paths.bucket_ancestry("alpine") + "?version_fingerprint=%00",
        paths.buckets() + "?pagination.next_page_token=%00",
        paths.operation("a\0"),
    ] {
        let answer = admin.send(Method::GET, &path, None).await.unwrap();
        let answer = fault(&answer);
        if !answer.starts_with("400/3") {
            wrong.push(format!("{path}: {answer}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn texts_of_a_build_that_are_too_long_are_refused() {
    let server = TestServer::start().await;
    let (admin, build) = alpine(&server).await;
    let word = "x".repeat(1_025);
    let metadata = "x".repeat(256 * 1_024);
    for (body, field) in [
        (json!({"platform": word}), "platform"),
        (
            json!({"source_external_identifier": word}),
            "source_external_identifier",
        ),
        (json!({"labels": {"k": word}}), "labels"),
        (
            json!({"artifacts": [{"external_identifier": word}]}),
            "artifacts",
        ),
        (json!({"artifacts": [{"region": word}]}), "artifacts"),
        (json!({"metadata": {"packer": metadata}}), "metadata"),
    ] {
        let body: UpdateBuildBody = serde_json::from_value(body).unwrap();
        let answer = refusal(admin.update_build("alpine", "one", &build, &body).await);
        assert!(answer.starts_with(&format!("400/3 {field}")), "{answer}");
    }
}

#[tokio::test]
async fn a_component_type_has_at_most_1024_bytes() {
    let server = TestServer::start().await;
    let (admin, _) = alpine(&server).await;
    let component = |size| CreateBuildBody {
        component_type: "x".repeat(size),
        packer_run_uuid: RUN.into(),
        ..CreateBuildBody::default()
    };
    for size in [0, 1_025] {
        let answer = refusal(admin.create_build("alpine", "one", &component(size)).await);
        assert!(answer.starts_with("400/3 component_type"), "{answer}");
    }
    admin
        .create_build("alpine", "one", &component(1_024))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_build_has_at_most_1000_artifacts() {
    let server = TestServer::start().await;
    let (admin, build) = alpine(&server).await;
    let many = |count| UpdateBuildBody {
        artifacts: Some(vec![artifact("ami-1", ""); count]),
        ..done("")
    };
    let answer = refusal(
        admin
            .update_build("alpine", "one", &build, &many(1_001))
            .await,
    );
    assert!(answer.starts_with("400/3 artifacts"), "{answer}");
    let answer = admin
        .update_build("alpine", "one", &build, &many(1_000))
        .await
        .unwrap();
    assert_eq!(answer.build.unwrap().artifacts.len(), 1_000);
}

#[tokio::test]
async fn a_revocations_message_has_at_most_4096_bytes() {
    let server = TestServer::start().await;
    let (admin, _) = alpine(&server).await;
    let message = |size| UpdateVersionBody {
        revocation_message: "x".repeat(size),
        ..revoke_in("1h")
    };
    let answer = refusal(admin.update_version("alpine", "one", &message(4_097)).await);
    assert!(answer.starts_with("400/3 revocation_message"), "{answer}");
    admin
        .update_version("alpine", "one", &message(4_096))
        .await
        .unwrap();
}
