//! Debian's Packer 1.6.6, which knows nothing of registries, with the builders and post-processors that it holds.

use touchmark_tests::{TestServer, installed};

use crate::workshop::{Workshop, told, version};

/// The real Packer, if it is installed.
fn packer() -> Option<&'static str> {
    const PATH: &str = "/usr/bin/packer";
    installed(PATH, "REQUIRE_PACKER").then_some(PATH)
}

const HCL2: &str = r#"
source "file" "one" {
  content = "one\n"
  target  = "out/one.txt"
}
source "null" "base" {
  communicator = "none"
}
build {
  name    = "golden"
  sources = ["source.file.one", "source.null.base"]
  post-processor "checksum" {
    checksum_types = ["sha256"]
    output         = "out/{{.BuildName}}.{{.ChecksumType}}"
  }
  post-processor "manifest" {}
}
"#;

const JSON: &str = r#"{
  "variables": {"where": "out"},
  "builders": [
    {"type": "file", "content": "one\n", "target": "{{user `where`}}/plain.txt"},
    {"type": "file", "name": "packed", "content": "two\n", "target": "out/packed.txt"},
    {"type": "file", "name": "swapped", "content": "three\n", "target": "out/swapped.txt"},
    {"type": "null", "communicator": "none"}
  ],
  "post-processors": [
    [
      {"type": "compress", "only": ["packed"], "output": "out/packed.tar.gz"},
      {"type": "manifest", "only": ["packed"]}
    ],
    [
      {"type": "artifice", "only": ["swapped"], "files": ["given.img"]},
      {"type": "manifest", "only": ["swapped"]}
    ],
    {"type": "manifest", "only": ["file", "null"]}
  ]
}"#;

#[tokio::test]
async fn a_template_in_hcl2_is_built_and_recorded() {
    let Some(packer) = packer() else { return };
    let server = TestServer::start().await;
    let mut workshop = Workshop::of(&server).await;
    workshop.set("TOUCHMARK_PACKER", packer);
    workshop.write("t.pkr.hcl", HCL2);
    std::fs::create_dir(workshop.path("out")).expect("a folder");
    let built = workshop
        .run(&[
            "build",
            "--bucket",
            "b",
            "--fingerprint",
            "f1",
            "--label",
            "team=x",
            "t.pkr.hcl",
        ])
        .await;
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    insta::assert_snapshot!(built.stdout, @r#"
    b v1, fingerprint f1

    BUILD      PLATFORM     REGION  ID
    file.one   packer.file  out     one.txt
    null.base  null         null    Null
    "#);
    let version = version(&server.admin(), "b", "f1").await;
    insta::assert_snapshot!(told(&version), @r#"
    v1 VERSION_ACTIVE
    file.one BUILD_DONE packer.file: out=one.txt
    null.base BUILD_DONE null: null=Null
    "#);
    let metadata = version.builds[0].metadata.clone().expect("metadata");
    assert_eq!(metadata.packer["version"], "1.6.6");
    assert_eq!(metadata.packer["options"]["path"], "t.pkr.hcl");
    assert!(metadata.vcs.is_null(), "{}", metadata.vcs);
}

#[tokio::test]
async fn a_template_in_json_is_built_and_recorded_and_its_manifest_says_the_same() {
    let Some(packer) = packer() else { return };
    let server = TestServer::start().await;
    let mut workshop = Workshop::of(&server).await;
    workshop.set("TOUCHMARK_PACKER", packer);
    workshop.write("t.json", JSON);
    workshop.write("given.img", "image\n");
    std::fs::create_dir(workshop.path("out")).expect("a folder");
    let built = workshop
        .run(&["build", "--bucket", "b", "--fingerprint", "f1", "t.json"])
        .await;
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    let by_build = version(&server.admin(), "b", "f1").await;
    insta::assert_snapshot!(told(&by_build), @r#"
    v1 VERSION_ACTIVE
    file BUILD_DONE packer.file: out=plain.txt
    file.packed BUILD_DONE file: out=packed.tar.gz
    file.swapped BUILD_DONE file: .=given.img
    null BUILD_DONE null: null=Null
    "#);
    let compressed = by_build
        .builds
        .iter()
        .find(|build| build.component_type == "file.packed");
    let labels: Vec<&String> = compressed.expect("a build").labels.keys().collect();
    insta::assert_debug_snapshot!(labels, @r#"
    [
        "packed.tar.gz.sha256",
        "packed.tar.gz.size",
    ]
    "#);

    let pushed = workshop
        .run(&[
            "push",
            "--bucket",
            "b",
            "--manifest",
            "packer-manifest.json",
            "--fingerprint",
            "f2",
        ])
        .await;
    assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
    let by_push = version(&server.admin(), "b", "f2").await;
    insta::assert_snapshot!(told(&by_push), @r#"
    v2 VERSION_ACTIVE
    file BUILD_DONE packer.file: out=plain.txt
    file.packed BUILD_DONE file: out=packed.tar.gz
    file.swapped BUILD_DONE file: .=given.img
    null BUILD_DONE null: null=Null
    "#);
}
