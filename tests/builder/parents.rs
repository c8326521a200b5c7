//! What a build was made from, what is in it, and which channel holds it.

use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{Client, Story, TestServer, wire::ancestry::AncestryStatus};

use crate::workshop::{Workshop, built, version};

const TEMPLATE: &str =
    "source \"amazon-ebs\" \"app\" {}\nbuild { sources = [\"source.amazon-ebs.app\"] }\n";

/// A workshop that decides as well, and a bucket `base` whose channel `production` holds a version.
async fn with_base(server: &TestServer) -> (Workshop, Client) {
    let admin = server.admin();
    admin.bucket("base").await;
    admin.complete("base", "ami-base").await;
    admin.channel("base", "production", "ami-base").await;
    let mut workshop = Workshop::of(server).await;
    let scope = Scope::Project(server.project.id.clone());
    let (id, secret) = server
        .credentials("decider", scope, Role::Contributor)
        .await;
    workshop.set("TOUCHMARK_CLIENT_ID", &id);
    workshop.set("TOUCHMARK_CLIENT_SECRET", &secret);
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop.scenario(&built(
        "amazon-ebs.app",
        &[("mitchellh.amazonebs", "us-east-1:ami-app", &[])],
    ));
    (workshop, admin)
}

#[tokio::test]
async fn a_parent_is_a_channel_or_an_artifact() {
    let server = TestServer::start().await;
    let (workshop, admin) = with_base(&server).await;
    for (fingerprint, flag, value, status) in [
        (
            "f1",
            "--parent",
            "base:production",
            AncestryStatus::UpToDate,
        ),
        (
            "f2",
            "--parent-artifact",
            "ami-base",
            AncestryStatus::Undetermined,
        ),
    ] {
        let build = [
            "build",
            "--bucket",
            "app",
            "--fingerprint",
            fingerprint,
            flag,
            value,
            "t.pkr.hcl",
        ];
        let ended = workshop.run(&build).await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let version = version(&admin, "app", fingerprint).await;
        assert_eq!(version.builds[0].source_external_identifier, "ami-base");
        assert_eq!(version.parents.expect("parents").status, status, "{flag}");
    }
    assert!(version(&admin, "base", "ami-base").await.has_descendants);
    let missing = [
        "build",
        "--bucket",
        "app",
        "--fingerprint",
        "f3",
        "--parent",
        "base:gone",
        "t.pkr.hcl",
    ];
    let ended = workshop.run(&missing).await;
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert!(ended.stderr.contains("gone"), "{}", ended.stderr);
    assert_eq!(
        workshop.called().lines().count(),
        2,
        "Packer is not started for nothing"
    );
}

#[tokio::test]
async fn a_channel_holds_the_version_as_soon_as_it_is_complete() {
    let server = TestServer::start().await;
    let (workshop, admin) = with_base(&server).await;
    admin.bucket("app").await;
    admin.channel("app", "dev", "").await;
    let build = [
        "build",
        "--bucket",
        "app",
        "--fingerprint",
        "f1",
        "--channel",
        "dev",
        "t.pkr.hcl",
    ];
    let ended = workshop.run(&build).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(admin.held("app", "dev").await, "f1");
    let build = [
        "build",
        "--bucket",
        "app",
        "--fingerprint",
        "f2",
        "--channel",
        "none",
        "t.pkr.hcl",
    ];
    let ended = workshop.run(&build).await;
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .ends_with("  touchmark channel create app:none\n"),
        "{}",
        ended.stderr
    );
    assert!(workshop.journals().is_empty());
}

#[tokio::test]
async fn what_is_in_an_image_is_known_before_it_is_done() {
    let server = TestServer::start().await;
    let (workshop, admin) = with_base(&server).await;
    workshop.write("bom.spdx.json", r#"{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"x","packages":[{"SPDXID":"SPDXRef-1","name":"zlib","versionInfo":"1.3","downloadLocation":"NOASSERTION"}]}"#);
    let build = [
        "build",
        "--bucket",
        "app",
        "--fingerprint",
        "f1",
        "--sbom",
        "amazon-ebs.app=bom.spdx.json",
        "t.pkr.hcl",
    ];
    let ended = workshop.run(&build).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let id = version(&admin, "app", "f1").await.builds[0].id.clone();
    let sboms = admin
        .list_sboms("app", "f1", &id)
        .await
        .expect("SBOMs")
        .sboms;
    assert_eq!((sboms.len(), sboms[0].name.as_str()), (1, "bom-spdx"));
    workshop.write("no.json", "{}");
    let build = [
        "build",
        "--bucket",
        "app",
        "--fingerprint",
        "f2",
        "--sbom",
        "no.json",
        "t.pkr.hcl",
    ];
    let ended = workshop.run(&build).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .ends_with("touchmark: no.json is neither CycloneDX nor SPDX in JSON\n"),
        "{}",
        ended.stderr
    );
}
