//! The calls of older protocols that clients still make.

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::{Iteration, Method};
use touchmark_tests::{
    Client, Story, TestServer, artifact, done, refusal,
    wire::{build::UpdateBuildBody, legacy::v2022::GetImageByBuildLabelsRequestBody},
};

use crate::kit::{Steps as _, masked, revoke_in};

/// Bucket `alpine` with the complete version `one` on channel `prod`.
async fn alpine(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin.channel("alpine", "prod", "one").await;
    admin
}

#[tokio::test]
async fn a_channel_has_the_same_ids_in_both_protocols() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let old = admin
        .legacy_get_channel("alpine", "prod")
        .await
        .unwrap()
        .channel
        .unwrap();
    let new = admin.see_channel("alpine", "prod").await;
    let (iteration, version) = (old.iteration.unwrap(), new.version.unwrap());
    assert_eq!((old.id, iteration.id), (new.id, version.id));
    let (old, new) = (&iteration.builds[0], &version.builds[0]);
    assert_eq!(
        (&old.id, &old.images[0].id),
        (&new.id, &new.artifacts[0].id)
    );
    assert_eq!(old.images[0].image_id, "one");
    assert_eq!(
        (old.cloud_provider.as_str(), old.images[0].region.as_str()),
        ("aws", "us-east-1")
    );
}

#[tokio::test]
async fn an_iteration_is_complete_and_has_a_number() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let channel = admin
        .legacy_get_channel("alpine", "prod")
        .await
        .unwrap()
        .channel
        .unwrap();
    let iteration = channel.iteration.unwrap();
    assert!(iteration.complete);
    assert_eq!(iteration.incremental_version, 1);
    assert_eq!(
        (iteration.bucket_slug.as_str(), iteration.author_id.as_str()),
        ("alpine", "admin")
    );
    assert_eq!(
        (channel.slug.as_str(), channel.bucket_slug.as_str()),
        ("prod", "alpine")
    );
}

#[tokio::test]
async fn a_channel_without_a_version_has_no_iteration() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.channel("alpine", "dev", "").await;
    let channel = admin
        .legacy_get_channel("alpine", "dev")
        .await
        .unwrap()
        .channel
        .unwrap();
    assert_eq!((channel.iteration, channel.pointer), (None, None));
}

#[tokio::test]
async fn an_iteration_is_found_by_id_fingerprint_and_number() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.complete("alpine", "two").await;
    let version = admin.look("alpine", "one").await;
    for by in [
        Iteration::Id(&version.id),
        Iteration::Fingerprint("one"),
        Iteration::Number(1),
    ] {
        let answer = admin.legacy_get_iteration("alpine", by).await.unwrap();
        assert_eq!(answer.iteration.unwrap().id, version.id, "{by:?}");
    }
}

#[tokio::test]
async fn an_iteration_that_is_not_there_is_refused() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let by = Iteration::Fingerprint("nope");
    assert!(refusal(admin.legacy_get_iteration("alpine", by).await).starts_with("409/10"));
    for by in [
        Iteration::Id("01JD0000000000000000000001"),
        Iteration::Number(7),
    ] {
        assert!(refusal(admin.legacy_get_iteration("alpine", by).await).starts_with("404/5"));
    }
}

#[tokio::test]
async fn an_iteration_of_another_bucket_is_not_found() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.bucket("debian").await;
    let id = admin.look("alpine", "one").await.id;
    let answer = admin
        .legacy_get_iteration("debian", Iteration::Id(&id))
        .await;
    assert!(refusal(answer).starts_with("404/5"));
}

#[tokio::test]
async fn an_iteration_must_be_named_in_one_way() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let path = admin.scope().unwrap().legacy_iteration("alpine");
    for query in [
        "",
        "?fingerprint=one&incremental_version=1",
        "?incremental_version=x",
    ] {
        let answer = admin
            .send(Method::GET, &format!("{path}{query}"), None)
            .await
            .unwrap();
        let json: serde_json::Value = answer.json().unwrap();
        assert_eq!((answer.status, &json["code"]), (400, &json!(3)), "{query}");
    }
}

#[tokio::test]
async fn revoke_at_is_null_until_it_is_set() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let path = admin.scope().unwrap().legacy_iteration("alpine") + "?fingerprint=one";
    let look = || async {
        let answer = admin.send(Method::GET, &path, None).await.unwrap();
        let json: serde_json::Value = answer.json().unwrap();
        json["iteration"].clone()
    };
    assert_eq!(look().await.get("revoke_at"), Some(&json!(null)));
    admin.decide("alpine", "one", &revoke_in("0s")).await;
    let iteration = look().await;
    assert!(
        iteration["revoke_at"]
            .as_str()
            .is_some_and(|at| at.starts_with("2026-01-02T03:04:05"))
    );
    assert_eq!(iteration["revocation_type"], json!("MANUAL"));
}

