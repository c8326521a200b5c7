//! What channels give, answered from memory: never stale, in its own form, and to nobody of another project.

use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Answer, Client, Story as _, TestServer, done,
    wire::{build::UpdateBuildBody, own::GrantBody},
};

use crate::{
    errors::bearer,
    kit::{Steps as _, header, http, masked, restore, revoke_in},
    memory::{from_memory, read, remembered},
    own_projects::{project, stranger},
};

const PATH: &str = "/api/v1/resolve/base/prod?region=us-east-1";

/// Bucket `base` with a version of this name on `prod`.
async fn base(client: &Client, fingerprint: &str) {
    client.bucket("base").await;
    client.complete("base", fingerprint).await;
    client.channel("base", "prod", fingerprint).await;
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let body: serde_json::Value = answer.json().expect("JSON");
    body["external_identifier"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// The id that is given from memory.
async fn known(server: &TestServer, client: &Client, path: &str) -> String {
    id(&remembered(server, || read(client, path)).await)
}

#[tokio::test]
async fn every_change_of_what_a_channel_gives_is_seen_at_once() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base(&admin, "one").await;
    admin.complete("base", "two").await;
    for fingerprint in ["one", "two"] {
        admin.assign("base", "prod", fingerprint).await;
        assert_eq!(id(&read(&admin, PATH).await), fingerprint);
        assert_eq!(known(&server, &admin, PATH).await, fingerprint);
    }
    let mut body = revoke_in("0s");
    body.disable_rollback_channels = true;
    admin.decide("base", "two", &body).await;
    assert_eq!(read(&admin, PATH).await.status, 400);
    let allowed = format!("{PATH}&allow_revoked=true");
    assert_eq!(known(&server, &admin, &allowed).await, "two");
    assert_eq!(
        read(&admin, PATH).await.status,
        400,
        "it is another question"
    );
    admin.decide("base", "two", &restore()).await;
    assert_eq!(known(&server, &admin, PATH).await, "two");
    admin.assign("base", "prod", "").await;
    assert_eq!(read(&admin, PATH).await.status, 404);
    admin.assign("base", "prod", "one").await;
    assert_eq!(known(&server, &admin, PATH).await, "one");
    admin.delete_bucket("base").await.expect("a deletion");
    assert_eq!(read(&admin, PATH).await.status, 404);
}

#[tokio::test]
async fn a_revocation_that_falls_due_is_seen_without_anybody_doing_anything() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base(&admin, "one").await;
    let mut body = revoke_in("10m");
    body.disable_rollback_channels = true;
    admin.decide("base", "one", &body).await;
    assert_eq!(known(&server, &admin, PATH).await, "one");
    server.advance(std::time::Duration::from_secs(599));
    assert_eq!(known(&server, &admin, PATH).await, "one");
    server.advance(std::time::Duration::from_secs(1));
    assert_eq!(read(&admin, PATH).await.status, 400);
}

#[tokio::test]
async fn a_build_that_is_deleted_is_not_given_any_more() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("base").await;
    admin.version("base", "one").await;
    let build = admin.build("base", "one", "a").await;
    let labelled = UpdateBuildBody {
        labels: [("os".to_owned(), "a b".to_owned())].into(),
        ..done("one")
    };
    admin.tell(("base", "one", &build), &labelled).await;
    admin.channel("base", "prod", "one").await;
    let path = format!("{PATH}&label.os=a+b");
    assert_eq!(known(&server, &admin, &path).await, "one");
    let deleted = admin.delete_build("base", "one", &build).await;
    deleted.expect("a deletion");
    assert_eq!(read(&admin, &path).await.status, 404);
}

