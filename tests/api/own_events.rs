//! The event log through our own face.

use std::{collections::BTreeSet, time::Duration};

use sha2::{Digest as _, Sha256};
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Client, EventFilter, Part, Story as _, TestServer, refusal,
    wire::own::{CreatePrincipalBody, Event},
};

use crate::{
    kit::{Steps as _, masked, restore, revoke_in},
    own_projects::project,
};

/// All events that a filter lets through, in pages of this size.
async fn all(client: &Client, filter: &EventFilter, size: u32) -> Vec<Event> {
    let mut part = Part {
        size: Some(size),
        ..Part::default()
    };
    let mut found = Vec::new();
    loop {
        let page = client.own().events(filter, &part).await.expect("a page");
        assert!(page.events.len() <= size as usize);
        found.extend(page.events);
        if page.next_page_token.is_empty() {
            return found;
        }
        part.token = page.next_page_token;
    }
}

async fn actions(client: &Client, filter: &EventFilter) -> Vec<String> {
    let events = all(client, filter, 100).await.into_iter();
    events
        .map(|event| format!("{} {}", event.action, event.resource.name))
        .collect()
}

fn oldest() -> EventFilter {
    EventFilter {
        order: "oldest".into(),
        ..EventFilter::default()
    }
}

#[tokio::test]
async fn the_newest_come_first_and_pages_cover_all_once() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    let newest = all(&admin, &EventFilter::default(), 100).await;
    assert!(newest.is_sorted_by_key(|event| std::cmp::Reverse(event.sequence)));
    assert_eq!(newest.last().unwrap().action, "organization.created");
    for size in [1, 3] {
        assert_eq!(all(&admin, &EventFilter::default(), size).await, newest);
        let mut turned = all(&admin, &oldest(), size).await;
        turned.reverse();
        assert_eq!(turned, newest);
    }
}

#[tokio::test]
async fn an_event_says_who_did_what_to_what_and_its_digest_holds() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let filter = EventFilter {
        action: "bucket.created".into(),
        ..EventFilter::default()
    };
    let events = all(&admin, &filter, 10).await;
    let [event] = events.as_slice() else {
        panic!("one event, not {events:?}")
    };
    let me = admin.own().whoami().await.unwrap().principal;
    assert_eq!(
        (event.actor.id.as_str(), event.actor.name.as_str()),
        (me.id.as_str(), "admin")
    );
    assert_eq!(
        (event.resource.kind.as_str(), event.resource.name.as_str()),
        ("bucket", "alpine")
    );
    assert_eq!(event.project_id, server.project.id);
    assert_eq!(event.bucket_id, event.resource.id);
    assert!(!event.request_id.is_empty());
    let digest = Sha256::digest(event.payload.as_bytes());
    assert_eq!(event.digest, format!("{digest:x}"));
    let payload: serde_json::Value = serde_json::from_str(&event.payload).unwrap();
    assert_eq!(payload["after"]["name"], "alpine");
}

#[tokio::test]
async fn filters_narrow_by_bucket_resource_actor_action_and_time() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    server.advance(Duration::from_mins(10));
    let builder = server.builder().await;
    builder.bucket("debian").await;
    let filter = EventFilter {
        bucket: "debian".into(),
        ..oldest()
    };
    let expected = ["bucket.created debian", "channel.created latest"];
    assert_eq!(actions(&admin, &filter).await, expected);
    let by = EventFilter {
        actor: "builder".into(),
        ..oldest()
    };
    assert_eq!(actions(&admin, &by).await, expected);
    let id = builder.own().whoami().await.unwrap().principal.id;
    let by = EventFilter {
        actor: id,
        ..oldest()
    };
    assert_eq!(actions(&admin, &by).await, expected);
    let kind = EventFilter {
        resource_kind: "bucket".into(),
        ..oldest()
    };
    assert_eq!(
        actions(&admin, &kind).await,
        ["bucket.created alpine", "bucket.created debian"]
    );
    let resource = EventFilter {
        resource: "alpine".into(),
        ..oldest()
    };
    assert_eq!(actions(&admin, &resource).await, ["bucket.created alpine"]);
    let early = EventFilter {
        until: "2026-01-02T03:10:00Z".into(),
        ..kind.clone()
    };
    assert_eq!(actions(&admin, &early).await, ["bucket.created alpine"]);
    let late = EventFilter {
        since: "2026-01-02T04:10:00+01:00".into(),
        ..kind
    };
    assert_eq!(actions(&admin, &late).await, ["bucket.created debian"]);
}

#[tokio::test]
async fn what_stands_behind_a_place_in_the_log_can_be_asked_for() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let seen = all(&admin, &oldest(), 100).await;
    admin.bucket("debian").await;
    let newest_first = EventFilter {
        after: seen.last().map(|event| event.sequence),
        ..EventFilter::default()
    };
    let oldest_first = EventFilter {
        order: oldest().order,
        ..newest_first.clone()
    };
    let expected = ["bucket.created debian", "channel.created latest"];
    assert_eq!(actions(&admin, &oldest_first).await, expected);
    assert_eq!(all(&admin, &oldest_first, 1).await.len(), 2);
    assert_eq!(all(&admin, &newest_first, 1).await.len(), 2);
    let refused = EventFilter {
        after: Some(-1),
        ..oldest()
    };
    insta::assert_snapshot!(
        refusal(admin.own().events(&refused, &Part::default()).await),
        @"400/3 query.after: must be a place in the log, such as 42"
    );
}

