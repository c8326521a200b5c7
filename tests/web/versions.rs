//! The pages of versions: what they say of a version that is good, revoked, about to be, or not complete; how it
//! is used; what is in it; what differs between two.
#![expect(
    clippy::too_many_lines,
    reason = "most lines of a test are its snapshots"
)]

use std::time::Duration;

use regex_lite::Regex;
use serde_json::{Value, json};
use touchmark_registry::domain::role::Role;
use touchmark_tests::{
    Client, RUN, Story as _, TestServer, Visitor, artifact, done, upload,
    wire::{
        build::{BuildMetadata, BuildStatus, UpdateBuildBody},
        channel::UpdateChannelBody,
        sbom::SbomFormat,
        version::UpdateVersionBody,
    },
};

/// What is in `<main>`, as somebody reads it: without tags and without what differs between two runs.
fn read(page: &str) -> String {
    let main = page.split_once("<main").expect("a page").1;
    let main = main.split_once("</main>").expect("a page").0;
    let strip = |pattern: &str, text: &str, with: &str| {
        let pattern = Regex::new(pattern).expect("a pattern");
        pattern.replace_all(text, with).into_owned()
    };
    let text = strip(r"<button[^>]*>copy</button>", main, "");
    let text = strip(r"^[^>]*>|<option(?s:.)*?</option>", &text, "");
    let text = strip(r"<[^>]*>", &text, " ");
    let text = strip(
        r"01[0-9A-HJKMNP-TV-Z]{24}|01[0-9A-HJKMNP-TV-Z]{18} +[0-9A-HJKMNP-TV-Z]{6}",
        &text,
        "ULID",
    );
    let signs = [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
    ];
    let text = signs
        .iter()
        .fold(text, |text, (written, sign)| text.replace(written, sign));
    let text = strip(r"[ \n]*\n[ \n]*", &text, "\n");
    let text = strip(r" +", &text, " ");
    strip(r"(?m) ([.,:])( |$)", &text, "$1$2").trim().to_owned()
}

