//! What changes nothing: forms without their token, and forms of those who may not.

use touchmark_registry::domain::role::Role;
use touchmark_tests::{Story as _, TestServer};

use super::person::Person;

/// Every form, with what would change something.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    ("/new-bucket", &[("name", "other")]),
    (
        "/revoke",
        &[("artifact", "f1"), ("do", "revoke"), ("typed", "app")],
    ),
    ("/buckets/app/settings", &[("description", "changed")]),
    ("/buckets/app/delete", &[("typed", "app")]),
    ("/buckets/app/channels", &[("name", "other")]),
    ("/buckets/app/channels/prod/assign", &[("typed", "v2")]),
    (
        "/buckets/app/channels/prod/promote",
        &[("source", "latest")],
    ),
    (
        "/buckets/app/channels/prod/rollback",
        &[("from", "f1"), ("to", "")],
    ),
    (
        "/buckets/app/channels/prod/restricted",
        &[("restricted", "yes")],
    ),
    ("/buckets/app/channels/prod/delete", &[("typed", "prod")]),
    ("/buckets/app/versions/f1/assign", &[("channel", "prod")]),
    (
        "/buckets/app/versions/f1/revoke",
        &[("do", "revoke"), ("typed", "app")],
    ),
    ("/buckets/app/versions/f0/restore", &[]),
    (
        "/buckets/app/versions/f2/delete",
        &[("typed", "app"), ("roll_back", "yes")],
    ),
];

async fn app() -> TestServer {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    for fingerprint in ["f0", "f1", "f2"] {
        admin.complete("app", fingerprint).await;
    }
    admin.channel("app", "prod", "f1").await;
    server
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    let server = app().await;
    let person = Person::with(&server, Role::Admin).await;
    let before = touchmark_tests::invariants::last_event(&server.state.store).await;
    for (path, fields) in FORMS {
        let page = person.send_bare(&format!("/p/default{path}"), fields).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.says("this form is too old"), "{path}: {}", page.text());
    }
    let after = touchmark_tests::invariants::last_event(&server.state.store).await;
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_viewer_sees_no_form_and_changes_nothing() {
    let server = app().await;
    let person = Person::with(&server, Role::Viewer).await;
    let before = touchmark_tests::invariants::last_event(&server.state.store).await;
    for (path, fields) in FORMS {
        let page = person.send(&format!("/p/default{path}"), fields).await;
        assert_eq!(page.status, 403, "{path}: {}", page.text());
        assert!(page.says("takes the role"), "{path}: {}", page.text());
    }
    for path in [
        "/new-bucket",
        "/revoke",
        "/revoke?artifact=f1",
        "/buckets/app/delete",
        "/buckets/app/channels/prod/rollback",
        "/buckets/app/channels/prod/delete",
        "/buckets/app/versions/f1/assign",
        "/buckets/app/versions/f1/revoke",
        "/buckets/app/versions/f1/restore",
        "/buckets/app/versions/f1/delete",
    ] {
        let page = person.get(&format!("/p/default{path}")).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.says("takes the role"), "{path}: {}", page.text());
    }
    for path in ["", "/channels", "/channels/prod", "/settings"] {
        let page = person.get(&format!("/p/default/buckets/app{path}")).await;
        assert_eq!(page.status, 200, "{path}");
        let (_, main) = page.body.split_once("<main").expect("a main part");
        assert!(!main.contains("method=\"post\""), "{path}: {main}");
    }
    let after = touchmark_tests::invariants::last_event(&server.state.store).await;
    assert_eq!(before, after);
}

#[tokio::test]
async fn looking_changes_nothing() {
    let server = app().await;
    let person = Person::with(&server, Role::Admin).await;
    let before = touchmark_tests::invariants::last_event(&server.state.store).await;
    for (path, _) in FORMS {
        let page = person.get(&format!("/p/default{path}")).await;
        let only_sent = ["assign", "promote", "restricted"];
        let only_sent =
            path.contains("channels/prod/") && only_sent.iter().any(|end| path.ends_with(end));
        let expected = if only_sent { 405 } else { 200 };
        assert_eq!(page.status, expected, "{path}: {}", page.text());
    }
    let after = touchmark_tests::invariants::last_event(&server.state.store).await;
    assert_eq!(before, after);
}
