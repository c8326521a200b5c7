//! `check` finds nothing after a long story, and names whatever somebody damages behind its back.

use touchmark_registry::ops::check::{Finding, check};
use touchmark_tests::{Machine, Story, TestDatabase, TestServer};

use crate::tale;

async fn look(server: &TestServer) -> Vec<Finding> {
    let found = check(&server.state.store, server.clock.now()).await;
    found.expect("a database that answers")
}

fn shown(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[tokio::test]
async fn nothing_is_found_after_a_long_story() {
    let server = TestServer::start().await;
    assert_eq!(shown(&look(&server).await), "", "a new registry");
    tale::everything(&server).await;
    assert_eq!(shown(&look(&server).await), "");
    let server = server.restart().await;
    assert_eq!(shown(&look(&server).await), "", "a restart changes nothing");
}

/// Runs SQL on a server with a story, and gives the rules that are broken then.
async fn damaged(server: &TestServer, sql: &str) -> String {
    server.execute(sql);
    shown(&look(server).await)
}

fn version(fingerprint: &str) -> String {
    format!("(SELECT id FROM versions WHERE fingerprint = '{fingerprint}')")
}

fn bucket(name: &str) -> String {
    format!("(SELECT id FROM buckets WHERE name = '{name}')")
}

/// SQL that damages, and the rule that names the damage. What is gone cannot be damaged again, so the
/// order matters.
fn damages() -> Vec<(&'static str, String)> {
    let in_base = format!("bucket_id = {}", bucket("base"));
    let set_dev = |to: &str| {
        format!(
            "UPDATE channels SET version_id = {} WHERE name = 'dev'",
            version(to)
        )
    };
    let set_latest = |to: &str| {
        format!("UPDATE channels SET version_id = {to} WHERE name = 'latest' AND {in_base}")
    };
    let of = |table: &str, name: &str| format!("{table} WHERE version_id = {}", version(name));
    vec![
        ("history-copy", "UPDATE channel_history SET version_name = 'v77' WHERE version_fingerprint = 'p3'".into()),
        ("history-number", "UPDATE channel_history SET number = number + 1 WHERE version_fingerprint = 'p3'".into()),
        ("history-newest", "DELETE FROM channel_history WHERE channel_id IN (SELECT id FROM channels WHERE name = 'prod')".into()),
        ("channel-revoked", set_dev("p4")),
        ("channel-incomplete", set_dev("empty")),
        ("channel-managed", "UPDATE channels SET managed = NOT managed WHERE name = 'old'".into()),
        ("latest-newest", set_latest("NULL")),
        ("latest-revoked", set_latest(&version("p4"))),
        ("latest-exists", format!("DELETE FROM channels WHERE name = 'latest' AND {in_base}")),
        ("number-range", format!("UPDATE versions SET number = 99 WHERE id = {}", version("p4"))),
        ("number-log", format!("UPDATE buckets SET last_number = 44 WHERE id = {}", bucket("mid"))),
        ("version-count", format!("UPDATE buckets SET version_count = 7 WHERE id = {}", bucket("mid"))),
        ("bucket-revision", format!("UPDATE buckets SET revision = 2 WHERE id = {}", bucket("mid"))),
        ("version-complete", format!("UPDATE {}", of("builds SET status = 'FAILED'", "m2"))),
        ("version-incomplete", format!("UPDATE versions SET number = NULL WHERE id = {}", version("end"))),
        ("revocation-copy", format!("UPDATE {}", of("revocations SET message = 'other'", "circle"))),
        ("revocation-inherited", format!("DELETE FROM {}", of("revocations", "l1"))),
        ("revocation-source", format!("DELETE FROM {} AND source_id = version_id", of("revocations", "m1"))),
        ("revocation-settled", format!("UPDATE {}", of("revocations SET settled = NOT settled", "freed"))),
        ("build-artifacts", "DELETE FROM artifacts WHERE external_identifier = 'end'".into()),
        ("build-commit", format!("UPDATE {}", of(r#"builds SET metadata = '{"vcs":{"details":{"commit":"abcdef0"}}}'"#, "end"))),
        ("build-platform", format!("UPDATE {}", of("builds SET platform = ''", "end"))),
        ("replay", format!("UPDATE buckets SET description = 'forged' WHERE id = {}", bucket("leaf"))),
        ("replay", "UPDATE registries SET activated = NOT activated".into()),
        ("replay-unknown", "DELETE FROM events WHERE resource_kind = 'principal'".into()),
        ("replay-missing", format!("DELETE FROM {}", of("builds", "late"))),
        ("replay-missing", "DELETE FROM channels WHERE name = 'old'".into()),
        ("event-time", "UPDATE events SET at = 1 WHERE action = 'channel.assigned'".into()),
        ("event-revision", "UPDATE events SET revision = 1 WHERE action = 'channel.rolled_back'".into()),
        ("event-digest", "UPDATE events SET digest = 'ff' WHERE action = 'bucket.updated'".into()),
        ("event-digest", "UPDATE events SET payload = REPLACE(payload, 'CVE-2026-1', 'nothing')".into()),
        ("event-canonical", "UPDATE events SET payload = payload || ' ' WHERE action = 'build.done'".into()),
        ("replay-deleted", format!("UPDATE events SET payload = '{{\"after\":null,\"v\":1}}' WHERE resource_id = {}", bucket("leaf"))),
        ("readable", format!("UPDATE {}", of("builds SET labels = 'x'", "end"))),
    ]
}

#[tokio::test]
async fn every_damage_is_named() {
    // Each on a registry of its own would take long: what was found before does not count.
    let server = TestServer::start().await;
    tale::everything(&server).await;
    let mut missed = Vec::new();
    let mut named = Vec::new();
    for (rule, sql) in damages() {
        let before = named.clone();
        server.execute(&sql);
        named = look(&server).await;
        if rules(&named, rule) == rules(&before, rule) {
            missed.push(format!("{rule}: {sql}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

fn rules(findings: &[Finding], rule: &str) -> Vec<String> {
    let of = findings.iter().filter(|finding| finding.rule == rule);
    of.map(ToString::to_string).collect()
}

#[tokio::test]
async fn rows_that_refer_to_nothing_are_found() {
    if TestDatabase::is_postgres() {
        return;
    }
    let server = TestServer::start().await;
    tale::everything(&server).await;
    let sql = "PRAGMA foreign_keys = OFF; DELETE FROM versions WHERE fingerprint = 'end'";
    let found = damaged(&server, sql).await;
    assert!(
        found.contains("database: database: 1 rows of builds refer to"),
        "{found}"
    );
    assert!(
        found.contains("the version that it holds is gone"),
        "{found}"
    );
}

#[tokio::test]
async fn what_is_found_says_what_is_wrong() {
    let server = TestServer::start().await;
    tale::everything(&server).await;
    let sql = format!(
        "UPDATE buckets SET description = 'forged' WHERE id = {}",
        bucket("leaf")
    );
    let found = damaged(&server, &sql).await;
    assert!(found.starts_with("replay: bucket "), "{found}");
    assert!(found.ends_with("gives another description"), "{found}");
    assert_eq!(found.lines().count(), 1, "{found}");
}

#[tokio::test]
async fn kinds_that_are_not_known_are_left_alone() {
    let server = TestServer::start().await;
    tale::everything(&server).await;
    server.execute(
        "INSERT INTO events (id, organization_id, project_id, bucket_id, revision, actor_kind, actor_id, \
         actor_name, request_id, at, action, resource_kind, resource_id, resource_name, payload, digest) \
         SELECT 'X', organization_id, project_id, '', 0, actor_kind, actor_id, actor_name, request_id, at, \
         'moon.seen', 'moon', 'luna', 'luna', payload, digest FROM events WHERE resource_kind = 'organization'",
    );
    assert_eq!(shown(&look(&server).await), "");
}

#[tokio::test]
async fn the_command_works_beside_a_server_and_fails_on_findings() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let client = machine.admin();
    client.bucket("alpine").await;
    client.complete("alpine", "one").await;
    let ended = machine.run("touchmark-registry", &["check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "everything is sound\n");
    let ended = machine.run("touchmark-registry", &["check", "--json"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "[]\n"));

    machine.execute("UPDATE versions SET number = 7");
    let ended = machine.run("touchmark-registry", &["check"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .stdout
            .contains("number-range: version one (v7) of bucket alpine: ")
    );
    assert!(ended.stderr.contains("findings"), "{}", ended.stderr);
    let ended = machine.run("touchmark-registry", &["check", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert!(
        found[0]["rule"].is_string() && found[0]["detail"].is_string(),
        "{found}"
    );
    drop(server);
}

#[test]
fn the_command_makes_no_registry_where_there_is_none() {
    if TestDatabase::is_postgres() {
        return;
    }
    let machine = Machine::new();
    let ended = machine.run("touchmark-registry", &["check"]);
    assert_eq!(ended.code, Some(6));
    assert!(
        ended.stderr.contains("there is no registry at"),
        "{}",
        ended.stderr
    );
    assert!(!machine.data_dir().exists());
}
