//! Which build made an image.

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::{Method, Page};
use touchmark_tests::{
    Client, Story, TestServer, artifact, done, refusal, shown,
    wire::{
        build::{BuildStatus, UpdateBuildBody},
        search::{SearchExternalArtifactRequestBody, SearchExternalArtifactResponse},
        version::VersionStatus,
    },
};

use crate::kit::{Steps as _, is, page, revoke_in};

/// `ami-1` in two regions of AWS by `alpine/one`, and on GCE by `alpine/two`.
async fn alpine(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    for (fingerprint, platform, regions) in [
        ("one", "aws", ["us-east-1", "eu-west-1"].as_slice()),
        ("two", "gce", &["us-east-1"]),
    ] {
        admin.version("alpine", fingerprint).await;
        let id = admin.build("alpine", fingerprint, "a").await;
        let body = UpdateBuildBody {
            platform: platform.into(),
            artifacts: Some(regions.iter().map(|r| artifact("ami-1", r)).collect()),
            ..done("")
        };
        admin.tell(("alpine", fingerprint, &id), &body).await;
    }
    admin
}

fn by(platform: &str, region: &str) -> SearchExternalArtifactRequestBody {
    SearchExternalArtifactRequestBody {
        external_identifier: "ami-1".into(),
        platform: platform.into(),
        region: region.into(),
    }
}

/// What was found as `platform region`, sorted.
fn found(answer: &SearchExternalArtifactResponse) -> Vec<String> {
    let hit = |hit: &touchmark_tests::wire::search::ExternalArtifact| {
        let build = hit.build.as_ref()?;
        let region = build.artifacts.first().map(|a| a.region.clone())?;
        Some(format!("{} {region}", build.platform))
    };
    let mut lines: Vec<String> = answer.artifacts.iter().filter_map(hit).collect();
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn an_image_leads_to_bucket_version_and_build() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let path = admin.scope().unwrap().search_external_artifact();
    let body = json!({"external_identifier": "ami-1", "platform": "gce"});
    let answer = admin.send(Method::POST, &path, Some(&body)).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "artifacts": [
        {
          "bucket": {
            "id": "<ulid>",
            "labels": {},
            "name": "alpine"
          },
          "build": {
            "artifacts": [
              {
                "created_at": "<time>",
                "external_identifier": "ami-1",
                "id": "<ulid>",
                "region": "us-east-1"
              }
            ],
            "component_type": "a",
            "created_at": "<time>",
            "id": "<ulid>",
            "labels": {},
            "metadata": null,
            "packer_run_uuid": "<uuid>",
            "platform": "gce",
            "source_external_identifier": "",
            "status": "BUILD_DONE",
            "updated_at": "<time>",
            "version_id": "<ulid>"
          },
          "version": {
            "author_id": "admin",
            "fingerprint": "two",
            "id": "<ulid>",
            "name": "v2",
            "revocation_author": "",
            "revocation_message": "",
            "revocation_type": "REVOCATION_TYPE_UNSET",
            "revoke_at": null,
            "status": "VERSION_ACTIVE"
          }
        }
      ],
      "pagination": {
        "next_page_token": "",
        "previous_page_token": ""
      }
    }
    "#);
}

#[tokio::test]
async fn platform_and_region_narrow_the_search() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let (aws_eu, aws_us, gce) = ("aws eu-west-1", "aws us-east-1", "gce us-east-1");
    for (body, expected) in [
        (by("", ""), vec![aws_eu, aws_us, gce]),
        (by("aws", ""), vec![aws_eu, aws_us]),
        (by("", "us-east-1"), vec![aws_us, gce]),
        (by("gce", "us-east-1"), vec![gce]),
        (by("azure", ""), vec![]),
    ] {
        let answer = admin
            .search_external_artifact(&body, &Page::default())
            .await
            .unwrap();
        assert_eq!(found(&answer), expected, "{body:?}");
    }
}

#[tokio::test]
async fn an_image_is_found_by_its_whole_name_only() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for identifier in ["ami", "ami-11", "AMI-1", "%"] {
        let body = SearchExternalArtifactRequestBody {
            external_identifier: identifier.into(),
            ..by("", "")
        };
        let answer = admin
            .search_external_artifact(&body, &Page::default())
            .await
            .unwrap();
        assert!(answer.artifacts.is_empty(), "{identifier}");
    }
}

#[tokio::test]
async fn a_search_needs_an_identifier() {
    let server = TestServer::start().await;
    let body = SearchExternalArtifactRequestBody::default();
    let answer = server
        .admin()
        .search_external_artifact(&body, &Page::default())
        .await;
    assert!(refusal(answer).starts_with("400/3 body.external_identifier"));
}

#[tokio::test]
async fn what_was_found_has_pages() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let first = admin
        .search_external_artifact(&by("", ""), &page(2))
        .await
        .unwrap();
    let token = first.pagination.clone().unwrap().next_page_token;
    let next = Page {
        next_page_token: Some(token),
        ..page(2)
    };
    let second = admin
        .search_external_artifact(&by("", ""), &next)
        .await
        .unwrap();
    assert_eq!((first.artifacts.len(), second.artifacts.len()), (2, 1));
    let mut both = [found(&first), found(&second)].concat();
    both.sort_unstable();
    assert_eq!(both, ["aws eu-west-1", "aws us-east-1", "gce us-east-1"]);
    let tokens = second.pagination.unwrap();
    assert_eq!(tokens.next_page_token, "");
    let back = Page {
        previous_page_token: Some(tokens.previous_page_token),
        ..page(2)
    };
    let back = admin
        .search_external_artifact(&by("", ""), &back)
        .await
        .unwrap();
    assert_eq!(found(&back), found(&first));
}

#[tokio::test]
async fn a_build_that_is_not_done_is_not_found() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "open").await;
    let id = admin.build("alpine", "open", "a").await;
    let body = UpdateBuildBody {
        platform: "aws".into(),
        artifacts: Some(vec![artifact("ami-1", "")]),
        ..is(BuildStatus::Running)
    };
    admin.tell(("alpine", "open", &id), &body).await;
    let answer = admin
        .search_external_artifact(&by("", ""), &Page::default())
        .await
        .unwrap();
    assert!(answer.artifacts.is_empty());
}

#[tokio::test]
async fn another_projects_image_is_not_found() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let second = crate::kit::second_project(&server).await;
    let there = admin.with_scope(&second.organization_id, &second.id);
    let answer = there
        .search_external_artifact(&by("", ""), &Page::default())
        .await
        .unwrap();
    assert!(answer.artifacts.is_empty());
}

#[tokio::test]
async fn a_revoked_version_is_found_and_says_so() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.decide("alpine", "two", &revoke_in("0s")).await;
    let mut answer = admin
        .search_external_artifact(&by("gce", ""), &Page::default())
        .await
        .unwrap();
    let version = answer.artifacts.remove(0).version.unwrap();
    assert_eq!(version.status, VersionStatus::Revoked);
    assert_eq!(version.revocation_author, "admin");
    assert!(version.revoke_at.is_some());
}
