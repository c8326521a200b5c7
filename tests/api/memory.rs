//! Answers from memory: the same as from the database, at once after each change, and to nobody else.

use std::time::{Duration, Instant};

use touchmark_client::Method;
use touchmark_registry::{
    cache::Follower,
    config::Flags,
    ops::{Access, principals},
    store::Store,
};
use touchmark_tests::{
    Answer, Client, Options, Story as _, TestDatabase, TestServer,
    wire::{
        ancestry::AncestryStatus,
        channel::{GetChannelResponse, ListChannelsResponse},
        legacy::v2022::GetImageByBuildLabelsResponse,
        own::ChangePrincipalBody,
        version::{GetVersionResponse, Version, VersionStatus},
    },
};

use crate::{
    errors::bearer,
    kit::{
        Steps as _, binding, bucket_resource, header, http, masked, policy, revoke_in,
        service_principal, sign_in,
    },
};

/// Reads a path until it is answered from memory, which must be the same as without.
async fn twice(server: &TestServer, client: &Client, path: &str) -> Answer {
    let first = read(client, path).await;
    assert_eq!(first.status, 200, "{first:?}");
    let second = remembered(server, || read(client, path)).await;
    assert_eq!(first.body, second.body);
    for name in ["etag", "content-type", "cache-control"] {
        assert_eq!(header(&first, name), header(&second, name));
    }
    second
}

/// Asks until the answer comes from memory. The log tells this node of its own changes once more, after
/// which the first to ask has to ask the database.
pub(crate) async fn remembered<F: Future<Output = Answer>>(
    server: &TestServer,
    ask: impl Fn() -> F,
) -> Answer {
    for _ in 0..20 {
        // What is not known to be up to date is not used.
        server.state.store.changes().followed(Instant::now());
        let before = from_memory(server);
        let answer = ask().await;
        if from_memory(server) > before {
            return answer;
        }
    }
    panic!("it never comes from memory");
}

pub(crate) async fn read(client: &Client, path: &str) -> Answer {
    let answer = client.send(Method::GET, path, None).await;
    answer.expect("an answer")
}

/// How many requests were answered from memory.
pub(crate) fn from_memory(server: &TestServer) -> u64 {
    let text = server.state.metrics.render().expect("metrics");
    let line = "touchmark_http_answers_from_memory_total ";
    let value = text.lines().find_map(|text| text.strip_prefix(line));
    value.and_then(|value| value.parse().ok()).expect("a count")
}

fn channel_path(client: &Client, bucket: &str, channel: &str) -> String {
    client.scope().expect("a scope").channel(bucket, channel)
}

fn version_of(answer: &Answer) -> Version {
    let channel: GetChannelResponse = answer.json().expect("a channel");
    let channel = channel.channel.expect("the channel");
    channel.version.expect("a version")
}

/// A server with the bucket `alpine`, whose `latest` is answered from memory.
async fn warm() -> (TestServer, Client, String) {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    let path = channel_path(&admin, "alpine", "latest");
    twice(&server, &admin, &path).await;
    (server, admin, path)
}

#[tokio::test]
async fn channels_and_versions_are_answered_from_memory() {
    let (server, admin, _) = warm().await;
    let scope = admin.scope().expect("a scope");
    let channels = twice(&server, &admin, &scope.channels("alpine")).await;
    assert!(channels.body.starts_with(b"{\"channels\":["));
    let version = twice(&server, &admin, &scope.version("alpine", "one")).await;
    let version: GetVersionResponse = version.json().expect("a version");
    assert_eq!(version.version.expect("the version").fingerprint, "one");
}

#[tokio::test]
async fn every_change_of_a_channel_is_seen_at_once() {
    let (server, admin, latest) = warm().await;
    admin.complete("alpine", "two").await;
    let version = version_of(&read(&admin, &latest).await);
    assert_eq!(version.fingerprint, "two");
    admin.channel("alpine", "prod", "one").await;
    let prod = channel_path(&admin, "alpine", "prod");
    for fingerprint in ["two", "one"] {
        twice(&server, &admin, &prod).await;
        admin.assign("alpine", "prod", fingerprint).await;
        let version = version_of(&read(&admin, &prod).await);
        assert_eq!(version.fingerprint, fingerprint);
    }
    twice(&server, &admin, &prod).await;
    admin
        .delete_channel("alpine", "prod")
        .await
        .expect("a deletion");
    assert_eq!(read(&admin, &prod).await.status, 404);
    twice(&server, &admin, &latest).await;
    admin.delete_bucket("alpine").await.expect("a deletion");
    assert_eq!(read(&admin, &latest).await.status, 404);
}