#[tokio::test]
async fn a_bucket_that_is_gone_is_found_by_its_id() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let id = admin.see_bucket("alpine").await.id;
    admin.delete_bucket("alpine").await.unwrap();
    let by_name = EventFilter {
        bucket: "alpine".into(),
        ..oldest()
    };
    let refused = refusal(admin.own().events(&by_name, &Part::default()).await);
    assert!(refused.starts_with("404/5 bucket"), "{refused}");
    let by_id = EventFilter {
        bucket: id,
        ..oldest()
    };
    let seen = actions(&admin, &by_id).await;
    assert_eq!(
        seen.last().map(String::as_str),
        Some("bucket.deleted alpine")
    );
}

#[tokio::test]
async fn who_may_not_see_restricted_channels_does_not_see_their_events() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    for name in ["open", "secret", "gone"] {
        admin.channel("alpine", name, "one").await;
    }
    let hide = masked("restricted", "", true);
    admin
        .update_channel("alpine", "secret", &hide)
        .await
        .unwrap();
    admin.delete_channel("alpine", "gone").await.unwrap();
    let channels = EventFilter {
        resource_kind: "channel".into(),
        ..oldest()
    };
    for client in [server.viewer().await, server.builder().await] {
        let names: BTreeSet<String> = all(&client, &channels, 2)
            .await
            .into_iter()
            .map(|event| event.resource.name)
            .collect();
        assert_eq!(names, BTreeSet::from(["open".to_owned()]));
        let text = format!("{:?}", all(&client, &oldest(), 100).await);
        assert!(!text.contains("secret") && !text.contains("gone"), "{text}");
    }
    for client in [server.contributor().await, admin.clone()] {
        let text = format!("{:?}", all(&client, &channels, 100).await);
        for name in ["secret", "gone", "latest"] {
            assert!(text.contains(name), "{name}");
        }
    }
    let show = masked("restricted", "", false);
    admin
        .update_channel("alpine", "secret", &show)
        .await
        .unwrap();
    let text = format!("{:?}", all(&server.viewer().await, &channels, 100).await);
    assert!(text.contains("secret"));
}

#[tokio::test]
async fn events_of_principals_are_for_admins_and_those_of_the_organization_for_its_own() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let whole = CreatePrincipalBody {
        name: "robot".into(),
        scope: Some(touchmark_tests::wire::own::ScopeKind::Organization),
        ..CreatePrincipalBody::default()
    };
    admin.own().create_principal(&whole).await.unwrap();
    let scope = Scope::Project(server.project.id.clone());
    let local = server.principal("local", scope, Role::Admin).await;
    let people = EventFilter {
        resource_kind: "principal".into(),
        ..oldest()
    };
    for client in [
        server.viewer().await,
        server.builder().await,
        server.contributor().await,
    ] {
        assert_eq!(actions(&client, &people).await, Vec::<String>::new());
    }
    let seen = actions(&local, &people).await;
    assert!(
        seen.contains(&"principal.created local".to_owned()),
        "{seen:?}"
    );
    assert!(
        !seen.contains(&"principal.created robot".to_owned()),
        "{seen:?}"
    );
    let seen = actions(&admin, &people).await;
    for name in ["admin", "robot", "local", "viewer"] {
        assert!(
            seen.contains(&format!("principal.created {name}")),
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn who_has_a_role_on_a_bucket_sees_that_bucket() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.bucket("debian").await;
    let id = admin.see_bucket("alpine").await.id;
    let narrow = server
        .principal("narrow", Scope::Bucket(id), Role::Viewer)
        .await;
    assert_eq!(actions(&narrow, &oldest()).await, ["bucket.created alpine"]);
}

#[tokio::test]
async fn who_reaches_several_projects_has_to_choose_one() {
    let server = TestServer::start().await;
    let admin = server.admin();
    project(&admin, "second").await;
    let none = Part::default();
    let refused = refusal(admin.own().events(&EventFilter::default(), &none).await);
    insta::assert_snapshot!(refused, @"400/3 query.project: is required, since the caller reaches several projects: give the name or the id of one of default, second");
    for project in ["default", &server.project.id] {
        let filter = EventFilter {
            project: project.into(),
            ..oldest()
        };
        let seen = actions(&admin, &filter).await;
        assert!(seen.contains(&"project.created default".to_owned()));
        assert!(!seen.contains(&"project.created second".to_owned()));
    }
}

#[tokio::test]
async fn effects_have_events_of_their_own() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin.decide("alpine", "one", &revoke_in("0s")).await;
    admin.decide("alpine", "one", &restore()).await;
    let filter = EventFilter {
        resource: "one".into(),
        ..oldest()
    };
    let seen = actions(&admin, &filter).await;
    assert!(
        seen.iter().any(|line| line.starts_with("version.revoked")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_walk_shows_all_that_was_there_while_others_write() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for number in 0..5 {
        admin.bucket(&format!("b{number}")).await;
    }
    let before: BTreeSet<String> = all(&admin, &oldest(), 1000)
        .await
        .into_iter()
        .map(|event| event.id)
        .collect();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let client = admin.clone();
            tokio::spawn(async move {
                for number in 0..10 {
                    client.bucket(&format!("w{writer}-{number}")).await;
                }
            })
        })
        .collect();
    for filter in [oldest(), EventFilter::default()] {
        let walked = all(&admin, &filter, 2).await;
        let ids: Vec<String> = walked.iter().map(|event| event.id.clone()).collect();
        let unique: BTreeSet<String> = ids.iter().cloned().collect();
        assert_eq!(unique.len(), ids.len(), "none twice");
        assert!(unique.is_superset(&before), "none left out");
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let filter = EventFilter {
        action: "bucket.created".into(),
        ..EventFilter::default()
    };
    assert_eq!(all(&admin, &filter, 7).await.len(), 45);
}
