//! Software bills of material: upload, list, links to documents.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::Method;
use touchmark_tests::{
    Story, TestServer, done, refusal, shown, upload,
    wire::{build::BuildStatus, sbom::SbomFormat},
};

use crate::{
    kit::{Steps as _, expect_events, header, is, later, second_project},
    sbom_kit::{alpine, cyclone, follow, link, put, spdx},
};

#[tokio::test]
async fn an_uploaded_sbom_is_listed_and_read_through_a_link_without_a_token() {
    let server = TestServer::start().await;
    let builder = server.builder().await;
    let build = alpine(&builder).await;
    let document = spdx(&["zlib 1.3"]);
    let body = json!(upload(SbomFormat::Spdx, &document, "os-packages"));
    let path = builder.scope().unwrap().sboms("alpine", "one", &build);
    let answer = builder.send(Method::PUT, &path, Some(&body)).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "sbom": {
        "format": "SPDX",
        "id": "<ulid>",
        "name": "os-packages"
      }
    }
    "#);
    let viewer = server.viewer().await;
    let answer = viewer.send(Method::GET, &path, None).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "sboms": [
        {
          "format": "SPDX",
          "id": "<ulid>",
          "name": "os-packages"
        }
      ]
    }
    "#);
    let answer = follow(&server, &link(&viewer, &build, "os-packages").await).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, document.to_string().into_bytes());
    let headers = [
        "content-type",
        "content-disposition",
        "x-content-type-options",
        "cache-control",
    ];
    assert_eq!(
        headers.map(|name| header(&answer, name)),
        [
            "application/json",
            "attachment; filename=\"os-packages.json\"",
            "nosniff",
            "no-store",
        ]
    );
    expect_events(&server, "sbom.uploaded", 1);
}

#[tokio::test]
async fn an_sbom_without_a_name_gets_a_new_one_each_time() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    let first = put(&admin, ("one", &build), "", &["zlib 1"]).await;
    let second = put(&admin, ("one", &build), "", &["zlib 1"]).await;
    assert_eq!((first.len(), second.len()), (26, 26));
    assert_ne!(first, second);
    let listed = admin.list_sboms("alpine", "one", &build).await.unwrap();
    let names: Vec<String> = listed.sboms.into_iter().map(|sbom| sbom.name).collect();
    assert_eq!(names, [first, second]);
}

#[tokio::test]
async fn the_same_name_is_replaced_while_the_build_is_not_done_and_refused_after() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    admin
        .tell(("alpine", "one", &build), &is(BuildStatus::Failed))
        .await;
    put(&admin, ("one", &build), "os-packages", &["zlib 1"]).await;
    put(&admin, ("one", &build), "os-packages", &["zlib 2"]).await;
    put(&admin, ("one", &build), "os-packages", &["zlib 2"]).await;
    expect_events(&server, "sbom.uploaded", 2);
    let listed = admin.list_sboms("alpine", "one", &build).await.unwrap();
    assert_eq!(listed.sboms.len(), 1);
    let answer = follow(&server, &link(&admin, &build, "os-packages").await).await;
    assert_eq!(answer.body, cyclone(&["zlib 2"]).to_string().into_bytes());

    admin.tell(("alpine", "one", &build), &done("ami-1")).await;
    put(&admin, ("one", &build), "os-packages", &["zlib 2"]).await;
    for name in ["os-packages", "another", ""] {
        let body = upload(SbomFormat::CycloneDx, &cyclone(&["zlib 3"]), name);
        let answer = admin.upload_sbom("alpine", "one", &build, &body).await;
        assert_eq!(
            refusal(answer),
            "400/9 build <ulid> is done and takes no other SBOMs"
        );
    }
    expect_events(&server, "sbom.uploaded", 2);
    expect_documents(&server, 1);
}

#[tokio::test]
async fn a_link_is_good_for_five_minutes() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    put(&admin, ("one", &build), "os-packages", &[]).await;
    let link = link(&admin, &build, "os-packages").await;
    server.advance(Duration::from_secs(299));
    assert_eq!(follow(&server, &link).await.status, 200);
    server.advance(Duration::from_secs(1));
    let answer = follow(&server, &link).await;
    assert_snapshot!(shown(&answer), @r#"
    403
    {
      "code": 7,
      "details": [],
      "message": "permission denied: the link has expired, ask for the SBOM again"
    }
    "#);
    let admin = later(&server, Duration::ZERO);
    let link = crate::sbom_kit::link(&admin, &build, "os-packages").await;
    assert_eq!(follow(&server, &link).await.status, 200);
    admin.delete_build("alpine", "one", &build).await.unwrap();
    assert_eq!(follow(&server, &link).await.status, 404);
}

