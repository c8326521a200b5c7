//! What Packer prints of clouds becomes what the registry hands out.

use touchmark_tests::TestServer;

use crate::workshop::{Workshop, built, told, version};

const TEMPLATE: &str = r#"
source "amazon-ebs" "base" { source_ami = "ami-parent" }
source "azure-arm" "base" { location = "westeurope" }
source "googlecompute" "base" {
  zone         = var.zone
  source_image = "debian-12"
}
source "vsphere-iso" "base" { datacenter = "dc-1" }
source "docker" "base" {}
source "qemu" "base" {}
variable "zone" { default = "europe-west1-b" }
build {
  sources = [
    "source.amazon-ebs.base", "source.azure-arm.base", "source.googlecompute.base",
    "source.vsphere-iso.base", "source.docker.base", "source.qemu.base",
  ]
}
"#;

const MANAGED: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/golden";

#[tokio::test]
async fn every_builder_of_the_table_is_recorded_by_its_own_rule() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop.write("disk.qcow2", "disk\n");
    let ami = (
        "mitchellh.amazonebs",
        "eu-west-1:ami-1,us-east-1:ami-2,us-west-2:ami-3",
        &[][..],
    );
    let scenario = [
        // A post-processor that hands its artifact on prints it once more.
        built("amazon-ebs.base", &[ami, ami]),
        built(
            "azure-arm.base",
            &[("Azure.ResourceManagement.VMImage", MANAGED, &[])],
        ),
        built(
            "googlecompute.base",
            &[("packer.googlecompute", "golden-1", &[])],
        ),
        built(
            "vsphere-iso.base",
            &[("jetbrains.vsphere", "golden-vm", &[])],
        ),
        built(
            "docker.base",
            &[
                ("packer.post-processor.docker-import", "sha256:abc", &[]),
                ("packer.post-processor.docker-tag", "registry/app:1", &[]),
            ],
        ),
        built("qemu.base", &[("transcend.qemu", "VM", &["disk.qcow2"])]),
    ];
    workshop.scenario(&scenario.concat());
    let ended = workshop
        .run(&[
            "build",
            "--bucket",
            "golden",
            "--fingerprint",
            "f1",
            "t.pkr.hcl",
        ])
        .await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let version = version(&server.admin(), "golden", "f1").await;
    insta::assert_snapshot!(told(&version), @r#"
    v1 VERSION_ACTIVE
    amazon-ebs.base BUILD_DONE aws: eu-west-1=ami-1 us-east-1=ami-2 us-west-2=ami-3
    azure-arm.base BUILD_DONE azure: westeurope=/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/golden
    docker.base BUILD_DONE docker: docker=sha256:abc
    googlecompute.base BUILD_DONE gce: europe-west1-b=golden-1
    qemu.base BUILD_DONE qemu: .=disk.qcow2
    vsphere-iso.base BUILD_DONE vsphere: dc-1=golden-vm
    "#);
    let labels = |component: &str| {
        let mut builds = version.builds.iter();
        let build = builds
            .find(|build| build.component_type == component)
            .expect("a build");
        (
            build.labels.clone(),
            build.source_external_identifier.clone(),
        )
    };
    insta::assert_debug_snapshot!(labels("docker.base"), @r#"
    (
        {
            "tags": "registry/app:1",
        },
        "",
    )
    "#);
    insta::assert_debug_snapshot!(labels("qemu.base"), @r#"
    (
        {
            "disk.qcow2.sha256": "e4afa146b6cac84107134c69a12c93b983d4a09d5f628f325d11aa7347a8e895",
            "disk.qcow2.size": "5",
        },
        "",
    )
    "#);
    assert_eq!(labels("amazon-ebs.base").1, "ami-parent");
    assert_eq!(labels("googlecompute.base").1, "debian-12");
}

#[tokio::test]
async fn a_region_on_the_command_line_beats_the_template() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write(
        "t.json",
        r#"{"builders":[{"type":"googlecompute","name":"x","zone":"z1"}]}"#,
    );
    workshop.scenario(&built("x", &[("packer.googlecompute", "golden-1", &[])]));
    let arguments = [
        "build",
        "--bucket",
        "golden",
        "--fingerprint",
        "f1",
        "--region",
        "z2",
        "t.json",
    ];
    let ended = workshop.run(&arguments).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let version = version(&server.admin(), "golden", "f1").await;
    insta::assert_snapshot!(told(&version), @r#"
    v1 VERSION_ACTIVE
    googlecompute.x BUILD_DONE gce: z2=golden-1
    "#);
}

#[tokio::test]
async fn a_build_that_the_template_does_not_name_is_recorded_as_packer_calls_it() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write("t.pkr.hcl", "build {\n  dynamic \"source\" {\n    for_each = var.all\n    labels = [\"x\"]\n    content {}\n  }\n}\n");
    workshop.scenario(&built(
        "someone-cloud.base",
        &[("someone.cloud", "img-1", &[])],
    ));
    let ended = workshop
        .run(&[
            "build",
            "--bucket",
            "golden",
            "--fingerprint",
            "f1",
            "t.pkr.hcl",
        ])
        .await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let version = version(&server.admin(), "golden", "f1").await;
    insta::assert_snapshot!(told(&version), @r#"
    v1 VERSION_ACTIVE
    someone-cloud.base BUILD_DONE someone-cloud: =img-1
    "#);
}