/// The addresses of all links in `<main>`.
fn links(page: &str) -> Vec<String> {
    let main = page.split_once("<main").expect("a page").1;
    let pattern = Regex::new(r#"<a [^>]*href="([^"]*)""#).expect("a pattern");
    let found = pattern.captures_iter(main);
    found
        .map(|link| link[1].replace("&amp;", "&").replace("&#38;", "&"))
        .collect()
}

fn place(server: &TestServer, path: &str) -> String {
    format!("/p/{}/buckets/{path}", server.project.name)
}

async fn get(server: &TestServer, visitor: &Visitor, path: &str) -> String {
    let path = place(server, path);
    let (status, text) = visitor.page(&path).await;
    assert_eq!(status, 200, "{path}: {text}");
    assert!(text.len() < 60_000, "{path} has {} bytes", text.len());
    text
}

/// Creates a version whose one build says this when it is done.
async fn built(
    client: &Client,
    (bucket, fingerprint): (&str, &str),
    said: &UpdateBuildBody,
) -> String {
    client.version(bucket, fingerprint).await;
    let id = client.build(bucket, fingerprint, "amazon-ebs.base").await;
    let answer = client.update_build(bucket, fingerprint, &id, said).await;
    answer.expect("a build that is done");
    id
}

/// A build with an artifact in each of these regions.
fn in_regions(regions: &[&str]) -> UpdateBuildBody {
    let artifacts = regions
        .iter()
        .map(|region| artifact(&format!("ami-{region}"), region));
    UpdateBuildBody {
        artifacts: Some(artifacts.collect()),
        ..done("")
    }
}

async fn revoke(client: &Client, (bucket, fingerprint): (&str, &str), within: &str) {
    let body = UpdateVersionBody {
        revoke_in: within.to_owned(),
        revocation_message: "CVE-2026-1234 in <openssl>".to_owned(),
        ..UpdateVersionBody::default()
    };
    let answer = client.update_version(bucket, fingerprint, &body).await;
    answer.expect("a revocation");
}

async fn restrict(client: &Client, bucket: &str, channel: &str) {
    let body = UpdateChannelBody {
        update_mask: Some("restricted".to_owned()),
        version_fingerprint: String::new(),
        restricted: true,
    };
    let answer = client.update_channel(bucket, channel, &body).await;
    answer.expect("a restricted channel");
}

#[tokio::test]
async fn a_version_says_what_it_is_and_how_it_is_used() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    built(
        &admin,
        ("app", "f1"),
        &in_regions(&["us-east-1", "eu-west-1"]),
    )
    .await;
    admin.channel("app", "prod", "f1").await;
    let viewer = Visitor::of(&server, "vera", Role::Viewer).await;
    server.advance(Duration::from_hours(2));
    let page = get(&server, &viewer, "app/versions/f1").await;
    let text = read(&page).replace(&server.url, "https://registry");
    insta::assert_snapshot!(text, @r#"
    Buckets / app / Versions /
    app v1 active
    Overview
    Builds 1
    Packages
    Labels
    How it was built
    Compare
    Activity
    Artifacts
    2 artifacts
    Artifacts by platform and region
    Platform Region Artifact Build Snippets
    aws eu-west-1 ami-eu- west-1 amazon-ebs.base shown below
    aws us-east-1 ami-us- east-1 amazon-ebs.base use the one in aws us-east-1 of amazon-ebs.base
    Facts
    Channels prod
    Fingerprint f1
    Id ULID
    Template HCL2
    Created 2 h ago by admin
    Completed 2 h ago
    Descendants nothing was built from it
    Built from
    No build named a version of this registry as its parent.
    Use this version
    These follow the channel prod, which gives this version now. They are for aws eu-west-1; another artifact is chosen in the table above.
    Id
    ami-eu-west-1
    Terraform
    data "hcp_packer_version" "app" {
    bucket_name = "app"
    channel_name = "prod"
    }
    data "hcp_packer_artifact" "app" {
    bucket_name = "app"
    version_fingerprint = data.hcp_packer_version.app.fingerprint
    platform = "aws"
    region = "eu-west-1"
    }
    output "app" {
    value = data.hcp_packer_artifact.app.external_identifier
    }
    Packer
    data "hcp-packer-version" "app" {
    bucket_name = "app"
    channel_name = "prod"
    }
    data "hcp-packer-artifact" "app" {
    bucket_name = "app"
    version_fingerprint = data.hcp-packer-version.app.fingerprint
    platform = "aws"
    region = "eu-west-1"
    }
    locals {
    app = data.hcp-packer-artifact.app.external_identifier
    }
    Command line
    touchmark resolve app:prod --platform aws --region eu-west-1 --project default
    curl
    curl --fail ${TOUCHMARK_CA_FILE:+--cacert "$TOUCHMARK_CA_FILE"} \
    -H "Authorization: Bearer $(touchmark auth print-access-token)" \
    'https://registry/api/v1/resolve/app/prod?project=default&platform=aws&region=eu-west-1'
    Terraform, Packer and touchmark find this registry by the variables of its env file, which the registry writes at its first start:. /path/to/env
    "#);
    let second = links(&page).into_iter().find(|link| link.contains("use="));
    let second = second.expect("another artifact").replace("#use", "");
    let (status, page) = viewer.page(&second).await;
    assert_eq!(status, 200);
    assert!(
        read(&page).contains("region = \"us-east-1\""),
        "{}",
        read(&page)
    );
}

#[tokio::test]
async fn a_version_without_a_channel_is_used_by_its_fingerprint() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("9.app").await;
    let twice = UpdateBuildBody {
        artifacts: Some(vec![artifact("ami-1", "r"), artifact("ami-2", "r")]),
        ..done("")
    };
    built(&admin, ("9.app", "f1"), &twice).await;
    admin.complete("9.app", "f2").await;
    let viewer = Visitor::of(&server, "vera", Role::Viewer).await;
    let text = read(&get(&server, &viewer, "9.app/versions/f1").await);
    let (_, snippets) = text.split_once("Use this version").expect("snippets");
    let organization = &server.project.organization_id;
    let snippets = snippets.replace(&server.url, "https://registry");
    let snippets = snippets
        .replace(organization, "O")
        .replace(&server.project.id, "P");
    insta::assert_snapshot!(snippets.trim(), @r#"
    No channel gives this version, so these name its fingerprint. They are for aws r; another artifact is chosen in the table above.
    Id
    ami-1
    Terraform
    data "hcp_packer_artifact" "image_9_app" {
    bucket_name = "9.app"
    version_fingerprint = "f1"
    platform = "aws"
    region = "r"
    component_type = "amazon-ebs.base"
    }
    output "image_9_app" {
    value = data.hcp_packer_artifact.image_9_app.external_identifier
    }
    Packer
    data "hcp-packer-artifact" "image_9_app" {
    bucket_name = "9.app"
    version_fingerprint = "f1"
    platform = "aws"
    region = "r"
    component_type = "amazon-ebs.base"
    }
    locals {
    image_9_app = data.hcp-packer-artifact.image_9_app.external_identifier
    }
    Command line
    touchmark version show 9.app:v1 --project default
    curl
    curl --fail ${TOUCHMARK_CA_FILE:+--cacert "$TOUCHMARK_CA_FILE"} \
    -H "Authorization: Bearer $(touchmark auth print-access-token)" \
    https://registry/packer/2023-01-01/organizations/O/projects/P/buckets/9.app/versions/f1
    Terraform, Packer and touchmark find this registry by the variables of its env file, which the registry writes at its first start:. /path/to/env
    "#);
}

#[tokio::test]
async fn a_revoked_version_says_why_and_what_to_use_instead() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for bucket in ["base", "app"] {
        admin.bucket(bucket).await;
    }
    let parent = admin.complete("base", "b1").await;
    let channel = admin.channel("base", "prod", "b1").await;
    admin.complete("base", "b2").await;
    admin.child("app", "f1", &parent, &channel).await;
    admin.assign("base", "prod", "b2").await;
    admin.complete("app", "f2").await;
    admin.channel("app", "stable", "f2").await;
    let viewer = Visitor::of(&server, "vera", Role::Viewer).await;
    let built = read(&get(&server, &viewer, "app/versions/f1").await);
    assert!(
        built.contains("base v1 prod outdated: prod gives v2 now"),
        "{built}"
    );

    revoke(&admin, ("base", "b1"), "0s").await;
    server.advance(Duration::from_mins(30));
    let page = get(&server, &viewer, "app/versions/f1").await;
    let text = read(&page);
    let (head, rest) = text.split_once("Overview").expect("tabs");
    insta::assert_snapshot!(head, @r#"
    Buckets / app / Versions /
    app v1 revoked
    Revoked 30 min ago by admin, inherited from base v1: “CVE-2026-1234 in <openssl>”.
    Use app v2 instead, which stable gives.
    "#);
    assert!(!rest.contains("Use this version"), "{rest}");
    assert!(rest.contains("base v1 prod revoked"), "{rest}");
    for other in ["base/versions/b1", "app/versions/f2"] {
        assert!(links(&page).contains(&place(&server, other)), "{other}");
    }

    revoke(&admin, ("app", "f2"), "72h").await;
    let text = read(&get(&server, &viewer, "app/versions/f2").await);
    let (head, rest) = text.split_once("Overview").expect("tabs");
    insta::assert_snapshot!(head, @r#"
    Buckets / app / Versions /
    app v2 revocation scheduled
    Will be revoked in 3 days by admin: “CVE-2026-1234 in <openssl>”. Decided just now.
    Handed out now by stable.
    The bucket has no good version to use instead: build a new one.
    "#);
    assert!(rest.contains("Use this version"), "{rest}");
}

#[tokio::test]
async fn a_version_that_is_not_complete_says_how_far_it_is() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    admin.version("app", "f1").await;
    let first = admin.build("app", "f1", "amazon-ebs.a").await;
    let second = admin.build("app", "f1", "docker.b").await;
    let is = |status| UpdateBuildBody {
        status: Some(status),
        packer_run_uuid: RUN.to_owned(),
        ..UpdateBuildBody::default()
    };
    let said = admin
        .update_build("app", "f1", &first, &done("ami-1"))
        .await;
    said.expect("a build that is done");
    let said = admin
        .update_build("app", "f1", &second, &is(BuildStatus::Running))
        .await;
    said.expect("a build that runs");
    let viewer = Visitor::of(&server, "vera", Role::Viewer).await;
    server.advance(Duration::from_mins(5));
    let text = read(&get(&server, &viewer, "app/versions/f1/builds").await);
    insta::assert_snapshot!(text, @r#"
    Buckets / app / Versions /
    app v0 (f1) building
    It is being built: 1 of 2 builds are done. A version gets its number when all of them are. Heard of 5 min ago.
    Overview
    Builds 2
    Packages
    Labels
    How it was built
    Compare
    Activity
    amazon-ebs.a done
    Platform aws
    Registered 5 min ago, took 0 s
    Run 2f0c5c3a-5d96-477d-92e5-681c85 120246
    Artifact in us-east-1 ami-1
    docker.b running
    Platform not told yet
    Registered 5 min ago
    Last heartbeat 5 min ago
    Run 2f0c5c3a-5d96-477d-92e5-681c85 120246
    "#);
    let said = admin
        .update_build("app", "f1", &second, &is(BuildStatus::Failed))
        .await;
    said.expect("a build that failed");
    let text = read(&get(&server, &viewer, "app/versions/f1").await);
    let failed = "A build failed: 1 of 2 builds are done.";
    assert!(
        text.contains(failed) && !text.contains("Use this version"),
        "{text}"
    );

    admin.complete("app", "f2").await;
    let text = read(&get(&server, &viewer, "app/versions").await);
    insta::assert_snapshot!(text, @r#"
    Buckets /
    app
    Overview
    Versions
    Channels
    Ancestry
    Activity
    Settings
    all
    complete
    incomplete
    2 versions in all
    Versions, the newest first
    Version State Channels Created By Builds Commit Fingerprint
    v1
    active
    in a moment
    admin
    1
    f2
    v0
    failed
    5 min ago
    admin
    2
    f1
    "#);
    let text = read(&get(&server, &viewer, "app/versions?state=incomplete").await);
    assert!(text.contains("f1") && !text.contains("f2"), "{text}");
    let text = read(&get(&server, &viewer, "app/versions?state=complete").await);
    assert!(!text.contains("f1") && text.contains("f2"), "{text}");
}

#[tokio::test]
async fn the_packages_of_a_version_are_searched_and_its_sboms_downloaded() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    admin.version("app", "f1").await;
    let build = admin.build("app", "f1", "amazon-ebs.base").await;
    let viewer = Visitor::of(&server, "vera", Role::Viewer).await;
    let text = read(&get(&server, &viewer, "app/versions/f1/packages").await);
    let next = "touchmark sbom upload app:f1 --build amazon-ebs.base sbom.json";
    assert!(text.contains(next), "{text}");

    let body = upload(
        SbomFormat::CycloneDx,
        &sbom(&[("openssl", "3.0.2"), ("LibSSL_3", "1")]),
        "system",
    );
    let said = admin.upload_sbom("app", "f1", &build, &body).await;
    said.expect("an SBOM");
    let page = get(&server, &viewer, "app/versions/f1/packages").await;
    insta::assert_snapshot!(read(&page), @r#"
    Buckets / app / Versions /
    app v0 (f1) incomplete
    Some builds never ran: 0 of 1 builds are done. A version gets its number when all of them are.
    Run Packer again with the same fingerprint: it repeats only the builds that are not done.
    Overview
    Builds 1
    Packages
    Labels
    How it was built
    Compare
    Activity
    Package
    Search
    Packages by name
    Package Version Address SBOM
    LibSSL_3 1 pkg:deb/debian/LibSSL_3@1 system
    openssl 3.0.2 pkg:deb/debian/openssl@3.0.2 system
    SBOMs
    SBOMs of its builds
    Document Build Format Packages Uploaded File
    system amazon-ebs.base CycloneDX 2 in a moment Download system of amazon-ebs.base
    "#);
    let text = read(&get(&server, &viewer, "app/versions/f1/packages?q=ssl_").await);
    assert!(
        text.contains("LibSSL_3") && !text.contains("openssl 3.0.2"),
        "{text}"
    );
    let text = read(&get(&server, &viewer, "app/versions/f1/packages?q=%25").await);
    assert!(
        text.contains("No package of this version has “%” in its name."),
        "{text}"
    );

    let link = links(&page)
        .into_iter()
        .find(|link| link.contains("/sboms/"));
    let answer = viewer.ask(&link.expect("a download")).await;
    assert_eq!(answer.status(), 303);
    let location = answer.headers()["location"]
        .to_str()
        .expect("text")
        .to_owned();
    let (status, document) = viewer.page(&location).await;
    assert_eq!(status, 200);
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["bomFormat"], "CycloneDX");
}

fn sbom(packages: &[(&str, &str)]) -> Value {
    let component = |(name, version): &(&str, &str)| {
        json!({"type": "library", "name": name, "version": version,
            "purl": format!("pkg:deb/debian/{name}@{version}")})
    };
    let components: Vec<Value> = packages.iter().map(component).collect();
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components})
}

