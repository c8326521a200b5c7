//! `touchmark sbom`.

use std::fs;

use crate::seed::seeded;

const CYCLONE: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}"#;
const SPDX: &str = r#"{"spdxVersion": "SPDX-2.3", "packages": [], "relationships": []}"#;

#[tokio::test]
async fn a_document_is_uploaded_listed_and_downloaded_as_it_was() {
    let (_server, cli) = seeded().await;
    cli.file("a.json", CYCLONE);
    insta::assert_snapshot!(cli.run("sbom list alpine:nightly").await, @r#"
    exit 0
    stdout:
    It has none. Upload one: touchmark sbom upload alpine:nightly --build COMPONENT FILE
    "#);
    insta::assert_snapshot!(cli.run("sbom upload alpine:nightly a.json --build amazon-ebs.base --name system").await, @r#"
    exit 0
    stdout:
    CYCLONEDX of amazon-ebs.base was uploaded as system.
    "#);
    insta::assert_snapshot!(cli.fed("sbom upload alpine:nightly -", SPDX).await, @r#"
    exit 0
    stdout:
    SPDX of amazon-ebs.base was uploaded as <ulid>.
    "#);
    insta::assert_snapshot!(cli.run("sbom download alpine:nightly").await, @r#"
    exit 2
    stderr:
    touchmark: alpine:nightly has several
      touchmark sbom list alpine:nightly
      name one with --build and --name
    "#);
    insta::assert_snapshot!(cli.run("sbom list alpine:nightly --json=name,format").await.replace("sbom-", ""), @r#"
    exit 0
    stdout:
    [
      {
        "format": "CYCLONEDX",
        "name": "system"
      },
      {
        "format": "SPDX",
        "name": "<ulid>"
      }
    ]
    "#);
    let ended = cli
        .ended(&["sbom", "download", "alpine:nightly", "--name", "system"])
        .await;
    assert_eq!(ended.stdout, CYCLONE);
    insta::assert_snapshot!(cli.run("sbom download alpine:nightly --name system -o b.json").await, @r#"
    exit 0
    stdout:
    b.json was written.
    "#);
    let written = fs::read_to_string(cli.folder().join("b.json"));
    assert_eq!(written.expect("a file"), CYCLONE);
}

#[tokio::test]
async fn builds_that_are_done_take_documents_under_new_names() {
    let (_server, cli) = seeded().await;
    cli.file("licences.spdx.json", SPDX);
    insta::assert_snapshot!(cli.run("sbom upload alpine:v3 licences.spdx.json --dry-run --json=method,path").await, @r#"
    exit 0
    stdout:
    [
      {
        "method": "PUT",
        "path": "/api/v1/buckets/alpine/versions/alpine-3/builds/<ulid>/sboms"
      }
    ]
    "#);
    insta::assert_snapshot!(cli.run("sbom upload alpine:v3 licences.spdx.json").await, @r#"
    exit 0
    stdout:
    SPDX of amazon-ebs.base was uploaded as licences-spdx.
    "#);
    insta::assert_snapshot!(cli.run("sbom list alpine:v3").await, @r#"
    exit 0
    stdout:
    BUILD            NAME           FORMAT
    amazon-ebs.base  system         CYCLONEDX
    amazon-ebs.base  licences-spdx  SPDX
    "#);
}

#[tokio::test]
async fn what_cannot_be_uploaded_or_downloaded_says_why() {
    let (_server, cli) = seeded().await;
    cli.file("a.json", CYCLONE);
    insta::assert_snapshot!(cli.run("sbom upload alpine:v3 a.json --name system").await, @r#"
    exit 6
    stderr:
    touchmark: build <ulid> is done and has another document under the name system, upload this one under another name
      name it with --name
    "#);
    insta::assert_snapshot!(cli.run("sbom upload alpine:nightly a.json --build other").await, @r#"
    exit 5
    stderr:
    touchmark: there is no build other; there is amazon-ebs.base
    "#);
    insta::assert_snapshot!(cli.run("sbom upload alpine:nightly none.json").await, @r#"
    exit 1
    stderr:
    touchmark: none.json cannot be read: No such file or directory (os error 2)
    "#);
    insta::assert_snapshot!(cli.fed("sbom upload alpine:nightly -", "no").await, @r#"
    exit 1
    stderr:
    touchmark: standard input is neither CycloneDX nor SPDX in JSON
    "#);
    insta::assert_snapshot!(cli.fed("sbom upload alpine:nightly -", "{}").await, @r#"
    exit 1
    stderr:
    touchmark: standard input is neither CycloneDX nor SPDX in JSON
    "#);
    insta::assert_snapshot!(cli.run("sbom download alpine:v1").await, @r#"
    exit 5
    stderr:
    touchmark: alpine:v1 has no software bill of material like that
      touchmark sbom list alpine:v1
    "#);
    insta::assert_snapshot!(cli.run("sbom download alpine:v3 -o no/such/folder").await, @r#"
    exit 1
    stderr:
    touchmark: no/such/folder cannot be written: No such file or directory (os error 2)
    "#);
    insta::assert_snapshot!(cli.run("sbom list alpine:v9").await, @r#"
    exit 5
    stderr:
    touchmark: version v9 does not exist in bucket alpine
      touchmark version list alpine
    "#);
}
