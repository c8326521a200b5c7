//! Channels in pages.

use insta::assert_snapshot;
use touchmark_registry::domain::role::Role;
use touchmark_tests::{Story as _, TestServer};

use super::person::Person;

const CHANNELS: &str = "/p/default/buckets/app/channels";

/// A bucket with two complete versions.
async fn app() -> TestServer {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    admin.complete("app", "f1").await;
    admin.complete("app", "f2").await;
    server
}

#[tokio::test]
async fn a_channel_is_created_assigned_promoted_and_rolled_back() {
    let server = app().await;
    let (admin, person) = (
        server.admin(),
        Person::with(&server, Role::Contributor).await,
    );
    let said = person
        .does(CHANNELS, &[("name", "prod"), ("typed", "v1")])
        .await;
    assert_snapshot!(said, @"/buckets/app/channels: Channel prod is there and gives v1. To undo it, delete it on its page.");
    assert_eq!(admin.held("app", "prod").await, "f1");
    let said = person.does(CHANNELS, &[("name", "staging")]).await;
    assert_snapshot!(said, @"/buckets/app/channels: Channel staging is there and gives nothing yet. To undo it, delete it on its page.");
    let staging = format!("{CHANNELS}/staging");
    let said = person
        .does(&format!("{staging}/assign"), &[("version", "f2")])
        .await;
    assert_snapshot!(said, @"/buckets/app/channels/staging: staging gives v2 now. It gave nothing before: to undo it, unassign it.");
    assert_eq!(admin.held("app", "staging").await, "f2");

    let prod = format!("{CHANNELS}/prod");
    let said = person
        .does(&format!("{prod}/promote"), &[("source", "staging")])
        .await;
    assert_snapshot!(said, @"/buckets/app/channels/prod: prod gives v2 now. It gave v1 before: to undo it, roll it back.");
    assert_eq!(admin.held("app", "prod").await, "f2");

    let page = person.get(&format!("{prod}/rollback")).await;
    assert!(page.says("It will give v1 again"), "{}", page.text());
    let (from, to) = (page.hidden("from"), page.hidden("to"));
    let back = [("from", from.as_str()), ("to", to.as_str())];
    let said = person.does(&format!("{prod}/rollback"), &back).await;
    assert_snapshot!(said, @"/buckets/app/channels/prod: prod gives v1 again. It gave v2 before: to undo it, assign that again.");
    assert_eq!(admin.held("app", "prod").await, "f1");

    let again = person.send(&format!("{prod}/rollback"), &back).await;
    assert_eq!(again.status, 409);
    assert!(again.says("It will give v2 again"), "{}", again.text());
    assert_eq!(admin.held("app", "prod").await, "f1");

    let said = person
        .does(&format!("{prod}/assign"), &[("clear", "yes")])
        .await;
    assert_snapshot!(said, @"/buckets/app/channels/prod: prod gives nothing now. It gave v1 before: to undo it, roll it back.");
    assert_eq!(admin.held("app", "prod").await, "");
    let page = person.get(&prod).await;
    assert!(page.says("prod was moved 4 times."), "{}", page.text());
}

#[tokio::test]
async fn what_cannot_be_done_is_told_at_the_field_with_what_was_typed() {
    let server = app().await;
    let (admin, person) = (
        server.admin(),
        Person::with(&server, Role::Contributor).await,
    );
    admin.channel("app", "prod", "f1").await;
    admin.version("app", "open").await;
    for (fields, told) in [
        (
            [("name", "prod"), ("typed", "")],
            "There is a channel called prod already.",
        ),
        (
            [("name", "no good"), ("typed", "")],
            "This must be 1 to 128 letters",
        ),
        (
            [("name", "next"), ("typed", "v9")],
            "Version with the name or fingerprint v9 does not exist.",
        ),
        (
            [("name", "next"), ("typed", "open")],
            "Version with fingerprint open is not complete.",
        ),
    ] {
        let page = person.send(CHANNELS, &fields).await;
        assert_eq!(page.status, 422, "{fields:?}");
        assert!(page.says(told), "{fields:?}: {}", page.text());
        for (name, value) in fields {
            let field = format!("name=\"{name}\" value=\"{value}\"");
            assert!(page.body.contains(&field), "{field}");
        }
        assert!(page.body.contains("aria-invalid=\"true\""));
    }
    let page = person
        .send(&format!("{CHANNELS}/prod/assign"), &[("typed", "v9")])
        .await;
    assert_eq!(page.status, 422);
    assert!(
        page.body
            .contains("value=\"v9\" autocomplete=\"off\" spellcheck=\"false\" aria-invalid")
    );
    let channels = admin.list_channels("app").await.expect("channels");
    assert_eq!(channels.channels.len(), 2);
}

#[tokio::test]
async fn a_restricted_channel_is_hidden_from_viewers() {
    let server = app().await;
    let person = Person::with(&server, Role::Contributor).await;
    let viewer = Person::with(&server, Role::Viewer).await;
    person
        .does(CHANNELS, &[("name", "prod"), ("typed", "v1")])
        .await;
    let prod = format!("{CHANNELS}/prod");
    assert_eq!(viewer.get(&prod).await.status, 200);
    let said = person
        .does(&format!("{prod}/restricted"), &[("restricted", "yes")])
        .await;
    assert_snapshot!(said, @"/buckets/app/channels/prod: prod is restricted: only contributors and admins see it. To undo it, open it to all again.");
    assert!(!viewer.get(CHANNELS).await.says("prod"));
    let page = viewer.get(&prod).await;
    assert_eq!(page.status, 403);
    assert!(page.says("takes the role contributor"), "{}", page.text());
    let said = person
        .does(&format!("{prod}/restricted"), &[("restricted", "no")])
        .await;
    assert_snapshot!(said, @"/buckets/app/channels/prod: Everybody who may read sees prod now. To undo it, restrict it again.");
    assert!(viewer.get(CHANNELS).await.says("prod"));
}

#[tokio::test]
async fn a_channel_is_deleted_by_its_name_alone() {
    let server = app().await;
    let (admin, person) = (
        server.admin(),
        Person::with(&server, Role::Contributor).await,
    );
    admin.channel("app", "prod", "f1").await;
    let delete = format!("{CHANNELS}/prod/delete");
    let page = person.send(&delete, &[("typed", "app")]).await;
    assert_eq!(page.status, 422);
    assert!(
        page.says("This is not the channel's name, prod."),
        "{}",
        page.text()
    );
    assert_eq!(admin.held("app", "prod").await, "f1");
    let said = person.does(&delete, &[("typed", "prod")]).await;
    assert_snapshot!(said, @"/buckets/app/channels: Channel prod is deleted, with its history. Create it again to hand out versions by that name.");
    assert!(admin.get_channel("app", "prod").await.is_err());
}

#[tokio::test]
async fn latest_is_moved_by_the_registry_alone() {
    let server = app().await;
    let (admin, person) = (
        server.admin(),
        Person::with(&server, Role::Contributor).await,
    );
    let latest = format!("{CHANNELS}/latest");
    let page = person.get(&latest).await;
    assert!(
        page.says("The registry itself moves latest"),
        "{}",
        page.text()
    );
    assert!(!page.body.contains(&format!("{latest}/assign")));
    let page = person
        .send(&format!("{latest}/assign"), &[("typed", "v1")])
        .await;
    assert_eq!(page.status, 422);
    let page = person
        .send(&format!("{latest}/delete"), &[("typed", "latest")])
        .await;
    assert_eq!(page.status, 422);
    assert_eq!(admin.held("app", "latest").await, "f2");
}
