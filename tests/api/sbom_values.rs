//! What is refused as an SBOM, and that nothing of it stays.

use serde_json::{Value, json};
use touchmark_client::Method;
use touchmark_tests::{
    Client, TestServer, frame, refusal, upload, upload_of,
    wire::sbom::{SbomFormat, UploadSbomBody},
};

use crate::{
    kit::expect_events,
    sbom_kit::{alpine, cyclone, put, spdx},
};

/// What an upload is refused with.
async fn refused(client: &Client, build: &str, body: &UploadSbomBody) -> String {
    refusal(client.upload_sbom("alpine", "one", build, body).await)
}

/// What these bytes are refused with as the frame of a `CycloneDX` document.
async fn bytes_refused(client: &Client, build: &str, bytes: &[u8]) -> String {
    let body = upload_of(SbomFormat::CycloneDx, bytes, "");
    refused(client, build, &body).await
}

#[tokio::test]
async fn what_is_no_frame_of_a_document_is_refused_and_names_the_field() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    let good = frame(cyclone(&["zlib 1"]).to_string().as_bytes());
    let twice = [good.clone(), good.clone()].concat();
    let mut bomb = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38];
    for _ in 0..2_048 {
        bomb.extend_from_slice(&[0x02, 0x00, 0x10, b' ']);
    }
    bomb.extend_from_slice(&[0x0B, 0x00, 0x00, b' ']);
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    for (bytes, says) in [
        (bomb, "more than 268435456 bytes"),
        (twice, "nothing behind it"),
        (good[..good.len() - 1].to_vec(), "not a whole zstd frame"),
        (
            cyclone(&[]).to_string().into_bytes(),
            "must be a zstd frame",
        ),
        (frame(b"<bom/>"), "must be a JSON document"),
        (frame(b"zlib"), "must be a JSON document"),
        (frame(b"[]"), "must be a JSON document"),
        (frame(b"\xff\xfe{}"), "must be UTF-8"),
        (frame(b"{}"), "must be a CycloneDX document"),
        (
            frame(spdx(&[]).to_string().as_bytes()),
            "must be a CycloneDX document",
        ),
        (frame(deep.as_bytes()), "nested more than 100 deep"),
        (
            frame(cyclone(&["a\0b 1"]).to_string().as_bytes()),
            "with a NUL",
        ),
    ] {
        let refused = bytes_refused(&admin, &build, &bytes).await;
        assert!(
            refused.starts_with("400/3 body.compressed_sbom: "),
            "{refused}"
        );
        assert!(refused.contains(says), "{says}: {refused}");
    }
    expect_events(&server, "sbom.uploaded", 0);
    let listed = admin.list_sboms("alpine", "one", &build).await.unwrap();
    assert!(listed.sboms.is_empty());
}

#[tokio::test]
async fn spdx_3_is_refused_with_what_to_send_instead() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    let document =
        json!({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []});
    let body = upload(SbomFormat::Spdx, &document, "");
    assert_eq!(
        refused(&admin, &build, &body).await,
        "400/3 body.compressed_sbom: SPDX 3 (JSON-LD) is not read yet: send SPDX 2.2 or 2.3 as JSON"
    );
}

#[tokio::test]
async fn every_field_of_the_body_is_checked() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    let path = admin.scope().unwrap().sboms("alpine", "one", &build);
    let good = json!(upload(SbomFormat::CycloneDx, &cyclone(&[]), "abc"));
    for (field, value) in [
        ("name", json!("ab")),
        ("name", json!("a_b")),
        ("name", json!("../../etc")),
        ("name", json!("a\0bc")),
        ("name", json!("x".repeat(37))),
        ("name", json!(1)),
        ("format", json!("XML")),
        ("format", Value::Null),
        ("compressed_sbom", json!("")),
        ("compressed_sbom", json!("not base64!")),
        ("compressed_sbom", json!([1])),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let answer = admin.send(Method::PUT, &path, Some(&body)).await.unwrap();
        let answer: Value = answer.json().unwrap();
        let message = answer["message"].as_str().unwrap();
        assert_eq!(answer["code"], 3, "{value}: {message}");
        assert!(
            message.starts_with(&format!("body.{field}: ")),
            "{value}: {message}"
        );
    }
}

#[tokio::test]
async fn a_body_of_50_mib_is_taken_and_one_of_more_is_not() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    let path = admin.scope().unwrap().sboms("alpine", "one", &build);
    let body = json!(upload(
        SbomFormat::CycloneDx,
        &cyclone(&["zlib 1"]),
        "large"
    ));
    for (length, expected) in [(50 << 20, 200), ((50 << 20) + 1, 413), (51 << 20, 413)] {
        let mut bytes = body.to_string().into_bytes();
        bytes.resize(length, b' ');
        let answer = admin
            .send_bytes(Method::PUT, &path, Some(bytes))
            .await
            .unwrap();
        assert_eq!(answer.status, expected, "{length}");
        if expected == 413 {
            assert_eq!(answer.json::<Value>().unwrap()["code"], 8);
        }
    }
    let large = vec![b' '; 3 << 20];
    let path = admin.scope().unwrap().buckets();
    let answer = admin
        .send_bytes(Method::PUT, &path, Some(large))
        .await
        .unwrap();
    assert_eq!(answer.status, 413, "other routes keep their limit");
}

#[tokio::test]
async fn a_build_has_a_hundred_sboms_at_most() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    for number in 0..100 {
        put(&admin, ("one", &build), &format!("sbom-{number}"), &[]).await;
    }
    let body = upload(SbomFormat::CycloneDx, &cyclone(&[]), "sbom-100");
    assert_eq!(
        refused(&admin, &build, &body).await,
        "400/9 a build has at most 100 SBOMs"
    );
    put(&admin, ("one", &build), "sbom-99", &["zlib 1"]).await;
}