#[tokio::test]
async fn an_open_iteration_is_not_complete_and_numbered_0() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.version("alpine", "open").await;
    let by = Iteration::Fingerprint("open");
    let iteration = admin
        .legacy_get_iteration("alpine", by)
        .await
        .unwrap()
        .iteration
        .unwrap();
    assert_eq!(
        (iteration.complete, iteration.incremental_version),
        (false, 0)
    );
}

#[tokio::test]
async fn a_restricted_channel_is_hidden_in_the_old_protocol_too() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let body = masked("restricted", "", true);
    admin.update_channel("alpine", "prod", &body).await.unwrap();
    let viewer = server.viewer().await;
    assert!(refusal(viewer.legacy_get_channel("alpine", "prod").await).starts_with("403/7"));
    let labels = GetImageByBuildLabelsRequestBody::default();
    let answer = viewer
        .get_image_by_build_labels("alpine", "prod", &labels)
        .await;
    assert!(refusal(answer).starts_with("403/7"));
}

#[tokio::test]
async fn the_rest_of_the_old_protocol_says_that_it_is_not_built() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let path = admin.scope().unwrap().buckets();
    let path = path
        .replace("2023-01-01", "2021-04-30")
        .replace("buckets", "images");
    let answer = admin
        .send(Method::PUT, &path, Some(&json!({"slug": "x"})))
        .await
        .unwrap();
    let json: serde_json::Value = answer.json().unwrap();
    assert_eq!((answer.status, &json["code"]), (501, &json!(12)));
}

fn wanted(
    platform: &str,
    region: &str,
    labels: &[(&str, &str)],
) -> GetImageByBuildLabelsRequestBody {
    let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    GetImageByBuildLabelsRequestBody {
        cloud_provider: platform.to_owned(),
        region: region.to_owned(),
        labels: labels.iter().map(pair).collect(),
    }
}

/// Channel `prod` on a version with two builds: small and large, both in two regions.
async fn labelled(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "one").await;
    let small = admin.build("alpine", "one", "small").await;
    let large = admin.build("alpine", "one", "large").await;
    for (id, size) in [(small, "small"), (large, "large")] {
        let labels = [("size", size), ("os", "linux")];
        let body = UpdateBuildBody {
            labels: wanted("", "", &labels).labels,
            artifacts: Some(vec![
                artifact(&format!("{size}-us"), "us"),
                artifact(&format!("{size}-eu"), "eu"),
            ]),
            ..done("")
        };
        admin.tell(("alpine", "one", &id), &body).await;
    }
    admin.channel("alpine", "prod", "one").await;
    admin
}

#[tokio::test]
async fn an_image_is_found_by_the_labels_of_its_build() {
    let server = TestServer::start().await;
    let admin = labelled(&server).await;
    for (labels, region, expected) in [
        ([("size", "large")].as_slice(), "eu", "large-eu"),
        (&[("size", "large"), ("os", "linux")], "us", "large-us"),
        (&[("size", "small")], "eu", "small-eu"),
        (&[], "us", "small-us"),
    ] {
        let body = wanted("aws", region, labels);
        let answer = admin
            .get_image_by_build_labels("alpine", "prod", &body)
            .await
            .unwrap();
        let found = answer.artifact.unwrap();
        assert_eq!(
            found.build.unwrap().artifacts[0].external_identifier,
            expected
        );
        assert_eq!(found.version.unwrap().fingerprint, "one");
        assert_eq!(found.bucket.unwrap().name, "alpine");
    }
}

#[tokio::test]
async fn labels_that_no_build_carries_find_nothing() {
    let server = TestServer::start().await;
    let admin = labelled(&server).await;
    for body in [
        wanted("aws", "us", &[("size", "huge")]),
        wanted("gce", "us", &[("size", "small")]),
    ] {
        let answer = refusal(
            admin
                .get_image_by_build_labels("alpine", "prod", &body)
                .await,
        );
        assert!(answer.starts_with("404/5"), "{answer}");
    }
    let body = wanted("aws", "us", &[]);
    let answer = refusal(
        admin
            .get_image_by_build_labels("alpine", "nope", &body)
            .await,
    );
    assert_snapshot!(answer, @"404/5 channel with identifier nope does not exist");
}
