//! Revoking, restoring, deleting and assigning versions in pages.

use insta::assert_snapshot;
use touchmark_registry::domain::role::Role;
use touchmark_tests::{Story as _, TestServer, wire::version::VersionStatus};

use super::person::Person;

const VERSIONS: &str = "/p/default/buckets/app/versions";

/// Two versions of `app`, the newer one given by `prod`, and a child of it.
async fn family() -> TestServer {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    admin.bucket("child").await;
    admin.complete("app", "f1").await;
    let parent = admin.complete("app", "f2").await;
    let channel = admin.channel("app", "prod", "f1").await;
    admin.assign("app", "prod", "f2").await;
    admin.child("child", "c1", &parent, &channel).await;
    admin.channel("child", "live", "c1").await;
    server
}

/// How to revoke now, with all that belongs to it.
const NOW: [(&str, &str); 5] = [
    ("do", "revoke"),
    ("when", "now"),
    ("message", "CVE-2026-1234"),
    ("descendants", "yes"),
    ("roll_back", "yes"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    NOW.into_iter().chain(more.iter().copied()).collect()
}

async fn status(server: &TestServer, bucket: &str, fingerprint: &str) -> VersionStatus {
    server.admin().look(bucket, fingerprint).await.status
}

#[tokio::test]
async fn a_version_is_revoked_after_a_look_at_what_that_touches() {
    let server = family().await;
    let (admin, person) = (
        server.admin(),
        Person::with(&server, Role::Contributor).await,
    );
    let revoke = format!("{VERSIONS}/f2/revoke");
    let page = person.get(&revoke).await;
    assert_eq!(page.status, 200);
    assert_snapshot!(page.text(), @"app / v2 / Revoke app v2 How to revoke When now at this time, in UTC Why: everybody who meets the version reads it Revoke its descendants too: what was built from it Roll channels back to the last version that is not revoked Show what it touches It touches 4 channels, 1 descendant and 2 artifacts in 1 region Channels latest of app: v2 → v1 prod of app: v2 → v1 latest of child: v1 → nothing left, will be unassigned live of child: v1 → nothing left, will be unassigned Descendants child v1 active, given by live 2 artifacts not to be used any more Artifacts not to be used any more VersionPlatformRegionArtifact app v2awsus-east-1f2copy child v1awsus-east-1c1copy Type the bucket's name, app Revoke with 1 descendantLeave it as it is");
    let digest = page.hidden("digest");
    let sent = with(&[("typed", "prod"), ("digest", &digest)]);
    let page = person.send(&revoke, &sent).await;
    assert_eq!(page.status, 422);
    assert!(
        page.says("This is not the bucket's name, app."),
        "{}",
        page.text()
    );
    assert!(page.body.contains("CVE-2026-1234</textarea>"));
    assert_eq!(status(&server, "app", "f2").await, VersionStatus::Active);

    let sent = with(&[("typed", "app"), ("digest", &digest)]);
    let said = person.does(&revoke, &sent).await;
    assert_snapshot!(said, @"/buckets/app/versions/f2: app v2 and a descendant are revoked. prod of app gives v1 now; live of child gives nothing now. To undo it, restore it; channels stay where they are then.");
    assert_eq!(status(&server, "app", "f2").await, VersionStatus::Revoked);
    assert_eq!(status(&server, "child", "c1").await, VersionStatus::Revoked);
    assert_eq!(admin.held("app", "prod").await, "f1");
    assert_eq!(admin.held("child", "live").await, "");
    let page = person.get(&revoke).await;
    assert!(
        page.says("is revoked: restore it first."),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_confirm_of_what_has_changed_is_refused_and_the_new_preview_shown() {
    let server = family().await;
    let (admin, person) = (
        server.admin(),
        Person::with(&server, Role::Contributor).await,
    );
    let revoke = format!("{VERSIONS}/f2/revoke");
    let digest = person.get(&revoke).await.hidden("digest");
    admin.channel("app", "canary", "f2").await;
    let sent = with(&[("typed", "app"), ("digest", &digest)]);
    let page = person.send(&revoke, &sent).await;
    assert_eq!(page.status, 409);
    assert!(page.says("Nothing was revoked"), "{}", page.text());
    assert!(
        page.says("canary of app: v2 → nothing left"),
        "{}",
        page.text()
    );
    assert_eq!(status(&server, "app", "f2").await, VersionStatus::Active);
    // Other ways to do it touch other things, and take a look of their own.
    let digest = page.hidden("digest");
    let spared = [
        ("do", "revoke"),
        ("when", "now"),
        ("typed", "app"),
        ("digest", &digest),
    ];
    assert_eq!(person.send(&revoke, &spared).await.status, 409);
    let sent = with(&[("typed", "app"), ("digest", &digest)]);
    assert_eq!(person.send(&revoke, &sent).await.status, 303);
    assert_eq!(status(&server, "app", "f2").await, VersionStatus::Revoked);
}

#[tokio::test]
async fn a_version_is_revoked_at_a_time_to_come() {
    let server = family().await;
    let person = Person::with(&server, Role::Contributor).await;
    let revoke = format!("{VERSIONS}/f2/revoke");
    let how = |at: &'static str| vec![("when", "later"), ("at", at)];
    let page = person.send(&revoke, &how("soon")).await;
    assert_eq!(page.status, 422);
    assert!(
        page.says("This must be a day and a time"),
        "{}",
        page.text()
    );
    assert!(page.body.contains("value=\"soon\""));
    let mut sent = how("2026-02-01T09:00");
    let page = person.send(&revoke, &sent).await;
    assert_eq!(page.status, 200);
    assert!(
        page.says("for 2026-02-01 09:00 UTC, in 30 days"),
        "{}",
        page.text()
    );
    let digest = page.hidden("digest");
    sent.extend([
        ("do", "revoke"),
        ("typed", "app"),
        ("digest", digest.as_str()),
    ]);
    let said = person.does(&revoke, &sent).await;
    assert_snapshot!(said, @"/buckets/app/versions/f2: app v2 will be revoked at 2026-02-01 09:00 UTC. To undo it, restore it.");
    let now = status(&server, "app", "f2").await;
    assert_eq!(now, VersionStatus::RevocationScheduled);
    assert_eq!(status(&server, "child", "c1").await, VersionStatus::Active);
}

#[tokio::test]
async fn the_versions_that_hold_an_artifact_are_revoked_together() {
    let server = family().await;
    let person = Person::with(&server, Role::Contributor).await;
    let revoke = "/p/default/revoke";
    assert_eq!(person.get(revoke).await.status, 200);
    let page = person.get(&format!("{revoke}?artifact=ami-0")).await;
    assert_eq!(page.status, 422);
    assert!(
        page.says("No version in this project holds ami-0."),
        "{}",
        page.text()
    );
    let page = person.get(&format!("{revoke}?artifact=f1%0Ac1")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.says("app v1 ● active") || page.says("app v1 active"),
        "{}",
        page.text()
    );
    assert!(
        page.says("Type the project's name, default"),
        "{}",
        page.text()
    );
    let digest = page.hidden("digest");
    let sent = with(&[
        ("artifact", "f1\r\nc1"),
        ("typed", "default"),
        ("digest", &digest),
    ]);
    let said = person.does(revoke, &sent).await;
    assert_snapshot!(said, @"/revoke?artifact=f1%0D%0Ac1: 2 versions are revoked. live of child gives nothing now. To undo it, restore each of them; channels stay where they are then.");
    assert_eq!(status(&server, "app", "f1").await, VersionStatus::Revoked);
    assert_eq!(status(&server, "child", "c1").await, VersionStatus::Revoked);
    let page = person.get(&format!("{revoke}?artifact=f1")).await;
    assert!(page.says("Revoked already: app v1."), "{}", page.text());
}

#[tokio::test]
async fn a_version_is_restored_with_what_inherited_from_it() {
    let server = family().await;
    let (admin, person) = (
        server.admin(),
        Person::with(&server, Role::Contributor).await,
    );
    let revoke = format!("{VERSIONS}/f2/revoke");
    let digest = person.get(&revoke).await.hidden("digest");
    let sent = with(&[("typed", "app"), ("digest", &digest)]);
    person.does(&revoke, &sent).await;

    let heir = "/p/default/buckets/child/versions/c1/restore";
    let page = person.get(heir).await;
    assert!(
        page.says("That was inherited from app v2"),
        "{}",
        page.text()
    );
    assert_eq!(person.send(heir, &[]).await.status, 422);

    let restore = format!("{VERSIONS}/f2/restore");
    let page = person.get(&restore).await;
    assert_snapshot!(page.text(), @"app / v2 / Restore app v2 It was revoked just now by contributor-person: «CVE-2026-1234». These come back with it child v1 Channels do not go back by themselves These were rolled back and stay where they are; assign or roll them back yourself. latest follows the newest version in any case. prod of app live of child Restore itLeave it as it is");
    let said = person.does(&restore, &[]).await;
    assert_snapshot!(said, @"/buckets/app/versions/f2: The revocation of app v2 is taken back, and with it that of a descendant. Not moved: prod of app, live of child. To undo it, revoke it again.");
    assert_eq!(status(&server, "app", "f2").await, VersionStatus::Active);
    assert_eq!(status(&server, "child", "c1").await, VersionStatus::Active);
    assert_eq!(admin.held("app", "prod").await, "f1");
    assert_eq!(person.send(&restore, &[]).await.status, 422);
}

#[tokio::test]
async fn a_version_is_deleted_when_its_channels_may_go_back() {
    let server = family().await;
    let (admin, person) = (
        server.admin(),
        Person::with(&server, Role::Contributor).await,
    );
    let delete = format!("{VERSIONS}/f2/delete");
    let page = person.get(&delete).await;
    assert!(page.says("prod → v1"), "{}", page.text());
    for (fields, told) in [
        (
            [("typed", "f2"), ("roll_back", "yes")],
            "This is not the bucket's name, app.",
        ),
        ([("typed", "app"), ("roll_back", "")], "Channels give it"),
    ] {
        let page = person.send(&delete, &fields).await;
        assert_eq!(page.status, 422);
        assert!(page.says(told), "{}", page.text());
        assert_eq!(admin.held("app", "prod").await, "f2");
    }
    let said = person
        .does(&delete, &[("typed", "app"), ("roll_back", "yes")])
        .await;
    assert_snapshot!(said, @"/buckets/app: app v2 is deleted, for good.");
    assert_eq!(admin.held("app", "prod").await, "f1");
    assert!(admin.get_version("app", "f2").await.is_err());
}

#[tokio::test]
async fn a_version_is_assigned_from_its_page() {
    let server = family().await;
    let (admin, person) = (
        server.admin(),
        Person::with(&server, Role::Contributor).await,
    );
    let assign = format!("{VERSIONS}/f1/assign");
    let page = person.get(&assign).await;
    assert!(page.says("prod gives v2"), "{}", page.text());
    for channel in ["", "none", "latest"] {
        assert_eq!(
            person.send(&assign, &[("channel", channel)]).await.status,
            422
        );
    }
    let said = person.does(&assign, &[("channel", "prod")]).await;
    assert_snapshot!(said, @"/buckets/app/versions/f1: prod gives v1 now. It gave v2 before: to undo it, go to the channel.");
    assert_eq!(admin.held("app", "prod").await, "f1");
}