#[tokio::test]
async fn a_revocation_is_seen_at_once_and_one_that_falls_due_without_anybody_doing_anything() {
    let (server, admin, _) = warm().await;
    let path = admin.scope().expect("a scope").version("alpine", "one");
    let status = |answer: Answer| {
        let version: GetVersionResponse = answer.json().expect("a version");
        version.version.expect("the version").status
    };
    twice(&server, &admin, &path).await;
    admin.decide("alpine", "one", &revoke_in("1h")).await;
    let scheduled = twice(&server, &admin, &path).await;
    assert_eq!(status(scheduled), VersionStatus::RevocationScheduled);
    // The token is good for an hour as well, so that another is needed.
    server.advance(Duration::from_mins(30));
    let again = server.admin();
    twice(&server, &again, &path).await;
    server.advance(Duration::from_secs(1_799));
    twice(&server, &again, &path).await;
    server.advance(Duration::from_secs(1));
    let before = from_memory(&server);
    assert_eq!(status(read(&again, &path).await), VersionStatus::Revoked);
    assert_eq!(from_memory(&server), before);
    again.decide("alpine", "one", &crate::kit::restore()).await;
    assert_eq!(status(read(&again, &path).await), VersionStatus::Active);
}

#[tokio::test]
async fn what_happens_in_other_buckets_is_seen_where_it_shows() {
    let (server, admin, latest) = warm().await;
    let parent = version_of(&read(&admin, &latest).await);
    assert!(!parent.has_descendants);
    admin.bucket("app").await;
    let channel = admin.see_channel("alpine", "latest").await;
    twice(&server, &admin, &latest).await;
    admin.child("app", "child", &parent, &channel.id).await;
    let parent = version_of(&read(&admin, &latest).await);
    assert!(parent.has_descendants, "a child was built");
    let child = channel_path(&admin, "app", "latest");
    let status = |answer: &Answer| version_of(answer).parents.expect("parents").status;
    let seen = twice(&server, &admin, &child).await;
    assert_eq!(status(&seen), AncestryStatus::UpToDate);
    admin.complete("alpine", "two").await;
    let seen = twice(&server, &admin, &child).await;
    assert_eq!(status(&seen), AncestryStatus::OutOfDate);
    let old = admin.scope().expect("a scope").version("alpine", "one");
    twice(&server, &admin, &old).await;
    admin.delete_bucket("app").await.expect("a deletion");
    let seen: GetVersionResponse = read(&admin, &old).await.json().expect("a version");
    assert!(!seen.version.expect("the version").has_descendants);
}

#[tokio::test]
async fn nobody_is_told_more_from_memory() {
    let (server, admin, latest) = warm().await;
    admin.channel("alpine", "prod", "one").await;
    let viewer = server.viewer().await;
    let prod = channel_path(&admin, "alpine", "prod");
    twice(&server, &viewer, &prod).await;
    let stranger = server.anonymous();
    assert_eq!(read(&stranger, &prod).await.status, 401);
    // The admin's is kept, and not given to the viewer.
    twice(&server, &admin, &latest).await;
    assert_eq!(read(&viewer, &latest).await.status, 403);
    let body = masked("restricted", "", true);
    let restricted = admin.update_channel("alpine", "prod", &body);
    restricted.await.expect("a change");
    assert_eq!(read(&viewer, &prod).await.status, 403);
    twice(&server, &admin, &prod).await;
    assert_eq!(read(&viewer, &prod).await.status, 403);
}

/// A search for any image on this platform.
fn images_on(platform: &str) -> serde_json::Value {
    serde_json::json!({ "cloud_provider": platform, "region": "", "labels": {} })
}

/// Searches `prod` of `alpine` for images on this platform, twice when it should come from memory.
async fn search(
    (server, client): (&TestServer, &Client),
    platform: &str,
    again: bool,
) -> (u16, Option<String>) {
    let scope = client.scope().expect("a scope");
    let path = scope.legacy_search_by_labels("alpine", "prod");
    let body = images_on(platform);
    let ask = || async {
        let answer = client.send(Method::POST, &path, Some(&body)).await;
        answer.expect("an answer")
    };
    let first = ask().await;
    if again {
        let second = remembered(server, ask).await;
        assert_eq!(first.body, second.body);
        assert_eq!(header(&second, "etag"), "");
        for name in ["content-type", "cache-control"] {
            assert_eq!(header(&first, name), header(&second, name));
        }
    }
    let found: Option<GetImageByBuildLabelsResponse> = first.json().ok();
    let version = found.and_then(|found| found.artifact?.version);
    (first.status, version.map(|version| version.fingerprint))
}

