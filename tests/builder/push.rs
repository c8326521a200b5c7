//! What was built elsewhere is recorded afterwards: once, whatever the source.

use touchmark_tests::TestServer;

use crate::workshop::{Workshop, told, version};

/// Two runs of Packer in one file; the second is the last.
const MANIFEST: &str = r#"{
  "builds": [
    {"name": "base", "builder_type": "amazon-ebs", "build_time": 1, "files": null,
     "artifact_id": "us-east-1:ami-old", "packer_run_uuid": "11111111-1111-4111-8111-111111111111", "custom_data": null},
    {"name": "base", "builder_type": "amazon-ebs", "build_time": 2, "files": null,
     "artifact_id": "eu-west-1:ami-1,us-east-1:ami-2", "packer_run_uuid": "22222222-2222-4222-8222-222222222222",
     "custom_data": {"os": "debian"}},
    {"name": "golden", "builder_type": "googlecompute", "build_time": 2, "files": null,
     "artifact_id": "golden-1", "packer_run_uuid": "22222222-2222-4222-8222-222222222222", "custom_data": null}
  ],
  "last_run_uuid": "22222222-2222-4222-8222-222222222222"
}"#;

#[tokio::test]
async fn the_last_run_of_a_manifest_is_pushed_once() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write("m.json", MANIFEST);
    let push = [
        "push",
        "--bucket",
        "b",
        "--manifest",
        "m.json",
        "--region",
        "z1",
    ];
    let first = workshop.run(&push).await;
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let fingerprint = "22222222-2222-4222-8222-222222222222";
    let pushed = version(&server.admin(), "b", fingerprint).await;
    insta::assert_snapshot!(told(&pushed), @r#"
    v1 VERSION_ACTIVE
    amazon-ebs.base BUILD_DONE aws: eu-west-1=ami-1 us-east-1=ami-2
    googlecompute.golden BUILD_DONE gce: z1=golden-1
    "#);
    assert_eq!(pushed.builds[0].packer_run_uuid, fingerprint);

    let second = workshop.run(&push).await;
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    insta::assert_snapshot!(second.stdout, @r#"
    b v1, fingerprint 22222222-2222-4222-8222-222222222222: nothing changed, it was recorded before

    BUILD                 PLATFORM  REGION     ID
    amazon-ebs.base       aws       eu-west-1  ami-1
    amazon-ebs.base       aws       us-east-1  ami-2
    googlecompute.golden  gce       z1         golden-1
    "#);
    assert_eq!(version(&server.admin(), "b", fingerprint).await, pushed);

    workshop.write("m.json", &MANIFEST.replace("ami-2", "ami-3"));
    let changed = workshop
        .run(&[&push[..], &["--label", "os=alpine"]].concat())
        .await;
    assert_eq!(changed.code, Some(6));
    insta::assert_snapshot!(changed.stderr, @r#"
    touchmark: fingerprint 22222222-2222-4222-8222-222222222222 is v1 of b already, with other content
      amazon-ebs.base: + us-east-1 ami-3
      amazon-ebs.base: - us-east-1 ami-2
      amazon-ebs.base: label os=alpine was debian
      googlecompute.golden: label os=alpine is new
      a new version takes a new fingerprint: --fingerprint
    "#);
    assert_eq!(version(&server.admin(), "b", fingerprint).await, pushed);
    assert!(workshop.journals().is_empty());
}

#[tokio::test]
async fn images_of_buildx_are_known_by_the_digest_that_they_are_pulled_by() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write(
        "one.json",
        r#"{"containerimage.digest":"sha256:aa","containerimage.config.digest":"sha256:bb","image.name":"r/app:1,r/app:2"}"#,
    );
    let one = [
        "push",
        "--bucket",
        "b",
        "--docker-metadata",
        "one.json",
        "--fingerprint",
        "f1",
    ];
    let one = workshop.run(&one).await;
    assert_eq!(one.code, Some(0), "{}", one.stderr);
    let shown = version(&server.admin(), "b", "f1").await;
    insta::assert_snapshot!(told(&shown), @r#"
    v1 VERSION_ACTIVE
    docker BUILD_DONE docker: docker=sha256:aa
    "#);
    insta::assert_debug_snapshot!(shown.builds[0].labels, @r#"
    {
        "ImageDigest": "sha256:aa",
        "ImageSha256": "sha256:bb",
        "tags": "r/app:1,r/app:2",
    }
    "#);

    workshop.write(
        "bake.json",
        r#"{"web":{"containerimage.digest":"sha256:cc"},"worker":{"containerimage.digest":"sha256:dd"}}"#,
    );
    let bake = [
        "push",
        "--bucket",
        "b",
        "--docker-metadata",
        "bake.json",
        "--fingerprint",
        "f2",
    ];
    let bake = workshop.run(&bake).await;
    assert_eq!(bake.code, Some(0), "{}", bake.stderr);
    insta::assert_snapshot!(told(&version(&server.admin(), "b", "f2").await), @r#"
    v2 VERSION_ACTIVE
    docker.web BUILD_DONE docker: docker=sha256:cc
    docker.worker BUILD_DONE docker: docker=sha256:dd
    "#);

    workshop.write("none.json", "{}");
    let none = workshop
        .run(&["push", "--bucket", "b", "--docker-metadata", "none.json"])
        .await;
    assert_eq!(none.code, Some(2));
    insta::assert_snapshot!(none.stderr, @"touchmark: none.json is no metadata of docker buildx: there is no containerimage.digest");
}

#[tokio::test]
async fn a_single_artifact_is_pushed_by_flags_and_its_fingerprint_follows_from_it() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    let push = [
        "push",
        "--bucket",
        "b",
        "--component",
        "mkosi.debian",
        "--platform",
        "mkosi",
        "--region",
        "/srv/images",
        "--id",
        "image_1.raw",
        "--label",
        "release=bookworm",
        "--json=name,fingerprint",
    ];
    let first = workshop.run(&push).await;
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    insta::assert_snapshot!(first.stdout, @r#"
    {
      "fingerprint": "c7758fe146a1537847fa76eb812a6039e74efe96",
      "name": "v1"
    }
    "#);
    let second = workshop.run(&push).await;
    assert_eq!((second.code, second.stdout), (Some(0), first.stdout));
    let incomplete = workshop.run(&["push", "--bucket", "b", "--id", "x"]).await;
    assert_eq!(incomplete.code, Some(2));
    let nothing = workshop.run(&["push", "--bucket", "b"]).await;
    assert_eq!(nothing.code, Some(2));
    insta::assert_snapshot!(nothing.stderr, @r#"
    touchmark: nothing to push
      give a document (- for standard input), --manifest, --docker-metadata, --id, or --resume
    "#);
}

#[tokio::test]
async fn a_document_says_everything_and_is_checked_before_anything_is_said() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write("bom.json", r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"zlib","version":"1"}]}"#);
    workshop.write(
        "build.json",
        r#"{
          "bucket": "nixos", "fingerprint": "f1", "description": "NixOS", "bucket_labels": {"team": "a"},
          "builder": {"name": "nix", "version": "2.18"},
          "builds": [
            {"component_type": "nix.vm", "platform": "qemu", "labels": {"rev": "1"}, "sboms": ["bom.json"],
             "source_external_identifier": "nixpkgs",
             "artifacts": [{"external_identifier": "nixos.qcow2", "region": "/nix/store"}]}
          ]
        }"#,
    );
    let pushed = workshop.run(&["push", "build.json"]).await;
    assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
    let admin = server.admin();
    let shown = version(&admin, "nixos", "f1").await;
    insta::assert_snapshot!(told(&shown), @r#"
    v1 VERSION_ACTIVE
    nix.vm BUILD_DONE qemu: /nix/store=nixos.qcow2
    "#);
    let build = &shown.builds[0];
    assert_eq!(build.source_external_identifier, "nixpkgs");
    assert_eq!(
        build.metadata.clone().expect("metadata").packer["name"],
        "nix"
    );
    let sboms = admin
        .list_sboms("nixos", "f1", &build.id)
        .await
        .expect("SBOMs")
        .sboms;
    assert_eq!(sboms[0].name, "bom");
    let bucket = admin
        .get_bucket("nixos")
        .await
        .expect("a bucket")
        .bucket
        .expect("a bucket");
    assert_eq!(bucket.description, "NixOS");

    for (wrong, text) in [
        ("no builds", r#"{"bucket":"b"}"#),
        (
            "no platform",
            r#"{"bucket":"b","builds":[{"component_type":"a","artifacts":[{"external_identifier":"x"}]}]}"#,
        ),
        (
            "no artifact",
            r#"{"bucket":"b","builds":[{"component_type":"a","platform":"p"}]}"#,
        ),
        (
            "twice",
            r#"{"bucket":"b","builds":[{"component_type":"a","platform":"p","artifacts":[{"external_identifier":"x"}]},{"component_type":"a","platform":"p","artifacts":[{"external_identifier":"x"}]}]}"#,
        ),
        ("a field too many", r#"{"bucket":"b","build":[]}"#),
    ] {
        workshop.write("wrong.json", text);
        let refused = workshop.run(&["push", "wrong.json"]).await;
        assert_eq!(refused.code, Some(2), "{wrong}: {}", refused.stderr);
    }
    assert!(workshop.journals().is_empty());
}

#[tokio::test]
async fn a_dry_run_prints_a_document_that_can_be_pushed() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    let push = [
        "push",
        "--bucket",
        "b",
        "--platform",
        "aws",
        "--region",
        "us-east-1",
        "--id",
        "ami-1",
    ];
    let dry = workshop.run(&[&push[..], &["--dry-run"]].concat()).await;
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    let missing = server.admin().get_bucket("b").await;
    missing.expect_err("nothing was recorded");
    workshop.write("printed.json", &dry.stdout);
    let pushed = workshop.run(&["push", "printed.json"]).await;
    assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
    let again = workshop.run(&push).await;
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stdout.contains("nothing changed"), "{}", again.stdout);
}
