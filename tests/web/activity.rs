//! What happened: sentences, filters, files, and who sees what.

use touchmark_registry::domain::role::Role;
use touchmark_tests::{Story as _, TestServer, wire::channel::CreateChannelBody};

use crate::visit::Visitor;

async fn story(server: &TestServer) {
    let admin = server.admin();
    admin.bucket("app").await;
    admin.complete("app", "f1").await;
    admin.complete("app", "f2").await;
    admin.channel("app", "prod", "f1").await;
    admin.assign("app", "prod", "f2").await;
    let body = CreateChannelBody {
        name: "secret".into(),
        restricted: true,
        ..CreateChannelBody::default()
    };
    admin.create_channel("app", &body).await.expect("a channel");
}

/// The sentences of a page, the newest first.
fn sentences(body: &str) -> Vec<String> {
    let events = body.split("<li>\n<p><b>").skip(1);
    let sentence = |event: &str| {
        let sentence = event
            .split("<span class=\"hint\">")
            .next()
            .unwrap_or_default();
        let words = sentence
            .split('<')
            .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
        words.collect::<String>().trim().to_owned()
    };
    events.map(sentence).collect()
}

#[tokio::test]
async fn events_are_told_in_sentences() {
    let server = TestServer::start().await;
    story(&server).await;
    let ana = Visitor::new(&server, "ana", Role::Contributor).await;
    let seen = ana.see("/buckets/app/activity").await;
    assert_eq!(seen.status, 200);
    let told = sentences(&seen.body).join("\n");
    insta::assert_snapshot!(told, @r"
    admin created channel secret of app
    admin moved prod of app from v1 to v2
    admin moved prod of app to v1
    admin created channel prod of app
    admin moved latest of app from v1 to v2
    admin completed v2 of app
    admin finished build amazon-ebs.base of v2 of app
    admin registered build amazon-ebs.base of v2 of app
    admin began version v2 of app
    admin changed bucket app
    admin moved latest of app to v1
    admin completed v1 of app
    admin finished build amazon-ebs.base of v1 of app
    admin registered build amazon-ebs.base of v1 of app
    admin began version v1 of app
    admin created channel latest of app
    admin created bucket app
    ");
    let page = ana
        .see("/buckets/app/activity?channel=prod&action=channel.assigned")
        .await;
    let told = sentences(&page.body);
    assert_eq!(
        told,
        [
            "admin moved prod of app from v1 to v2",
            "admin moved prod of app to v1"
        ]
    );
    assert!(page.body.contains("SHA-256"));
    // The raw payload is beside it.
    assert!(page.text().contains("\"name\":\"prod\""), "{}", page.text());
    let version = ana.see("/activity?bucket=app&version=v2").await;
    assert_eq!(
        sentences(&version.body),
        ["admin completed v2 of app", "admin began version v2 of app"]
    );
}

#[tokio::test]
async fn a_filter_that_makes_no_sense_is_named() {
    let server = TestServer::start().await;
    story(&server).await;
    let ana = Visitor::new(&server, "ana", Role::Viewer).await;
    for (query, problem) in [
        ("since=yesterday", "must be a day such as 2026-01-31"),
        (
            "version=f1&channel=prod",
            "cannot be asked for together with a version",
        ),
        ("version=v1", "needs a bucket"),
        ("bucket=none", "none"),
    ] {
        let seen = ana.see(&format!("/activity?{query}")).await;
        assert_eq!(seen.status, 422, "{query}");
        assert!(seen.text().contains(problem), "{query}: {}", seen.text());
        assert!(seen.body.contains("aria-invalid=\"true\""), "{query}");
    }
    let nothing = ana.see("/activity?until=2026-01-01").await;
    assert!(
        nothing.text().contains("Nothing happened that fits"),
        "{}",
        nothing.text()
    );
    let all = ana
        .see("/activity?since=2026-01-02&until=2026-01-02&bucket=app")
        .await;
    assert_eq!(
        sentences(&all.body).len(),
        13,
        "{:#?}",
        sentences(&all.body)
    );
}

#[tokio::test]
async fn viewers_see_neither_restricted_channels_nor_people() {
    let server = TestServer::start().await;
    story(&server).await;
    let viewer = Visitor::new(&server, "vic", Role::Viewer).await;
    let admin = Visitor::new(&server, "ada", Role::Admin).await;
    for format in ["", "?format=csv", "?format=json"] {
        let path = format!("/activity{format}");
        let hidden = viewer.see(&path).await;
        assert_eq!(hidden.status, 200);
        for word in ["secret", "password_set"] {
            assert!(!hidden.body.contains(word), "{path}: {word}");
            assert!(admin.see(&path).await.body.contains(word), "{path}: {word}");
        }
    }
    let bucket = viewer.see("/buckets/app/activity?channel=secret").await;
    assert!(bucket.text().contains("Nothing happened that fits"));
}

#[tokio::test]
async fn what_is_filtered_comes_as_a_file() {
    let server = TestServer::start().await;
    story(&server).await;
    let ana = Visitor::new(&server, "ana", Role::Viewer).await;
    let csv = ana
        .see("/buckets/app/activity?channel=prod&format=csv")
        .await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"activity.csv\""
    );
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(
        lines[0],
        "sequence,time,actor,what,action,kind,resource,bucket,digest"
    );
    assert!(
        lines[1]
            .contains(",admin,moved prod of app from v1 to v2,channel.assigned,channel,prod,app,"),
        "{}",
        lines[1]
    );
    let json = ana
        .see("/activity?bucket=app&channel=prod&format=json")
        .await;
    let json: serde_json::Value = serde_json::from_str(&json.body).expect("JSON");
    let events = json["events"].as_array().expect("events");
    assert_eq!(events.len(), lines.len() - 1);
    assert_eq!(events[0]["action"], "channel.assigned");
    // Pages go on where the one before ended.
    let admin = server.admin();
    for fingerprint in ["f1", "f2", "f1", "f2", "f1", "f2", "f1", "f2"] {
        admin.assign("app", "prod", fingerprint).await;
    }
    let first = ana.see("/activity").await;
    let next = first
        .body
        .split("rel=\"next\" href=\"")
        .nth(1)
        .expect("a next page");
    let next = next
        .split('"')
        .next()
        .expect("an address")
        .replace("&#38;", "&");
    let second = ana.ask(&next, &[]).await;
    assert_eq!(second.status, 200);
    assert!(sentences(&first.body).len() == 20 && !sentences(&second.body).is_empty());
}