#[tokio::test]
async fn a_link_that_was_changed_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    put(&admin, ("one", &build), "first", &[]).await;
    put(&admin, ("one", &build), "second", &["zlib 1"]).await;
    let first = link(&admin, &build, "first").await;
    let second = link(&admin, &build, "second").await;
    let (path, query) = first.split_once('?').unwrap();
    let (other, _) = second.split_once('?').unwrap();
    let signature = query.split_once("&signature=").unwrap().1;
    for forged in [
        path.to_owned(),
        format!("{other}?{query}"),
        format!("{path}?{}", query.replace("expires=", "expires=9")),
        format!("{path}?expires=9999999999&signature="),
        format!("{path}?expires=x&signature={signature}"),
        format!("{path}?signature={signature}"),
        format!("{path}?{query}A"),
    ] {
        let answer = follow(&server, &forged).await;
        let body: serde_json::Value = answer.json().unwrap();
        assert_eq!((answer.status, &body["code"]), (403, &json!(7)), "{forged}");
    }
}

#[tokio::test]
async fn roles_and_places_are_told_apart() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    put(&admin, ("one", &build), "os-packages", &[]).await;
    let body = upload(SbomFormat::CycloneDx, &cyclone(&[]), "x-1");
    let viewer = server.viewer().await;
    let answer = viewer.upload_sbom("alpine", "one", &build, &body).await;
    let answer = refusal(answer);
    assert!(
        answer.starts_with("403/7") && answer.contains("the role builder"),
        "{answer}"
    );
    viewer
        .get_sbom("alpine", "one", &build, "os-packages")
        .await
        .unwrap();

    let second = second_project(&server).await;
    let foreign = admin.with_scope(&second.organization_id, &second.id);
    let nobody = admin.with_scope(&second.organization_id, &second.organization_id);
    for (client, bucket, version, build) in [
        (&admin, "none", "one", &*build),
        (&admin, "alpine", "none", &build),
        (&admin, "alpine", "one", "none"),
        (&foreign, "alpine", "one", &build),
        (&nobody, "alpine", "one", &build),
    ] {
        for refused in [
            refusal(client.upload_sbom(bucket, version, build, &body).await),
            refusal(client.list_sboms(bucket, version, build).await),
            refusal(client.get_sbom(bucket, version, build, "os-packages").await),
        ] {
            assert!(
                refused.starts_with("404/5"),
                "{bucket} {version}: {refused}"
            );
        }
    }
    let missing = admin.get_sbom("alpine", "one", &build, "none").await;
    assert_eq!(
        refusal(missing),
        "404/5 SBOM with identifier none does not exist"
    );
}

#[tokio::test]
async fn two_uploads_of_one_name_at_once_leave_one_sbom() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    let (left, right) = (["zlib 1"], ["zlib 2"]);
    tokio::join!(
        put(&admin, ("one", &build), "os-packages", &left),
        put(&admin, ("one", &build), "os-packages", &right),
        put(&admin, ("one", &build), "other-1", &left),
        put(&admin, ("one", &build), "other-2", &right),
    );
    let listed = admin.list_sboms("alpine", "one", &build).await.unwrap();
    assert_eq!(listed.sboms.len(), 3);
    expect_documents(&server, 2);
}

#[tokio::test]
async fn documents_go_with_the_last_that_names_them() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let first = alpine(&admin).await;
    let second = admin.build("alpine", "one", "b").await;
    admin.version("alpine", "two").await;
    let third = admin.build("alpine", "two", "a").await;
    for (place, packages) in [
        (("one", &*first), ["shared 1"]),
        (("one", &second), ["shared 1"]),
        (("two", &third), ["alone 1"]),
    ] {
        put(&admin, place, "os-packages", &packages).await;
    }
    expect_documents(&server, 2);
    admin.delete_build("alpine", "one", &first).await.unwrap();
    expect_documents(&server, 2);
    admin.delete_version("alpine", "one").await.unwrap();
    expect_documents(&server, 1);
    admin.delete_bucket("alpine").await.unwrap();
    expect_documents(&server, 0);
}

/// Refuses unless so many documents are kept, and packages of these alone.
fn expect_documents(server: &TestServer, count: u32) {
    server.execute(&format!(
        "CREATE TEMP TABLE probe (n INTEGER NOT NULL CHECK (n = {count}));
         INSERT INTO probe SELECT count(*) FROM sbom_documents;
         INSERT INTO probe SELECT {count} FROM sbom_packages
           WHERE document_digest NOT IN (SELECT digest FROM sbom_documents);"
    ));
}