#[tokio::test]
async fn text_and_json_are_kept_apart_and_known_by_their_own_tags() {
    let server = TestServer::start().await;
    base(&server.admin(), "one").await;
    let authorization = bearer(&server).await;
    let start = format!("GET {PATH}");
    let ask = async |accept: &str, known: &str| {
        let sent = [
            ("Authorization", authorization.as_str()),
            ("Accept", accept),
            ("If-None-Match", known),
        ];
        remembered(&server, || http(&server, &start, &sent, b"")).await
    };
    let text = ask("*/*", "\"\"").await;
    let json = ask("application/json", "\"\"").await;
    assert_eq!(text.body, b"one\n");
    assert_eq!(header(&text, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(id(&json), "one");
    assert_eq!(header(&json, "content-type"), "application/json");
    assert_eq!(
        (header(&text, "vary"), header(&json, "vary")),
        ("Accept", "Accept")
    );
    let (text, json) = (header(&text, "etag"), header(&json, "etag"));
    assert_ne!(text, json);
    assert_eq!(ask("*/*", text).await.status, 304);
    assert_eq!(ask("application/json", text).await.status, 200);
    assert_eq!(ask("application/json", json).await.status, 304);
    let metrics = server.state.metrics.render().expect("metrics");
    let line = "touchmark_http_requests_total{method=\"GET\",route=\"/api/v1/resolve/{bucket}/{channel}\",status=\"304\"} ";
    let counted = metrics.lines().find_map(|text| text.strip_prefix(line));
    let counted: u32 = counted.expect("a line").parse().expect("a number");
    // Each is asked until it is answered from memory.
    assert!(counted >= 2, "{metrics}");
}

#[tokio::test]
async fn callers_of_different_projects_get_their_own() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let elsewhere = stranger(&server).await;
    base(&admin, "one").await;
    base(&elsewhere, "foreign").await;
    for _ in 0..2 {
        assert_eq!(known(&server, &admin, PATH).await, "one");
        assert_eq!(known(&server, &elsewhere, PATH).await, "foreign");
    }
    // The project of the other organization has the same name.
    let named = format!("{PATH}&project=default");
    for _ in 0..2 {
        assert_eq!(known(&server, &admin, &named).await, "one");
        assert_eq!(known(&server, &elsewhere, &named).await, "foreign");
    }
    let by_id = format!("{PATH}&project={}", server.project.id);
    assert_eq!(known(&server, &admin, &by_id).await, "one");
    assert_eq!(read(&elsewhere, &by_id).await.status, 404);
    assert_eq!(read(&server.anonymous(), PATH).await.status, 401);
}

#[tokio::test]
async fn the_only_project_is_the_only_one_no_longer_than_it_is() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base(&admin, "one").await;
    assert_eq!(known(&server, &admin, PATH).await, "one");
    let second = project(&admin, "second").await;
    let there = admin.with_scope(&server.project.organization_id, &second);
    base(&there, "two").await;
    let first_alone = Scope::Project(server.project.id.clone());
    let viewer = server.principal("ci", first_alone, Role::Viewer).await;
    assert_eq!(known(&server, &viewer, PATH).await, "one");
    let refused = read(&admin, PATH).await;
    let body: serde_json::Value = refused.json().expect("JSON");
    assert_eq!(
        (refused.status, &body["code"]),
        (400, &serde_json::json!(3))
    );
    let named = |name: &str| format!("{PATH}&project={name}");
    for _ in 0..2 {
        assert_eq!(known(&server, &admin, &named("second")).await, "two");
        assert_eq!(known(&server, &admin, &named(&second)).await, "two");
        assert_eq!(known(&server, &admin, &named("default")).await, "one");
    }
    // A role more, and it has to choose as well.
    let grant = GrantBody {
        project: Some("second".to_owned()),
        role: Some(touchmark_tests::wire::own::RoleName::Viewer),
        ..GrantBody::default()
    };
    assert_eq!(known(&server, &viewer, PATH).await, "one");
    let given = admin.own().grant_role("ci", &grant).await;
    given.expect("a role");
    assert_eq!(read(&viewer, PATH).await.status, 400);
}

#[tokio::test]
async fn who_may_not_see_the_channel_is_not_told_from_memory() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base(&admin, "one").await;
    let viewer = server.viewer().await;
    assert_eq!(known(&server, &viewer, PATH).await, "one");
    let body = masked("restricted", "", true);
    let restricted = admin.update_channel("base", "prod", &body);
    restricted.await.expect("a change");
    assert_eq!(known(&server, &admin, PATH).await, "one");
    assert_eq!(read(&viewer, PATH).await.status, 403);
}

#[tokio::test]
async fn what_is_unusual_is_answered_and_not_kept() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base(&admin, "one").await;
    assert_eq!(known(&server, &admin, PATH).await, "one");
    let before = from_memory(&server);
    for path in [
        "/api/v1/resolve/b%61se/prod?region=us-east-1",
        "/api/v1/resolve/base/prod?regio%6E=us-east-1",
        "/api/v1/resolve/base/prod?project=defaul%74",
    ] {
        for _ in 0..3 {
            assert_eq!(id(&read(&admin, path).await), "one", "{path}");
        }
    }
    for _ in 0..3 {
        assert_eq!(read(&admin, &format!("{PATH}x")).await.status, 404);
    }
    assert_eq!(from_memory(&server), before);
}
