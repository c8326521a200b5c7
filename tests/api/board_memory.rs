//! The board from memory: what changes is seen at once, also when it is in another bucket, and when a time comes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use touchmark_registry::{
    cache::board::{Source, board},
    ops::Access,
};
use touchmark_tests::{Client, Story as _, TestServer};

use crate::{
    board::told,
    kit::{Steps as _, revoke_in},
    memory::{from_memory, read, remembered},
};

const PATH: &str = "/api/v1/board";

async fn base_and_app(client: &Client) {
    client.bucket("base").await;
    let one = client.complete("base", "one").await;
    let prod = client.channel("base", "prod", "one").await;
    client.bucket("app").await;
    client.child("app", "a", &one, &prod).await;
}

/// Has the board in memory.
async fn known(server: &TestServer, client: &Client) -> String {
    let answer = remembered(server, || read(client, PATH)).await;
    assert_eq!(answer.status, 200);
    told(client).await
}

#[tokio::test]
async fn a_board_on_which_nothing_changed_is_answered_from_memory() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base_and_app(&admin).await;
    let first = told(&admin).await;
    assert_eq!(known(&server, &admin).await, first);
    let before = from_memory(&server);
    server.state.store.changes().followed(Instant::now());
    read(&admin, PATH).await;
    assert_eq!(from_memory(&server), before + 1);
}

#[tokio::test]
async fn what_changes_in_the_bucket_of_a_parent_is_seen_at_once() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base_and_app(&admin).await;
    let calm = "calm app\ncalm base\n";
    assert_eq!(known(&server, &admin).await, calm);
    admin.complete("base", "two").await;
    admin.assign("base", "prod", "two").await;
    let moved = "behind app\n  behind parent_moved: built on base v1; its prod is v2\ncalm base\n";
    assert_eq!(told(&admin).await, moved);
    assert_eq!(known(&server, &admin).await, moved);
    admin.assign("base", "prod", "one").await;
    assert_eq!(told(&admin).await, calm);
}

#[tokio::test]
async fn buckets_come_and_go_at_once() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base_and_app(&admin).await;
    known(&server, &admin).await;
    admin.bucket("new").await;
    let text = told(&admin).await;
    assert!(text.starts_with("unknown new\n"), "{text}");
    known(&server, &admin).await;
    admin.delete_bucket("new").await.expect("a delete");
    assert_eq!(told(&admin).await, "calm app\ncalm base\n");
}

#[tokio::test]
async fn a_revocation_that_falls_due_is_seen_though_nothing_was_written() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base_and_app(&admin).await;
    let mut body = revoke_in("10m");
    body.disable_rollback_channels = true;
    admin.decide("base", "one", &body).await;
    let soon = known(&server, &admin).await;
    assert!(
        soon.contains("prod hands out v1, which will be revoked"),
        "{soon}"
    );
    server.advance(Duration::from_secs(599));
    assert_eq!(known(&server, &admin).await, soon);
    server.advance(Duration::from_secs(1));
    let due = told(&admin).await;
    assert!(due.contains("prod hands out v1, which is revoked"), "{due}");
    server.run_jobs().await;
    let after = told(&admin).await;
    assert!(
        after.contains("every complete version is revoked"),
        "{after}"
    );
}

#[tokio::test]
async fn what_others_write_is_seen_when_the_log_was_read() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base_and_app(&admin).await;
    known(&server, &admin).await;
    server.state.store.changes().forget();
    let before = from_memory(&server);
    read(&admin, PATH).await;
    assert_eq!(
        from_memory(&server),
        before,
        "all that was known is forgotten"
    );
}

#[tokio::test]
async fn memory_and_database_say_the_same() {
    let server = TestServer::start().await;
    let admin = server.admin();
    base_and_app(&admin).await;
    let access = Arc::new(Access::system(server.project.clone()));
    let mut seen = Vec::new();
    for source in [Source::Database, Source::Memory, Source::Memory] {
        server.state.store.changes().followed(Instant::now());
        let board = board(&server.state, &access, source).await;
        let board = board.expect("a board");
        let rows = board.rows.iter();
        let rows = rows.map(|row| (row.bucket.to_string(), row.state));
        seen.push((rows.collect::<Vec<_>>(), board.counts));
    }
    assert!(seen.iter().all(|board| *board == seen[0]));
}