#[tokio::test]
async fn where_a_version_comes_from_is_told_as_its_builds_told_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    let said = UpdateBuildBody {
        labels: [("team".to_owned(), "<b>web</b>".to_owned())].into(),
        metadata: Some(BuildMetadata {
            packer: json!({"version": "1.16.0", "plugins": [{"name": "amazon", "version": "1.3.1"}],
                "options": {"debug": false, "force": true, "only": ["amazon-ebs.base"], "except": null, "path": "."},
                "os": {"type": "linux", "details": {"arch": "amd64", "version": "6.1.0"}}}),
            vcs: json!({"type": "git", "details": {"ref": "main", "author": "Ana <ana@example.com>",
                "commit": "0123456789abcdef0123456789abcdef01234567", "has_uncommitted_changes": true,
                "remote": "https://git.example.com/images/app.git"}}),
            cicd: json!({"type": "gitlab", "details": {"CI_JOB_URL": "https://git.example.com/images/app/-/jobs/7",
                "GITLAB_USER_NAME": "ana"}}),
        }),
        ..done("ami-1")
    };
    built(&admin, ("app", "f1"), &said).await;
    let viewer = Visitor::of(&server, "vera", Role::Viewer).await;
    let page = get(&server, &viewer, "app/versions/f1/origin").await;
    let text = read(&page);
    let (_, told) = text.split_once("From an HCL2").expect("what was told");
    let (told, raw) = told.split_once("As it was told").expect("raw");
    insta::assert_snapshot!(told.trim(), @r#"
    template.
    Packer
    Version 1.16.0
    Plugins amazon 1.3.1
    Option force yes
    Option only amazon-ebs.base
    Option path.
    System linux amd64 6.1.0
    Source
    Commit 0123456789abcdef0123456789abcdef01234567
    Branch main
    Author Ana <ana@example.com>
    Repository https://git.example.com/images/app.git
    Uncommitted changes yes
    CI
    System gitlab
    CI_JOB_URL https://git.example.com/images/app/-/jobs/7
    GITLAB_USER_NAME ana
    "#);
    assert!(raw.contains(r#""has_uncommitted_changes": true"#), "{raw}");
    let commit =
        "https://git.example.com/images/app/commit/0123456789abcdef0123456789abcdef01234567";
    assert!(links(&page).contains(&commit.to_owned()));
    let list = get(&server, &viewer, "app/versions").await;
    assert!(links(&list).contains(&commit.to_owned()));
    let labels = get(&server, &viewer, "app/versions/f1/labels").await;
    assert!(labels.contains("&lt;b&gt;web") || labels.contains("&#60;b&#62;web"));
    assert!(!labels.contains("<b>"));
}

#[tokio::test]
async fn two_versions_are_compared() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    let first = built(
        &admin,
        ("app", "f1"),
        &in_regions(&["us-east-1", "eu-west-1"]),
    )
    .await;
    let said = UpdateBuildBody {
        labels: [("team".to_owned(), "web".to_owned())].into(),
        artifacts: Some(vec![artifact("ami-new", "us-east-1")]),
        ..done("")
    };
    let second = built(&admin, ("app", "f2"), &said).await;
    let documents = [
        (("f1", first), sbom(&[("openssl", "3.0.1"), ("zlib", "1")])),
        (("f2", second), sbom(&[("openssl", "3.0.2"), ("curl", "8")])),
    ];
    for ((fingerprint, build), document) in documents {
        let body = upload(SbomFormat::CycloneDx, &document, "system");
        let path = touchmark_tests::wire::paths::own_sboms("app", fingerprint, &build);
        let body = serde_json::to_value(&body).expect("JSON");
        let answer = admin
            .send(touchmark_client::Method::PUT, &path, Some(&body))
            .await;
        assert_eq!(answer.expect("an answer").status, 200);
    }
    let viewer = Visitor::of(&server, "vera", Role::Viewer).await;
    let page = get(&server, &viewer, "app/compare").await;
    insta::assert_snapshot!(read(&page), @r#"
    Buckets / app / Versions /
    app: v1 and v2
    From
    to
    Compare
    The other way round
    v1 active, created in a moment → v2 active, created in a moment
    Platforms and regions 1 Labels 1 Ids of artifacts 1 Packages 3
    Platforms and regions
    Platforms and regions
    What Change v1 v2
    amazon-ebs.base aws eu-west-1 − removed ami-eu-west-1
    Labels
    Labels
    What Change v1 v2
    amazon-ebs.base team + added web
    Ids of artifacts
    1 differ
    Ids of artifacts
    What Change v1 v2
    amazon-ebs.base aws us-east-1 ~ changed ami-us-east-1 ami-new
    Packages
    Packages
    What Change v1 v2
    curl + added 8
    openssl ~ changed 3.0.1 3.0.2
    zlib − removed 1
    On the command line
    touchmark version diff app:f1 app:f2
    "#);
    let named = get(&server, &viewer, "app/compare?from=v1&to=f2").await;
    assert_eq!(read(&named), read(&page));
    let same = read(&get(&server, &viewer, "app/compare?from=f1&to=f1").await);
    assert!(same.contains("They do not differ"), "{same}");
    let (status, page) = viewer.page(&place(&server, "app/compare?from=f9")).await;
    assert_eq!(status, 404);
    assert!(links(&page).contains(&place(&server, "app")));
}

#[tokio::test]
async fn a_restricted_channel_is_on_no_page_of_those_who_may_not_see_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for bucket in ["base", "app"] {
        admin.bucket(bucket).await;
    }
    let parent = admin.complete("base", "b1").await;
    let hidden = admin.channel("base", "vault-base", "b1").await;
    admin.child("app", "f1", &parent, &hidden).await;
    admin.complete("base", "b2").await;
    admin.assign("base", "vault-base", "b2").await;
    admin.channel("app", "vault-app", "f1").await;
    restrict(&admin, "base", "vault-base").await;
    restrict(&admin, "app", "vault-app").await;
    let viewer = Visitor::of(&server, "vera", Role::Viewer).await;
    let contributor = Visitor::of(&server, "carl", Role::Contributor).await;
    admin.complete("app", "f2").await;
    revoke(&admin, ("app", "f2"), "72h").await;
    for (path, shown) in [
        ("app/versions", "vault-app"),
        ("app/versions/f1", "vault-app"),
        ("app/versions/f1", "outdated: vault-base gives v2 now"),
        ("app/versions/f2", "vault-app gives"),
    ] {
        let text = read(&get(&server, &contributor, path).await);
        assert!(text.contains(shown), "{path}: {text}");
        let page = get(&server, &viewer, path).await;
        assert!(!page.contains("vault"), "{path}: {page}");
    }
}

#[tokio::test]
async fn actions_are_offered_to_those_who_may_take_them() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    admin.complete("app", "good").await;
    admin.complete("app", "bad").await;
    admin.version("app", "open").await;
    revoke(&admin, ("app", "bad"), "0s").await;
    let builder = Visitor::of(&server, "bob", Role::Builder).await;
    let contributor = Visitor::of(&server, "carl", Role::Contributor).await;
    for (version, actions) in [
        ("good", &["assign", "revoke", "delete"][..]),
        ("bad", &["restore", "delete"]),
        ("open", &["revoke", "delete"]),
    ] {
        let path = format!("app/versions/{version}");
        let address = place(&server, &path);
        let offered = |page: &str| -> Vec<String> {
            let own = links(page).into_iter();
            let own = own.filter_map(|link| {
                Some(link.strip_prefix(&address)?.strip_prefix('/')?.to_owned())
            });
            own.filter(|path| !["builds", "packages", "labels", "origin"].contains(&path.as_str()))
                .collect()
        };
        assert_eq!(offered(&get(&server, &contributor, &path).await), actions);
        assert!(offered(&get(&server, &builder, &path).await).is_empty());
    }
}

#[tokio::test]
async fn an_unknown_version_leads_to_its_bucket() {
    let server = TestServer::start().await;
    server.admin().bucket("app").await;
    let viewer = Visitor::of(&server, "vera", Role::Viewer).await;
    for page in ["", "/builds", "/packages", "/labels", "/origin"] {
        let path = place(&server, &format!("app/versions/<gone>{page}"));
        let (status, page) = viewer.page(&path).await;
        assert_eq!(status, 404, "{path}");
        assert!(links(&page).contains(&place(&server, "app")), "{page}");
        assert!(!page.contains("<gone>"), "{page}");
    }
    let (status, _) = viewer
        .page(&place(&server, "app/versions/f/builds/b/sboms/s"))
        .await;
    assert_eq!(status, 404);
    let text = read(&get(&server, &viewer, "app/versions").await);
    assert!(
        text.contains("touchmark build --bucket app template.pkr.hcl"),
        "{text}"
    );
    let text = read(&get(&server, &viewer, "app/compare").await);
    assert!(text.contains("not two complete versions"), "{text}");
}
