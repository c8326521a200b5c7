//! The ancestry of a bucket: drawing and table.

use touchmark_registry::domain::role::Role;
use touchmark_tests::{
    Client, Story as _, TestServer,
    wire::{
        build::UpdateBuildBody,
        channel::CreateChannelBody,
        version::{UpdateVersionBody, Version},
    },
};

use crate::visit::{Seen, Visitor};

fn rows(seen: &Seen) -> String {
    assert_eq!(seen.status, 200);
    let body = seen.body.split_once("<tbody>").map_or("", |(_, rest)| rest);
    let rows = body.split("</tr>").map(|row| {
        let words = row
            .split('<')
            .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
        let words: Vec<&str> = words
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .collect();
        words.join(" | ")
    });
    let rows: Vec<String> = rows.take_while(|row| !row.contains("Touchmark")).collect();
    rows.join("\n").trim().to_owned()
}

/// A line of descent: `base`, `middle` made from its v1 through `prod`, `app` made from that.
async fn family(server: &TestServer, admin: &Client) -> Version {
    for bucket in ["base", "middle", "app"] {
        admin.bucket(bucket).await;
    }
    let base = admin.complete("base", "b1").await;
    let prod = admin.channel("base", "prod", "b1").await;
    let middle = admin.child("middle", "m1", &base, &prod).await;
    let stable = admin.channel("middle", "stable", "m1").await;
    admin.child("app", "a1", &middle, &stable).await;
    server.advance(std::time::Duration::from_hours(72));
    base
}

#[tokio::test]
async fn a_family_is_drawn_and_told() {
    let server = TestServer::start().await;
    let admin = server.admin();
    family(&server, &admin).await;
    let ana = Visitor::new(&server, "ana", Role::Viewer).await;
    let before = ana.see("/buckets/middle/ancestry").await;
    assert!(
        before
            .text()
            .contains("middle is up to date: base v1 is what its channel gives."),
        "{}",
        before.text()
    );
    let base = ana.see("/buckets/base/ancestry").await;
    assert!(
        base.text().contains("One bucket is built on it."),
        "{}",
        base.text()
    );
    // Tokens and sessions do not last that long.
    let admin = server.admin();
    admin.complete("base", "b2").await;
    admin.assign("base", "prod", "b2").await;
    server.advance(std::time::Duration::from_hours(48));
    let admin = server.admin();
    let body = UpdateVersionBody {
        revoke_in: "0s".into(),
        revocation_message: "CVE-2026-1".into(),
        skip_descendants_revocation: true,
        ..UpdateVersionBody::default()
    };
    admin
        .update_version("middle", "m1", &body)
        .await
        .expect("a revocation");
    let ana = Visitor::new(&server, "eve", Role::Viewer).await;
    let seen = ana.see("/buckets/app/ancestry").await;
    insta::assert_snapshot!(rows(&seen), @r"
    app v1 | middle v1 | stable | parent revoked | CVE-2026-1, | just now
    middle v1 | base v1 | prod | outdated | prod gives v2, | 2 days ago
    ");
    let text = seen.text();
    assert!(
        text.contains(
            "app is built on middle v1, which is revoked (CVE-2026-1, just now): rebuild it."
        ),
        "{text}"
    );
    assert_eq!(
        seen.body.matches("<g class=\"node").count(),
        3,
        "{}",
        seen.body
    );
    assert_eq!(seen.body.matches("<g class=\"node current\"").count(), 1);
    for forbidden in ["style=", "<style", "onclick"] {
        assert!(!seen.body.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn a_restricted_channel_is_blank_to_viewers() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for bucket in ["base", "app"] {
        admin.bucket(bucket).await;
    }
    let base = admin.complete("base", "b1").await;
    let body = CreateChannelBody {
        name: "secret".into(),
        restricted: true,
        version_fingerprint: "b1".into(),
    };
    let created = admin
        .create_channel("base", &body)
        .await
        .expect("a channel");
    let channel = created.channel.expect("the channel");
    admin.child("app", "a1", &base, &channel.id).await;
    admin.complete("base", "b2").await;
    admin.assign("base", "secret", "b2").await;
    let viewer = Visitor::new(&server, "vic", Role::Viewer).await;
    let seen = viewer.see("/buckets/app/ancestry").await;
    assert!(!seen.body.contains("secret"), "{}", seen.body);
    assert!(
        rows(&seen).contains("outdated | its channel has moved on"),
        "{}",
        rows(&seen)
    );
    let ana = Visitor::new(&server, "ana", Role::Contributor).await;
    let seen = ana.see("/buckets/app/ancestry").await;
    assert!(
        rows(&seen).contains("secret | outdated | secret gives v2"),
        "{}",
        rows(&seen)
    );
}

#[tokio::test]
async fn circles_and_strangers_are_drawn_as_well() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for bucket in ["one", "two"] {
        admin.bucket(bucket).await;
    }
    admin.version("one", "f1").await;
    let open = admin.look("one", "f1").await;
    let two = admin.child("two", "f2", &open, "").await;
    let build = admin.build("one", "f1", "docker.a").await;
    let body = UpdateBuildBody {
        parent_version_id: two.id.clone(),
        ..touchmark_tests::done("x")
    };
    admin
        .update_build("one", "f1", &build, &body)
        .await
        .expect("a circle");
    admin.bucket("odd").await;
    let stranger = Version {
        id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".into(),
        ..Version::default()
    };
    admin.child("odd", "f3", &stranger, "").await;
    let ana = Visitor::new(&server, "ana", Role::Viewer).await;
    let circle = ana.see("/buckets/one/ancestry").await;
    assert_eq!(rows(&circle).lines().count(), 2, "{}", rows(&circle));
    let odd = ana.see("/buckets/odd/ancestry").await;
    assert!(
        odd.text()
            .contains("cannot be told: the parent is not known here"),
        "{}",
        odd.text()
    );
    admin.bucket("alone").await;
    let alone = ana.see("/buckets/alone/ancestry").await;
    assert!(
        alone
            .text()
            .contains("touchmark build --parent base:prod ."),
        "{}",
        alone.text()
    );
}

#[tokio::test]
async fn many_children_are_folded() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("base").await;
    let base = admin.complete("base", "b1").await;
    for number in 0..45 {
        let name = format!("child-{number:02}");
        admin.bucket(&name).await;
        admin.child(&name, "f", &base, "").await;
    }
    let ana = Visitor::new(&server, "ana", Role::Viewer).await;
    let seen = ana.see("/buckets/base/ancestry").await;
    assert!(seen.text().contains("+6"), "{}", seen.text());
    assert_eq!(rows(&seen).lines().count(), 45);
    assert!(seen.body.len() < 60_000, "{}", seen.body.len());
}
