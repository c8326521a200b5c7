//! What is old goes when the settings say so, and only then; the log goes on giving the state.

use std::{fs, path::PathBuf, time::Duration};

use touchmark_registry::{config::Flags, ops::check::check};
use touchmark_tests::{
    Options, RUN, Story, TestServer, done,
    wire::build::{BuildStatus, UpdateBuildBody},
};

use crate::tale;

const DAY: Duration = Duration::from_hours(24);

async fn keeping(flags: Flags) -> TestServer {
    let options = Options {
        flags,
        ..Options::default()
    };
    TestServer::start_with(options).await
}

fn versions(age: &str) -> Flags {
    Flags {
        retention_abandoned_versions: Some(age.to_owned()),
        ..Flags::default()
    }
}

fn events(age: &str) -> Flags {
    Flags {
        retention_events: Some(age.to_owned()),
        ..Flags::default()
    }
}

async fn sound(server: &TestServer) {
    let found = check(&server.state.store, server.clock.now()).await;
    assert_eq!(found.expect("an answer"), Vec::new());
}

async fn has(server: &TestServer, bucket: &str, fingerprint: &str) -> bool {
    server
        .admin()
        .get_version(bucket, fingerprint)
        .await
        .is_ok()
}

#[tokio::test]
async fn nothing_goes_unless_the_settings_say_so() {
    let server = TestServer::start().await;
    tale::everything(&server).await;
    server.run_jobs().await;
    server.advance(DAY * 5_000);
    server.run_jobs().await;
    assert!(has(&server, "leaf", "empty").await);
    assert!(!server.data_dir().join("event-archive").exists());
}

#[tokio::test]
async fn incomplete_versions_go_when_nothing_happens_to_them_for_long() {
    let server = keeping(versions("90d")).await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    for name in ["empty", "failed", "running", "late"] {
        admin.version("alpine", name).await;
    }
    admin.complete("alpine", "good").await;
    let status = |status| UpdateBuildBody {
        status: Some(status),
        packer_run_uuid: RUN.to_owned(),
        ..UpdateBuildBody::default()
    };
    let failed = admin.build("alpine", "failed", "null.a").await;
    let body = status(BuildStatus::Failed);
    let told = admin.update_build("alpine", "failed", &failed, &body).await;
    told.expect("a failed build");
    let running = admin.build("alpine", "running", "null.a").await;
    server.advance(DAY * 89);
    let admin = server.admin();
    admin.build("alpine", "late", "null.a").await;
    server.advance(DAY + Duration::from_secs(1));
    let admin = server.admin();
    let body = status(BuildStatus::Running);
    let told = admin
        .update_build("alpine", "running", &running, &body)
        .await;
    told.expect("a running build");
    assert_eq!(server.run_jobs().await, 2);
    for (name, stays) in [
        ("empty", false),
        ("failed", false),
        ("running", true),
        ("late", true),
        ("good", true),
    ] {
        assert_eq!(has(&server, "alpine", name).await, stays, "{name}");
    }
    sound(&server).await;
    // It is looked once an hour; by then the other one is old enough.
    server.advance(DAY * 89);
    server.run_jobs().await;
    assert!(!has(&server, "alpine", "late").await);
    assert!(has(&server, "alpine", "good").await);
    sound(&server).await;
}

/// Tells the whole story until nothing that it scheduled is still to come.
async fn told(server: &TestServer) {
    tale::everything(server).await;
    server.advance(Duration::from_hours(10));
    server.run_jobs().await;
}

/// The files of the archive, in their order.
fn files(server: &TestServer) -> Vec<PathBuf> {
    let folder = fs::read_dir(server.data_dir().join("event-archive")).expect("an archive");
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

fn lines(files: &[PathBuf]) -> Vec<serde_json::Value> {
    let mut all = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).expect("a file");
        all.extend(
            text.lines()
                .map(|line| serde_json::from_str(line).expect("JSON")),
        );
    }
    all
}

#[tokio::test]
async fn old_events_go_to_a_private_file_and_the_rest_still_gives_the_state() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = keeping(events("30d")).await;
    told(&server).await;
    assert_eq!(server.run_jobs().await, 0, "nothing is old yet");
    server.advance(DAY * 31);
    let moved = server.run_jobs().await;
    assert!(moved > 50, "{moved}");
    sound(&server).await;
    let first = files(&server);
    let archived = lines(&first);
    assert_eq!(
        archived.iter().filter(|line| line["action"] != "").count(),
        moved
    );
    assert_eq!(first.len(), 1);
    let mode = fs::metadata(&first[0])
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    // What is left of the deleted bucket is nothing; of what lives it is the last event.
    let kinds: Vec<&str> = archived
        .iter()
        .filter_map(|line| line["action"].as_str())
        .collect();
    for action in [
        "bucket.deleted",
        "version.completed",
        "principal.deleted",
        "build.done",
    ] {
        assert!(kinds.contains(&action), "{action}");
    }
    assert_eq!(server.run_jobs().await, 0, "nothing is left to move");

    // It goes on: what is new is in the log, and grows old in turn.
    let admin = server.admin();
    admin.version("leaf", "another").await;
    let id = admin.build("leaf", "another", "null.a").await;
    let told = admin
        .update_build("leaf", "another", &id, &done("another"))
        .await;
    told.expect("a build that is done");
    server.advance(DAY * 31);
    assert!(server.run_jobs().await > 0);
    assert_eq!(files(&server).len(), 2);
    sound(&server).await;
    let server = server.restart().await;
    sound(&server).await;
    server.execute("UPDATE buckets SET description = 'forged' WHERE name = 'leaf'");
    let found = check(&server.state.store, server.clock.now()).await;
    assert_eq!(found.expect("an answer").len(), 1, "and still it notices");
}

#[tokio::test]
async fn events_stay_when_they_cannot_be_written_to_a_file() {
    let server = keeping(events("30d")).await;
    told(&server).await;
    server.advance(DAY * 31);
    fs::write(server.data_dir().join("event-archive"), "in the way").expect("a file");
    assert_eq!(server.run_jobs().await, 0);
    sound(&server).await;
    fs::remove_file(server.data_dir().join("event-archive")).expect("a file");
    server.advance(Duration::from_hours(1));
    assert!(server.run_jobs().await > 50);
    sound(&server).await;
}
