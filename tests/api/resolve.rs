//! From a channel to the artifact that is meant: hits, in both forms, and several at once.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::{Value, json};
use touchmark_client::{Method, ResolveQuery};
use touchmark_tests::{
    Answer, Client, Story as _, TestServer, artifact, done, refusal, shown,
    wire::build::UpdateBuildBody,
};

use crate::{
    errors::bearer,
    kit::{Steps as _, header, http},
};

/// What is asked, with these parameters.
pub(crate) fn query(pairs: &[(&str, &str)]) -> ResolveQuery {
    let mut query = ResolveQuery::default();
    for (name, value) in pairs {
        let value = (*value).to_owned();
        match *name {
            "project" => query.project = value,
            "platform" => query.platform = value,
            "region" => query.region = value,
            "component_type" => query.component_type = value,
            "at" => query.at = value,
            "allow_revoked" => query.allow_revoked = value == "true",
            label => drop(query.labels.insert(label.to_owned(), value)),
        }
    }
    query
}

/// The id that a channel of `base` gives, or the refusal.
pub(crate) async fn resolve(client: &Client, channel: &str, pairs: &[(&str, &str)]) -> String {
    let place = ("base", channel);
    match client.own().resolve(place, &query(pairs)).await {
        Ok(found) => found.external_identifier,
        refused => refusal(refused),
    }
}

/// Ends a build with these artifacts, each written `id region`, and labels.
pub(crate) async fn build(
    client: &Client,
    (fingerprint, component, platform): (&str, &str, &str),
    artifacts: &[&str],
    labels: &[(&str, &str)],
) {
    let id = client.build("base", fingerprint, component).await;
    let made = |text: &&str| {
        let (id, region) = text.split_once(' ').expect("an id and a region");
        artifact(id, region)
    };
    let labels = labels.iter();
    let labels = labels.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let body = UpdateBuildBody {
        platform: platform.to_owned(),
        artifacts: Some(artifacts.iter().map(made).collect()),
        labels: labels.collect::<BTreeMap<_, _>>(),
        ..done("")
    };
    client.tell(("base", fingerprint, &id), &body).await;
}

/// Bucket `base`: version `one` for AWS and Azure on the channel `prod`, a newer version `two` for AWS alone.
pub(crate) async fn fleet() -> (TestServer, Client) {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("base").await;
    admin.version("base", "one").await;
    let waiting = admin.build("base", "one", "azure-arm.base").await;
    let aws = ("one", "amazon-ebs.base", "aws");
    let linux = [("os", "linux"), ("tier", "a b")];
    build(
        &admin,
        aws,
        &["ami-1us us-east-1", "ami-1eu eu-west-1"],
        &linux,
    )
    .await;
    let body = UpdateBuildBody {
        platform: "azure".to_owned(),
        artifacts: Some(vec![artifact("image-1", "westeurope")]),
        labels: [("os".to_owned(), "windows".to_owned())].into(),
        ..done("")
    };
    admin.tell(("base", "one", &waiting), &body).await;
    admin.version("base", "two").await;
    let aws = ("two", "amazon-ebs.base", "aws");
    build(
        &admin,
        aws,
        &["ami-2us us-east-1", "ami-2eu eu-west-1"],
        &linux,
    )
    .await;
    admin.channel("base", "prod", "one").await;
    (server, admin)
}

pub(crate) async fn get(client: &Client, path: &str) -> Answer {
    let answer = client.send(Method::GET, path, None).await;
    answer.expect("an answer")
}

