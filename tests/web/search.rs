//! The search: what each kind of text leads to, and who finds what.

use serde_json::json;
use touchmark_registry::domain::role::Role;
use touchmark_tests::{
    Story as _, TestServer, done, upload,
    wire::{
        bucket::CreateBucketBody,
        build::{BuildMetadata, UpdateBuildBody},
        channel::CreateChannelBody,
        sbom::SbomFormat,
    },
};

use crate::visit::{Seen, Visitor};

const COMMIT: &str = "9fceb02d0ae598e95dc970b74767f19372d61af8";

/// Two buckets; `app-server` has a version from a commit, with an SBOM, that `prod` and `secret` give.
async fn story(server: &TestServer) {
    let admin = server.admin();
    admin.bucket("db-node").await;
    let body = CreateBucketBody {
        name: "app-server".into(),
        labels: [("team".to_owned(), "core".to_owned())].into(),
        ..CreateBucketBody::default()
    };
    admin.create_bucket(&body).await.expect("a bucket");
    admin.version("app-server", "01JZFINGERPRINT").await;
    let build = admin
        .build("app-server", "01JZFINGERPRINT", "amazon-ebs.app")
        .await;
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
        "components": [{"type": "library", "name": "openssl", "version": "3.0.15"}]});
    let sbom = upload(SbomFormat::CycloneDx, &document, "os-packages");
    let uploaded = admin.upload_sbom("app-server", "01JZFINGERPRINT", &build, &sbom);
    uploaded.await.expect("an SBOM");
    let body = UpdateBuildBody {
        metadata: Some(BuildMetadata {
            vcs: json!({"type": "git", "details": {"commit": COMMIT}}),
            ..BuildMetadata::default()
        }),
        ..done("ami-0f1e2d3c4b5a69788")
    };
    let updated = admin.update_build("app-server", "01JZFINGERPRINT", &build, &body);
    updated.await.expect("a build");
    admin.channel("app-server", "prod", "01JZFINGERPRINT").await;
    let body = CreateChannelBody {
        name: "secret".into(),
        restricted: true,
        version_fingerprint: "01JZFINGERPRINT".into(),
    };
    admin
        .create_channel("app-server", &body)
        .await
        .expect("a channel");
}

/// What follows the first line: the groups and what is in them.
fn groups(seen: &Seen) -> String {
    assert_eq!(seen.status, 200);
    let text = seen.text();
    let rest = text
        .split_once(". ")
        .map_or(text.as_str(), |(_, rest)| rest);
    rest.to_owned()
}

#[tokio::test]
async fn each_kind_of_text_leads_to_what_it_means() {
    let server = TestServer::start().await;
    story(&server).await;
    let ana = Visitor::new(&server, "ana", Role::Contributor).await;
    let mut found = String::new();
    for text in [
        "ami-0f1e2d3c4b5a69788",
        "app-server v1",
        "app-server:prod",
        "server",
        "01JZFING",
        "9FCEB02",
        "team=core",
        "openss",
    ] {
        let seen = ana
            .see(&format!("/search?q={}", text.replace(' ', "+")))
            .await;
        let line = format!("{text} => {}\n", groups(&seen));
        found.push_str(&line);
        let href = format!(
            "{}/versions/01JZFINGERPRINT",
            ana.path("/buckets/app-server")
        );
        let to_bucket = text == "server" || text == "team=core";
        assert!(to_bucket || seen.body.contains(&href), "{text}");
    }
    insta::assert_snapshot!(found, @r"
    ami-0f1e2d3c4b5a69788 => Artifacts app-server v1 active given by latest, prod, secret · has this artifact
    app-server v1 => Versions app-server v1 active given by latest, prod, secret
    app-server:prod => Versions app-server v1 active given by latest, prod, secret
    server => Buckets app-server active latest is v1
    01JZFING => Versions app-server v1 active given by latest, prod, secret · by its fingerprint
    9FCEB02 => Commits app-server v1 active given by latest, prod, secret · built from 9fceb02d0ae598e95dc970b74767f19372d61af8
    team=core => Labels app-server active latest is v1 · team=core
    openss => Packages openssl 3.0.15 active in app-server v1 · given by latest, prod, secret
    ");
}

#[tokio::test]
async fn what_is_found_is_what_may_be_seen() {
    let server = TestServer::start().await;
    story(&server).await;
    let viewer = Visitor::new(&server, "vic", Role::Viewer).await;
    let artifact = viewer.see("/search?q=ami-0f1e2d3c4b5a69788").await;
    assert!(
        artifact.text().contains("given by prod"),
        "{}",
        artifact.text()
    );
    assert!(!artifact.text().contains("secret"));
    let channel = viewer.see("/search?q=app-server:secret").await;
    assert!(
        channel.text().contains("Nothing here has to do with"),
        "{}",
        channel.text()
    );
    // The text stays in the box, as text.
    let hostile = viewer.see("/search?q=%22%3E%3Cscript%3Ex").await;
    assert!(!hostile.body.contains("<script>x"));
    assert!(
        hostile
            .body
            .contains("value=\"&#34;&#62;&#60;script&#62;x\""),
        "{}",
        hostile.body
    );
}

#[tokio::test]
async fn a_script_gets_the_results_alone() {
    let server = TestServer::start().await;
    story(&server).await;
    let ana = Visitor::new(&server, "ana", Role::Viewer).await;
    let path = ana.path("/search?q=app");
    let script = ("HX-Request", "true");
    let first = ana
        .ask(
            &path,
            &[script, ("HX-Current-URL", "https://host/p/x/buckets")],
        )
        .await;
    assert!(
        first.body.contains("app-server") && !first.body.contains("<html"),
        "{}",
        first.body
    );
    assert_eq!(first.header("hx-push-url"), path);
    let here = format!("https://host{}", ana.path("/search?q=ap"));
    let second = ana.ask(&path, &[script, ("HX-Current-URL", &here)]).await;
    assert_eq!(
        (
            second.header("hx-push-url"),
            second.header("hx-replace-url")
        ),
        ("", path.as_str())
    );
    let restored = ana
        .ask(&path, &[script, ("HX-History-Restore-Request", "true")])
        .await;
    assert!(restored.body.contains("<html"));
    let anywhere = ana.ask("/search?q=app", &[]).await;
    assert_eq!(
        (anywhere.status, anywhere.header("location")),
        (303, path.as_str())
    );
    let empty = ana.see("/search").await;
    assert!(
        empty
            .text()
            .contains("a commit, or the first seven digits of one"),
        "{}",
        empty.text()
    );
}

#[tokio::test]
async fn a_group_shows_twenty_and_leads_to_more() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for number in 0..23 {
        admin.bucket(&format!("image-{number:02}")).await;
    }
    let ana = Visitor::new(&server, "ana", Role::Viewer).await;
    let seen = ana.see("/search?q=image").await;
    assert!(seen.text().contains("20 found") && seen.text().contains("More buckets"));
    assert!(
        seen.body.contains("/search?q=image&#38;in=buckets"),
        "{}",
        seen.body
    );
    let all = ana.see("/search?q=image&in=buckets").await;
    assert!(all.text().contains("23 found"), "{}", all.text());
}