#[tokio::test]
async fn a_search_by_labels_is_answered_from_memory_as_long_as_it_finds_the_same() {
    let (server, admin, _) = warm().await;
    let viewer = server.viewer().await;
    admin.channel("alpine", "prod", "one").await;
    let found = |fingerprint: &str| (200, Some(fingerprint.to_owned()));
    for caller in [&admin, &viewer] {
        let of_caller = (&server, caller);
        assert_eq!(search(of_caller, "aws", true).await, found("one"));
        assert_eq!(search(of_caller, "azure", false).await, (404, None));
    }
    let stranger = server.anonymous();
    let path = admin.scope().expect("a scope");
    let path = path.legacy_search_by_labels("alpine", "prod");
    let on_aws = images_on("aws");
    let refused = stranger.send(Method::POST, &path, Some(&on_aws)).await;
    assert_eq!(refused.expect("an answer").status, 401);
    admin.complete("alpine", "two").await;
    admin.assign("alpine", "prod", "two").await;
    for caller in [&admin, &viewer] {
        assert_eq!(search((&server, caller), "aws", true).await, found("two"));
    }
    let body = masked("restricted", "", true);
    let restricted = admin.update_channel("alpine", "prod", &body);
    restricted.await.expect("a change");
    assert_eq!(search((&server, &admin), "aws", true).await, found("two"));
    assert_eq!(search((&server, &viewer), "aws", false).await, (403, None));
    let path = format!("{path}?x=1");
    let before = from_memory(&server);
    for _ in 0..3 {
        let answer = admin.send(Method::POST, &path, Some(&on_aws)).await;
        assert_eq!(answer.expect("an answer").status, 200);
    }
    assert_eq!(from_memory(&server), before, "what is unusual is not kept");
}

#[tokio::test]
async fn of_the_channels_everybody_is_told_what_they_may_see() {
    let (server, admin, _) = warm().await;
    let viewer = server.viewer().await;
    admin.channel("alpine", "prod", "one").await;
    let channels = admin.scope().expect("a scope").channels("alpine");
    let names = |answer: Answer| {
        let channels: ListChannelsResponse = answer.json().expect("channels");
        let names = channels.channels.into_iter().map(|channel| channel.name);
        names.collect::<Vec<_>>().join(" ")
    };
    for _ in 0..2 {
        let all = twice(&server, &admin, &channels).await;
        assert_eq!(names(all), "latest prod");
        let open = twice(&server, &viewer, &channels).await;
        assert_eq!(names(open), "prod");
    }
    let body = masked("restricted", "", true);
    let restricted = admin.update_channel("alpine", "prod", &body);
    restricted.await.expect("a change");
    let open = twice(&server, &viewer, &channels).await;
    assert_eq!(names(open), "");
}

#[tokio::test]
async fn what_somebody_may_do_changes_at_once() {
    let (server, admin, _) = warm().await;
    let path = admin.scope().expect("a scope").version("alpine", "one");
    let viewer = server.viewer().await;
    twice(&server, &viewer, &path).await;
    let standing = |disabled| ChangePrincipalBody {
        disabled: Some(disabled),
    };
    let own = admin.own();
    let disabled = own.change_principal("viewer", &standing(true)).await;
    disabled.expect("a change");
    assert_eq!(read(&viewer, &path).await.status, 401);
    let enabled = own.change_principal("viewer", &standing(false)).await;
    enabled.expect("a change");
    let organization = format!("organization/{}", server.project.organization_id);
    let id = service_principal(&admin, &organization, "guest").await;
    let guest = sign_in(&server, "guest").await;
    assert_eq!(read(&guest, &path).await.status, 404);
    let name = bucket_resource(&server, "alpine");
    let given = policy(vec![binding("roles/viewer", &[&id])]);
    admin.set_iam_policy(&name, given).await.expect("a policy");
    twice(&server, &guest, &path).await;
    let taken = admin.set_iam_policy(&name, policy(Vec::new())).await;
    taken.expect("a policy");
    assert_eq!(read(&guest, &path).await.status, 404);
}

#[tokio::test]
async fn a_token_is_good_until_it_ends_and_no_longer() {
    let (server, _, latest) = warm().await;
    let authorization = bearer(&server).await;
    let start = format!("GET {latest}");
    let sent = [("Authorization", authorization.as_str())];
    server.advance(Duration::from_secs(3_599));
    let ask = || http(&server, &start, &sent, b"");
    assert_eq!(remembered(&server, ask).await.status, 200);
    server.advance(Duration::from_secs(1));
    assert_eq!(http(&server, &start, &sent, b"").await.status, 401);
}

