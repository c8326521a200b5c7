//! Runs in which all goes well, as each release makes them.

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::Method;
use touchmark_tests::{Story, TestServer};

use crate::run::{Packer, Release};

const TWO: [&str; 2] = ["amazon-ebs.base", "docker.base"];

#[tokio::test]
async fn packer_1_16_publishes_into_a_new_bucket() {
    let server = TestServer::start().await;
    let mut packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    packer.description = "Alpine";
    packer.labels = json!({"os": "alpine"});
    let slots = packer.prepare(&TWO).await.expect("a run");
    for slot in &slots {
        packer.becomes(slot, "BUILD_RUNNING").await;
    }
    for slot in &slots {
        packer.becomes(slot, "BUILD_RUNNING").await;
        let reply = packer.done(slot, packer.result(&slot.component)).await;
        assert_eq!(reply.body["build"]["status"], "BUILD_DONE");
    }
    assert_snapshot!(packer.said(), @r#"
    GET /buckets/alpine -> 404/5
    PUT /buckets {"description":"Alpine","labels":{"os":"alpine"},"name":"alpine"} -> 200
    GET /buckets/alpine/versions/f1 -> 409/10
    POST /buckets/alpine/versions {"fingerprint":"f1","template_type":"HCL2"} -> 200
    GET /buckets/alpine/versions/f1/builds -> 200
    POST /buckets/alpine/versions/f1/builds {"artifacts":null,"component_type":"amazon-ebs.base","packer_run_uuid":"<run>","status":"BUILD_UNSET"} -> 200
    POST /buckets/alpine/versions/f1/builds {"artifacts":null,"component_type":"docker.base","packer_run_uuid":"<run>","status":"BUILD_UNSET"} -> 200
    GET /enforced_blocks/bucket/alpine -> 200
    PATCH /buckets/alpine/versions/f1/builds/amazon-ebs.base {"artifacts":null,"packer_run_uuid":"<run>","status":"BUILD_RUNNING"} -> 200
    PATCH /buckets/alpine/versions/f1/builds/docker.base {"artifacts":null,"packer_run_uuid":"<run>","status":"BUILD_RUNNING"} -> 200
    PATCH /buckets/alpine/versions/f1/builds/amazon-ebs.base {"artifacts":null,"packer_run_uuid":"<run>","status":"BUILD_RUNNING"} -> 200
    PATCH /buckets/alpine/versions/f1/builds/amazon-ebs.base {"artifacts":[{"external_identifier":"amazon-ebs.base","region":"us-east-1"}],"packer_run_uuid":"<run>","platform":"aws","status":"BUILD_DONE"} -> 200
    PATCH /buckets/alpine/versions/f1/builds/docker.base {"artifacts":null,"packer_run_uuid":"<run>","status":"BUILD_RUNNING"} -> 200
    PATCH /buckets/alpine/versions/f1/builds/docker.base {"artifacts":[{"external_identifier":"docker.base","region":"us-east-1"}],"packer_run_uuid":"<run>","platform":"aws","status":"BUILD_DONE"} -> 200
    "#);
    let admin = server.admin();
    let version = admin.look("alpine", "f1").await;
    assert_eq!(
        (version.name.as_str(), version.status.as_str()),
        ("v1", "VERSION_ACTIVE")
    );
    assert_eq!(admin.held("alpine", "latest").await, "f1");
}

/// The calls of a run about the bucket, in a bucket that exists with this description.
async fn upsert(release: Release, description: &'static str) -> String {
    let server = TestServer::start().await;
    let mut first = Packer::new(&server, release, ("alpine", "f1")).await;
    first.description = "Alpine";
    first.prepare(&TWO).await.expect("a run");
    let mut second = Packer::new(&server, release, ("alpine", "f1")).await;
    second.description = description;
    second.prepare(&TWO).await.expect("a run");
    let said = second.said();
    let about_bucket: Vec<&str> = said
        .lines()
        .filter(|line| !line.contains("/versions") && !line.contains("/enforced"))
        .collect();
    about_bucket.join("\n")
}

#[tokio::test]
async fn packer_1_10_3_creates_the_bucket_first_and_updates_it_on_code_6() {
    assert_snapshot!(upsert(Release::V1_10_3, "Alpine").await, @r#"
    PUT /buckets {"description":"Alpine","name":"alpine"} -> 409/6
    PATCH /buckets/alpine {"description":"Alpine","platforms":null} -> 200
    "#);
}

#[tokio::test]
async fn packer_1_12_reads_the_bucket_and_updates_it_always() {
    assert_snapshot!(upsert(Release::V1_12, "Alpine").await, @r#"
    GET /buckets/alpine -> 200
    PATCH /buckets/alpine {"description":"Alpine","platforms":null} -> 200
    "#);
}

#[tokio::test]
async fn packer_1_15_3_updates_the_bucket_only_when_it_differs() {
    assert_snapshot!(upsert(Release::V1_15_3, "Alpine").await, @"GET /buckets/alpine -> 200");
    assert_snapshot!(upsert(Release::V1_15_3, "Alpine Linux").await, @r#"
    GET /buckets/alpine -> 200
    PATCH /buckets/alpine {"description":"Alpine Linux","platforms":null} -> 200
    "#);
}

#[tokio::test]
async fn packer_1_16_repeats_the_update_when_its_template_has_no_description() {
    assert_snapshot!(upsert(Release::V1_16, "").await, @r#"
    GET /buckets/alpine -> 200
    PATCH /buckets/alpine {"platforms":null} -> 200
    "#);
}

#[tokio::test]
async fn an_update_without_description_and_labels_leaves_both() {
    let server = TestServer::start().await;
    let mut packer = Packer::new(&server, Release::V1_12, ("alpine", "f1")).await;
    packer.description = "Alpine";
    packer.labels = json!({"os": "alpine"});
    packer.prepare(&TWO).await.expect("a run");
    packer.description = "";
    packer.labels = json!({});
    packer.prepare(&TWO).await.expect("a run");
    let answer = server.admin().get_bucket("alpine").await.expect("a bucket");
    let bucket = answer.bucket.expect("the bucket");
    assert_eq!(bucket.description, "Alpine");
    assert_eq!(bucket.labels.len(), 1);
}

#[tokio::test]
async fn a_location_in_a_body_is_ignored() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_10_3, ("alpine", "f1")).await;
    for (name, location) in [
        ("a", json!(null)),
        ("b", json!({})),
        (
            "c",
            json!({"region": {"provider": "aws", "region": "us-east-1"}}),
        ),
        (
            "d",
            json!({"organization_id": "elsewhere", "project_id": "elsewhere", "region": null}),
        ),
    ] {
        let body = json!({"location": location, "name": name});
        let reply = packer.call(Method::PUT, "/buckets", Some(body)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let shown = &reply.body["bucket"]["location"]["project_id"];
        assert_eq!(*shown, server.project.id.as_str());
    }
}

#[tokio::test]
async fn a_channel_is_refused_after_each_build_but_the_last() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.channel("alpine", "stable", "").await;
    for release in [Release::V1_15_3, Release::V1_16] {
        let mut packer = Packer::new(&server, release, ("alpine", "f")).await;
        packer.client = server.contributor().await;
        packer.fingerprint = format!("{release:?}").replace('_', "-");
        packer.channels = vec!["stable", "unknown"];
        let slots = packer.prepare(&["a", "b", "c"]).await.expect("a run");
        packer.said();
        for slot in &slots {
            packer.done(slot, packer.result("ami-1")).await;
        }
        let said = packer.said();
        let channels = said.lines().filter(|line| line.contains("/channels/"));
        let answers: Vec<&str> = channels
            .filter_map(|line| line.rsplit_once(" -> ").map(|(_, answer)| answer))
            .collect();
        let expected = ["400/9", "404/5", "400/9", "404/5", "200", "404/5"];
        assert_eq!(answers, expected);
        assert_eq!(admin.held("alpine", "stable").await, packer.fingerprint);
        let channels = admin.list_channels("alpine").await.expect("channels");
        assert_eq!(channels.channels.len(), 2, "Packer creates no channel");
    }
}

#[tokio::test]
async fn all_builds_of_a_version_are_listed_on_one_page() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    let names: Vec<String> = (0..120).map(|n| format!("null.n{n:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // Thirty at once: how many the server takes at once is another matter.
    for count in [30, 60, 90, 120] {
        let slots = packer.prepare(&names[..count]).await.expect("a run");
        assert_eq!(slots.len(), count);
    }
    packer.said();
    let again = packer.prepare(&names).await.expect("a run");
    assert_eq!(again.len(), 120);
    assert!(!packer.said().contains("POST"), "all were listed");
}

#[tokio::test]
async fn a_run_that_knows_its_project_only_finds_organization_and_registry() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    let path = "/resource-manager/2019-12-10/organizations";
    let answer = packer.client.send(Method::GET, path, None).await;
    let answer = answer.expect("an answer").json::<serde_json::Value>();
    let listed = answer.expect("JSON")["organizations"].clone();
    let [one] = listed.as_array().expect("a list").as_slice() else {
        panic!("exactly one organization, not {listed}")
    };
    assert_eq!(one["id"], server.project.organization_id.as_str());
    let reply = packer.call(Method::GET, "/registry", None).await;
    assert!(reply.body["registry"].is_object(), "{reply:?}");
    // Without a project id, a principal of one project is told to name it: code 7 is the only one that
    // Packer does not crash on.
    let path = format!(
        "/resource-manager/2019-12-10/projects?scope.id={}&scope.type=ORGANIZATION",
        server.project.organization_id
    );
    let answer = packer.client.send(Method::GET, &path, None).await;
    assert_eq!(answer.expect("an answer").status, 403);
    let answer = server.admin().send(Method::GET, &path, None).await;
    let answer = answer.expect("an answer").json::<serde_json::Value>();
    let projects = answer.expect("JSON")["projects"].clone();
    assert_eq!(projects[0]["id"], server.project.id.as_str());
    assert!(projects[0]["created_at"].is_string(), "the oldest one wins");
}