#[tokio::test]
async fn a_channel_gives_the_one_artifact_that_is_asked_for() {
    let (server, _) = fleet().await;
    let viewer = server.viewer().await;
    let path = "/api/v1/resolve/base/prod?platform=aws&region=us-east-1&label.os=linux";
    assert_snapshot!(shown(&get(&viewer, path).await), @r#"
    200
    {
      "artifact_id": "<ulid>",
      "at": null,
      "bucket_name": "base",
      "build_id": "<ulid>",
      "channel_name": "prod",
      "component_type": "amazon-ebs.base",
      "external_identifier": "ami-1us",
      "labels": {
        "os": "linux",
        "tier": "a b"
      },
      "platform": "aws",
      "region": "us-east-1",
      "source_external_identifier": "",
      "version": {
        "created_at": "<time>",
        "fingerprint": "one",
        "id": "<ulid>",
        "name": "v1",
        "revoke_at": null,
        "status": "VERSION_ACTIVE"
      }
    }
    "#);
    for (asked, found) in [
        (&[("region", "eu-west-1")][..], "ami-1eu"),
        (&[("platform", "azure")], "image-1"),
        (&[("component_type", "azure-arm.base")], "image-1"),
        (&[("os", "windows")], "image-1"),
        (
            &[("tier", "a b"), ("os", "linux"), ("region", "us-east-1")],
            "ami-1us",
        ),
    ] {
        assert_eq!(resolve(&viewer, "prod", asked).await, found, "{asked:?}");
    }
}

#[tokio::test]
async fn the_id_is_alone_on_a_line_unless_json_is_accepted_by_name() {
    let (server, _) = fleet().await;
    let authorization = bearer(&server).await;
    let start = "GET /api/v1/resolve/base/prod?platform=azure";
    let json = "application/json";
    for (accept, media_type) in [
        ("", "text/plain; charset=utf-8"),
        ("*/*", "text/plain; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/plain, Application/JSON; q=0.9", json),
    ] {
        let mut sent = vec![("Authorization", authorization.as_str())];
        if !accept.is_empty() {
            sent.push(("Accept", accept));
        }
        let answer = http(&server, start, &sent, b"").await;
        assert_eq!(answer.status, 200);
        assert_eq!(header(&answer, "content-type"), media_type, "{accept}");
        assert_eq!(header(&answer, "vary"), "Accept");
        assert_eq!(header(&answer, "cache-control"), "private, no-cache");
        if media_type == json {
            let body: Value = answer.json().expect("JSON");
            assert_eq!(body["external_identifier"], "image-1");
        } else {
            assert_eq!(answer.body, b"image-1\n");
        }
        let missed = http(&server, &format!("{start}x"), &sent, b"").await;
        assert_eq!(
            (missed.status, header(&missed, "content-type")),
            (404, json)
        );
    }
}

#[tokio::test]
async fn several_artifacts_are_listed_and_told_apart() {
    let (_server, admin) = fleet().await;
    let path = "/api/v1/resolve/base/prod?platform=aws";
    assert_snapshot!(shown(&get(&admin, path).await), @r#"
    400
    {
      "code": 9,
      "details": [
        {
          "@type": "touchmark/resolve-ambiguous",
          "filters": [
            "region"
          ],
          "matches": [
            {
              "component_type": "amazon-ebs.base",
              "external_identifier": "ami-1us",
              "platform": "aws",
              "region": "us-east-1"
            },
            {
              "component_type": "amazon-ebs.base",
              "external_identifier": "ami-1eu",
              "platform": "aws",
              "region": "eu-west-1"
            }
          ],
          "version": {
            "fingerprint": "one",
            "name": "v1"
          }
        }
      ],
      "message": "channel prod of bucket base holds version v1 (one), which has 2 artifacts with platform=aws: amazon-ebs.base aws us-east-1 ami-1us, amazon-ebs.base aws eu-west-1 ami-1eu; tell them apart by region=…"
    }
    "#);
    assert_snapshot!(resolve(&admin, "prod", &[]).await, @"400/9 channel prod of bucket base holds version v1 (one), which has 3 artifacts: azure-arm.base azure westeurope image-1, amazon-ebs.base aws us-east-1 ami-1us, amazon-ebs.base aws eu-west-1 ami-1eu; tell them apart by platform=…, region=…, component_type=…");
    admin.version("base", "same").await;
    let docker = ("same", "docker.base", "docker");
    build(
        &admin,
        docker,
        &["sha256:a r1", "sha256:a r2", "other r3", "another r3"],
        &[],
    )
    .await;
    admin.assign("base", "prod", "same").await;
    assert_snapshot!(resolve(&admin, "prod", &[("region", "r3")]).await, @"400/9 channel prod of bucket base holds version v3 (same), which has 2 artifacts with region=r3: docker.base docker r3 other, docker.base docker r3 another; they differ in nothing that can be asked for");
    admin.version("base", "once").await;
    let docker = ("once", "docker.base", "docker");
    build(&admin, docker, &["sha256:a r1", "sha256:a r2"], &[]).await;
    admin.assign("base", "prod", "once").await;
    assert_eq!(resolve(&admin, "prod", &[]).await, "sha256:a");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let (_server, admin) = fleet().await;
    let mut seen = Vec::new();
    for query in [
        "regoin=x",
        "region=",
        "region=a&region=b",
        "label.=x",
        "label=x",
        "label.a=1&label.a=2",
        "label.a=%00",
        "at=yesterday",
        "allow_revoked=yes",
        "project=none",
    ] {
        let answer = get(&admin, &format!("/api/v1/resolve/base/prod?{query}")).await;
        let body: Value = answer.json().expect("JSON");
        let message = body["message"].as_str().unwrap_or_default();
        let (status, code) = (answer.status, &body["code"]);
        seen.push(format!("{query} -> {status}/{code} {message}"));
    }
    assert_snapshot!(seen.join("\n"), @r#"
    regoin=x -> 400/3 query: "regoin" is not a parameter of this operation, there are project, platform, region, component_type, label.KEY, at, allow_revoked
    region= -> 400/3 query.region: must have 1 to 256 characters, without a NUL character
    region=a&region=b -> 400/3 query.region: must be given once
    label.=x -> 400/3 query: "label." is not a parameter of this operation, there are project, platform, region, component_type, label.KEY, at, allow_revoked
    label=x -> 400/3 query: "label" is not a parameter of this operation, there are project, platform, region, component_type, label.KEY, at, allow_revoked
    label.a=1&label.a=2 -> 400/3 query.label.a: must be given once
    label.a=%00 -> 400/3 query.label: must not contain a NUL character
    at=yesterday -> 400/3 query.at: must be a time such as 2026-01-31T12:00:00Z
    allow_revoked=yes -> 400/3 query.allow_revoked: must be true or false
    project=none -> 404/5 project with identifier none does not exist
    "#);
    let path = "/api/v1/resolve/base/prod";
    let answer = admin.send(Method::POST, path, Some(&json!({}))).await;
    assert_eq!(answer.expect("an answer").status, 405);
}
