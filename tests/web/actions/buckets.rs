//! Making, changing and deleting buckets in pages.

use insta::assert_snapshot;
use touchmark_registry::domain::role::Role;
use touchmark_tests::{Story as _, TestServer};

use super::person::Person;

const APP: &str = "/p/default/buckets/app";

#[tokio::test]
async fn a_bucket_is_made_with_labels() {
    let server = TestServer::start().await;
    let (admin, person) = (server.admin(), Person::with(&server, Role::Builder).await);
    let fields = [
        ("name", "app"),
        ("description", "The app's server"),
        ("key-1", "team"),
        ("value-1", "core"),
    ];
    let said = person.does("/p/default/new-bucket", &fields).await;
    assert_snapshot!(said, @"/buckets/app: Bucket app is there, and empty. To undo it, delete it in its settings.");
    let bucket = admin.get_bucket("app").await.expect("a bucket").bucket;
    let bucket = bucket.expect("the bucket");
    assert_eq!(bucket.description, "The app's server");
    assert_eq!(bucket.labels["team"], "core");
    for (name, told) in [
        ("app", "There is a bucket called app already."),
        ("no good", "This must be 1 to 128 letters"),
    ] {
        let fields = [("name", name), ("key-1", "kept"), ("value-1", "too")];
        let page = person.send("/p/default/new-bucket", &fields).await;
        assert_eq!(page.status, 422);
        assert!(page.says(told), "{}", page.text());
        assert!(page.body.contains("name=\"key-1\" value=\"kept\""));
    }
}

#[tokio::test]
async fn the_settings_of_a_bucket_are_changed() {
    let server = TestServer::start().await;
    let (admin, person) = (server.admin(), Person::with(&server, Role::Builder).await);
    admin.bucket("app").await;
    let settings = format!("{APP}/settings");
    let seen = person.get(&settings).await.hidden("seen");
    server.advance(std::time::Duration::from_secs(1));
    let fields = [
        ("seen", seen.as_str()),
        ("description", "Runs the app"),
        ("key-1", "team"),
        ("value-1", "core"),
        ("key-2", "tier"),
        ("value-2", "one\r\ntwo"),
    ];
    let said = person.does(&settings, &fields).await;
    assert_snapshot!(said, @"/buckets/app/settings: Saved: the description is new; label team is new; label tier is new. To undo it, write that again.");

    let late = person.send(&settings, &fields).await;
    assert_eq!(late.status, 409);
    assert!(
        late.says("Somebody changed the settings"),
        "{}",
        late.text()
    );

    let page = person.get(&settings).await;
    let seen = page.hidden("seen");
    let twice = [
        ("seen", seen.as_str()),
        ("description", "Typed"),
        ("key-1", "team"),
        ("value-1", "a"),
        ("key-2", "team"),
        ("value-2", "b"),
    ];
    let page = person.send(&settings, &twice).await;
    assert_eq!(page.status, 422);
    assert!(page.says("team is there twice."), "{}", page.text());
    assert!(page.body.contains("value=\"Typed\""));

    let fields = [
        ("seen", seen.as_str()),
        ("description", "Runs the app"),
        ("key-1", "team"),
        ("value-1", "platform"),
        ("key-2", "tier"),
        ("value-2", "one\r\ntwo"),
        ("drop-2", "yes"),
    ];
    let said = person.does(&settings, &fields).await;
    assert_snapshot!(said, @"/buckets/app/settings: Saved: label team was «core»; label tier is gone, it was «one two». To undo it, write that again.");
    let bucket = admin.get_bucket("app").await.expect("a bucket").bucket;
    let bucket = bucket.expect("the bucket");
    assert_eq!(bucket.description, "Runs the app");
    let labels: Vec<_> = bucket.labels.into_iter().collect();
    assert_eq!(labels, [("team".to_owned(), "platform".to_owned())]);
}

#[tokio::test]
async fn a_bucket_is_deleted_by_an_admin_who_types_its_name() {
    let server = TestServer::start().await;
    let (admin, person) = (server.admin(), Person::with(&server, Role::Admin).await);
    let contributor = Person::with(&server, Role::Contributor).await;
    admin.bucket("app").await;
    admin.complete("app", "f1").await;
    admin.channel("app", "prod", "f1").await;
    let delete = format!("{APP}/delete");
    let page = contributor.get(&delete).await;
    assert_eq!(page.status, 403);
    assert!(page.says("takes the role admin"), "{}", page.text());
    let refused = contributor.send(&delete, &[("typed", "app")]).await;
    assert_eq!(refused.status, 403);
    let settings = contributor.get(&format!("{APP}/settings")).await;
    assert!(!settings.says("Delete"), "{}", settings.text());

    let page = person.get(&delete).await;
    assert_snapshot!(page.text(), @"Buckets / app Overview Versions Channels Ancestry Activity Settings Delete app What the registry knows of 1 version, their builds, artifacts and SBOMs, all channels with their history, and the roles given on the bucket are lost. This cannot be undone. The images themselves stay where they are, and so do the events in the log. in use: latest, prod give a version. Whoever asks for one gets an error from then on. Type the bucket's name, app Delete the bucketKeep it");
    let page = person.send(&delete, &[("typed", "App")]).await;
    assert_eq!(page.status, 422);
    assert!(admin.get_bucket("app").await.is_ok());
    let said = person.does(&delete, &[("typed", "app")]).await;
    assert_snapshot!(said, @"/buckets: Bucket app is deleted, for good.");
    assert!(admin.get_bucket("app").await.is_err());
}
