//! The history of channels.

use insta::assert_snapshot;
use touchmark_client::Page;
use touchmark_tests::{Client, Story, TestServer, refusal};

use crate::kit::{Steps as _, later, masked, page};

/// Bucket `alpine` with the complete versions `one` and `two`, and the empty channel `prod`.
async fn alpine(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin.complete("alpine", "two").await;
    admin.channel("alpine", "prod", "").await;
    admin
}

#[tokio::test]
async fn the_history_is_newest_first_and_names_who_assigned() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.assign("alpine", "prod", "one").await;
    let contributor = server.contributor().await;
    contributor.assign("alpine", "prod", "two").await;
    contributor.assign("alpine", "prod", "").await;
    admin.assign("alpine", "prod", "one").await;
    assert_eq!(
        admin.history("alpine", "prod").await,
        ["admin one", "contributor -", "contributor two", "admin one"]
    );
    assert_eq!(admin.see_channel("alpine", "prod").await.author_id, "admin");
}

#[tokio::test]
async fn a_channel_never_assigned_has_no_history() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let answer = admin
        .list_channel_assignment_history("alpine", "prod", &Page::default())
        .await
        .unwrap();
    assert_eq!((answer.count, answer.history.len()), (0, 0));
}

#[tokio::test]
async fn what_changes_nothing_adds_no_row() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.assign("alpine", "prod", "").await;
    assert!(admin.history("alpine", "prod").await.is_empty());
    admin.assign("alpine", "prod", "one").await;
    let before = admin.see_channel("alpine", "prod").await;
    server.advance(std::time::Duration::from_mins(1));
    server
        .contributor()
        .await
        .assign("alpine", "prod", "one")
        .await;
    assert_eq!(admin.see_channel("alpine", "prod").await, before);
    let body = masked("restricted", "", true);
    admin.update_channel("alpine", "prod", &body).await.unwrap();
    assert_eq!(admin.history("alpine", "prod").await, ["admin one"]);
}

#[tokio::test]
async fn the_rows_say_when() {
    let server = TestServer::start().await;
    alpine(&server).await;
    let admin = later(&server, std::time::Duration::from_hours(1));
    let now = server.clock.now().micros();
    admin.assign("alpine", "prod", "one").await;
    let answer = admin
        .list_channel_assignment_history("alpine", "prod", &Page::default())
        .await
        .unwrap();
    let at = answer.history[0].assigned_at.unwrap().as_micros();
    // Changes of one bucket at the same moment are told apart by microseconds.
    assert!((now..now + 1_000).contains(&at), "{at} {now}");
}

#[tokio::test]
async fn the_history_has_pages_and_a_count() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for fingerprint in ["one", "two", "", "one", "two"] {
        admin.assign("alpine", "prod", fingerprint).await;
    }
    let look = |page: Page| {
        let admin = admin.clone();
        async move {
            let answer = admin
                .list_channel_assignment_history("alpine", "prod", &page)
                .await
                .unwrap();
            assert_eq!(answer.count, 5);
            let row = |row: touchmark_tests::wire::channel::ChannelAssignment| {
                row.version.map_or("-".to_owned(), |v| v.fingerprint)
            };
            let rows: Vec<String> = answer.history.into_iter().map(row).collect();
            (rows.join(" "), answer.pagination.unwrap())
        }
    };
    let (first, tokens) = look(page(2)).await;
    let forth = |token| Page {
        next_page_token: Some(token),
        ..page(2)
    };
    let (second, tokens) = look(forth(tokens.next_page_token)).await;
    let (third, tokens) = look(forth(tokens.next_page_token)).await;
    assert_eq!(
        [first.as_str(), &second, &third],
        ["two one", "- two", "one"]
    );
    assert_eq!(tokens.next_page_token, "");
    let back = Page {
        previous_page_token: Some(tokens.previous_page_token),
        ..page(2)
    };
    assert_eq!(look(back).await.0, "- two");
}

#[tokio::test]
async fn a_deleted_version_is_still_named() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.assign("alpine", "prod", "one").await;
    let one = admin.look("alpine", "one").await;
    admin.assign("alpine", "prod", "two").await;
    admin.delete_version("alpine", "one").await.unwrap();
    let answer = admin
        .list_channel_assignment_history("alpine", "prod", &Page::default())
        .await
        .unwrap();
    let row = answer.history[1]
        .version
        .clone()
        .expect("the deleted version");
    assert_eq!(
        (row.id, row.name, row.fingerprint),
        (one.id, "v1".into(), "one".into())
    );
}

#[tokio::test]
async fn the_history_of_latest_is_written_by_the_service() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    assert_eq!(
        admin.history("alpine", "latest").await,
        ["touchmark two", "touchmark one"]
    );
}

#[tokio::test]
async fn a_channel_that_is_not_there_has_no_history() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let answer = admin
        .list_channel_assignment_history("alpine", "nope", &Page::default())
        .await;
    assert_snapshot!(refusal(answer), @"404/5 channel with identifier nope does not exist");
}
