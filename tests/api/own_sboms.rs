//! SBOMs through our own face, which takes them for builds that are done as well.

use std::str::from_utf8;

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::{Method, PackageFilter, PackagePlace};
use touchmark_tests::{
    Client, Part, TestServer, done, refusal, shown, upload,
    wire::{
        build::BuildStatus,
        paths,
        sbom::{SbomFormat, UploadSbomBody},
    },
};

use crate::{
    kit::{Steps as _, expect_events, is},
    own_projects::project,
    sbom_kit::{alpine, cyclone, follow, link},
};

/// A document that names one package.
fn names(package: &str, name: &str) -> UploadSbomBody {
    upload(SbomFormat::CycloneDx, &cyclone(&[package]), name)
}

/// Uploads into a build of `alpine/one` and gives the name, or the refusal.
async fn put(client: &Client, build: &str, body: &UploadSbomBody) -> String {
    let place = ("alpine", "one", build);
    match client.own().upload_sbom("", place, body).await {
        Ok(answer) => answer.sbom.expect("the SBOM").name,
        refused => refusal(refused),
    }
}

/// The documents of a build as their names and the packages in them.
async fn documents(server: &TestServer, client: &Client, build: &str) -> Vec<String> {
    let listed = client.list_sboms("alpine", "one", build).await;
    let mut seen = Vec::new();
    for sbom in listed.expect("SBOMs").sboms {
        let answer = follow(server, &link(client, build, &sbom.name).await).await;
        let text = from_utf8(&answer.body).expect("a text").to_owned();
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let component = &document["components"][0];
        let package = format!("{} {}", component["name"], component["version"]);
        seen.push(format!("{}: {}", sbom.name, package.replace('"', "")));
    }
    seen
}

#[tokio::test]
async fn a_build_that_is_done_takes_documents_under_new_names() {
    let server = TestServer::start().await;
    let builder = server.builder().await;
    let build = alpine(&builder).await;
    let told = ("alpine", "one", build.as_str());
    builder.tell(told, &done("ami-1")).await;
    let body = json!(names("zlib 1", "late"));
    let path = paths::own_sboms("alpine", "one", &build);
    let answer = builder.send(Method::PUT, &path, Some(&body)).await;
    assert_snapshot!(shown(&answer.expect("an answer")), @r#"
    200
    {
      "sbom": {
        "format": "CYCLONEDX",
        "id": "<ulid>",
        "name": "late"
      }
    }
    "#);
    assert_eq!(
        put(&builder, &build, &names("zlib 1", "late")).await,
        "late"
    );
    expect_events(&server, "sbom.uploaded", 1);
    assert_snapshot!(put(&builder, &build, &names("zlib 2", "late")).await, @"409/6 build <ulid> is done and has another document under the name late, upload this one under another name");
    assert_eq!(
        put(&builder, &build, &names("zlib 2", "later")).await,
        "later"
    );
    assert_eq!(put(&builder, &build, &names("zlib 3", "")).await.len(), 26);
    expect_events(&server, "sbom.uploaded", 3);
    let documents = documents(&server, &builder, &build).await;
    assert_eq!(documents[..2], ["late: zlib 1", "later: zlib 2"]);
    let (place, filter) = (PackagePlace::default(), PackageFilter::default());
    let own = builder.own();
    let found = own.packages(("", &place), &filter, &Part::default()).await;
    assert_eq!(found.expect("packages").packages.len(), 3);
}

#[tokio::test]
async fn the_protocol_still_refuses_a_build_that_is_done() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    admin.tell(("alpine", "one", &build), &done("ami-1")).await;
    assert_eq!(put(&admin, &build, &names("zlib 1", "late")).await, "late");
    for body in [names("zlib 2", "late"), names("zlib 2", "new")] {
        let answer = admin.upload_sbom("alpine", "one", &build, &body).await;
        assert_eq!(
            refusal(answer),
            "400/9 build <ulid> is done and takes no other SBOMs"
        );
    }
}

#[tokio::test]
async fn a_build_that_is_not_done_replaces_what_has_the_name() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    let place = ("alpine", "one", build.as_str());
    for status in [
        BuildStatus::Unset,
        BuildStatus::Running,
        BuildStatus::Failed,
        BuildStatus::Cancelled,
    ] {
        if status != BuildStatus::Unset {
            admin.tell(place, &is(status)).await;
        }
        let package = format!("zlib {status}");
        assert_eq!(put(&admin, &build, &names(&package, "base")).await, "base");
        let seen = documents(&server, &admin, &build).await;
        assert_eq!(seen, [format!("base: {package}")]);
    }
    expect_events(&server, "sbom.uploaded", 4);
}

#[tokio::test]
async fn two_documents_under_one_new_name_at_once_leave_one() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    admin.tell(("alpine", "one", &build), &done("ami-1")).await;
    let bodies = [names("zlib 1", "late"), names("zlib 2", "late")];
    let (one, other) = tokio::join!(
        put(&admin, &build, &bodies[0]),
        put(&admin, &build, &bodies[1]),
    );
    let taken = [one, other].into_iter().filter(|answer| answer == "late");
    assert_eq!(taken.count(), 1);
    assert_eq!(documents(&server, &admin, &build).await.len(), 1);
    expect_events(&server, "sbom.uploaded", 1);
}

#[tokio::test]
async fn project_and_parameters_are_checked() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    let (place, body) = (("alpine", "one", build.as_str()), names("zlib 1", "base"));
    let path = paths::own_sboms("alpine", "one", &build);
    let sent = Some(json!(body));
    let unknown = format!("{path}?name=base");
    let answer = admin.send(Method::PUT, &unknown, sent.as_ref()).await;
    assert_eq!(answer.expect("an answer").status, 400);
    let own = admin.own();
    let none = own.upload_sbom("none", place, &body).await;
    assert_snapshot!(refusal(none), @"404/5 project with identifier none does not exist");
    project(&admin, "second").await;
    let elsewhere = own.upload_sbom("second", place, &body).await;
    assert_snapshot!(refusal(elsewhere), @"404/5 bucket with identifier alpine does not exist");
    let undecided = own.upload_sbom("", place, &body).await;
    assert!(refusal(undecided).starts_with("400/3 query.project: is required"));
    own.upload_sbom("default", place, &body)
        .await
        .expect("an SBOM");
}