#[tokio::test]
async fn an_answer_that_somebody_has_already_is_not_sent_again() {
    let (server, admin, latest) = warm().await;
    let etag = header(&twice(&server, &admin, &latest).await, "etag").to_owned();
    let authorization = bearer(&server).await;
    let start = format!("GET {latest}");
    for kept in [format!("\"other\", W/{etag}"), "*".into(), etag.clone()] {
        let sent = [
            ("Authorization", authorization.as_str()),
            ("If-None-Match", kept.as_str()),
        ];
        let answer = remembered(&server, || http(&server, &start, &sent, b"")).await;
        assert_eq!((answer.status, answer.body.len()), (304, 0), "{kept}");
        assert_eq!(header(&answer, "etag"), etag);
        assert!(!header(&answer, "x-request-id").is_empty());
    }
    admin.complete("alpine", "two").await;
    let sent = [
        ("Authorization", authorization.as_str()),
        ("If-None-Match", etag.as_str()),
    ];
    assert_eq!(http(&server, &start, &sent, b"").await.status, 200);
}

#[tokio::test]
async fn what_another_process_changes_is_found_in_the_log() {
    let (server, admin, _) = warm().await;
    let path = admin.scope().expect("a scope").version("alpine", "one");
    let viewer = server.viewer().await;
    let mut follower = Follower::default();
    let store = &server.state.store;
    follower.step(store).await.expect("a log");
    twice(&server, &viewer, &path).await;
    let other = Store::open(&server.database()).expect("a second process");
    let access = Access::system(server.project.clone());
    let principal = admin.own().principal("viewer").await.expect("a principal");
    let (id, now) = (principal.principal.id, server.clock.now());
    let gone = principals::delete(&other, access.into(), id, now).await;
    gone.expect("a deletion");
    follower.step(store).await.expect("a log");
    assert_eq!(read(&viewer, &path).await.status, 401);
}

/// On `PostgreSQL` a transaction that took its number early can be committed late.
#[tokio::test]
async fn an_event_that_appears_below_others_is_found() {
    let (server, _, _) = warm().await;
    let store = &server.state.store;
    let mut follower = Follower::default();
    follower.step(store).await.expect("a log");
    let insert = |ahead: u32, bucket: &str| {
        server.execute(&format!(
            "INSERT INTO events (sequence, id, organization_id, project_id, bucket_id, revision, actor_kind, \
             actor_id, actor_name, request_id, at, action, resource_kind, resource_id, resource_name, payload, digest) \
             SELECT {ahead} + (SELECT max(sequence) FROM events), 'event-{ahead}-{bucket}', '', '', '{bucket}', 0, \
             'system', '', '', '', 0, 'channel.assigned', 'channel', '', '', '{{}}', ''"
        ));
    };
    // The second is more than a transaction takes that revokes a thousand versions.
    // Each time in another bucket, since the server follows the log by itself and may be late.
    for (ahead, back, bucket) in [(1_000, 500, "one"), (6_000, 5_000, "two")] {
        let since = store.changes().now();
        let keys = [bucket.to_owned()];
        insert(ahead, "other");
        follower.step(store).await.expect("a log");
        assert!(store.changes().unchanged(since, &keys));
        server.execute(&format!(
            "UPDATE events SET bucket_id = '{bucket}', sequence = sequence - {back} WHERE id = 'event-{ahead}-other'"
        ));
        follower.step(store).await.expect("a log");
        assert!(!store.changes().unchanged(since, &keys));
    }
}

#[tokio::test]
async fn a_node_finds_what_another_has_changed() {
    if TestDatabase::postgres_address().is_none() {
        eprintln!("SKIPPED two nodes need PostgreSQL, set TEST_DATABASE_URL");
        return;
    }
    let (first, admin, latest) = warm().await;
    let second = first.second_node().await;
    let there = second.admin();
    let mut follower = Follower::default();
    follower.step(&second.state.store).await.expect("a log");
    twice(&second, &there, &latest).await;
    admin.complete("alpine", "two").await;
    follower.step(&second.state.store).await.expect("a log");
    let version = version_of(&read(&there, &latest).await);
    assert_eq!(version.fingerprint, "two");
}

#[tokio::test]
async fn nothing_is_kept_when_there_is_no_room_for_it() {
    let flags = Flags {
        cache_mib: Some("0".into()),
        ..Flags::default()
    };
    let server = TestServer::start_with(Options {
        flags,
        ..Options::default()
    })
    .await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    let path = channel_path(&admin, "alpine", "latest");
    for _ in 0..3 {
        server.state.store.changes().followed(Instant::now());
        assert_eq!(read(&admin, &path).await.status, 200);
    }
    assert_eq!(from_memory(&server), 0);
}
