//! Time of a bucket goes forward, whatever the clock does.

use touchmark_client::Page;
use touchmark_registry::domain::time::Clock;
use touchmark_tests::{Story, TestServer};

use crate::look;

/// Sets the clock back.
fn set_back(server: &TestServer, seconds: i64) {
    let Clock::Manual(at) = &server.clock else {
        panic!("a clock of one's own")
    };
    at.fetch_sub(seconds * 1_000_000, std::sync::atomic::Ordering::SeqCst);
}

/// The times of a bucket's events, one for each revision.
async fn times(server: &TestServer) -> Vec<i64> {
    let log = look::log(server).await;
    let mut times: Vec<(i64, i64)> = log
        .iter()
        .filter(|event| event.revision > 0)
        .map(|event| (event.revision, event.at))
        .collect();
    times.dedup();
    assert!(
        times.windows(2).all(|pair| pair[0].0 < pair[1].0),
        "{times:?}"
    );
    times.into_iter().map(|(_, at)| at).collect()
}

fn increasing(times: &[i64]) -> bool {
    times.windows(2).all(|pair| pair[0] < pair[1])
}

#[tokio::test]
async fn changes_at_the_same_instant_get_times_a_microsecond_apart() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    for number in 0..5 {
        admin.complete("alpine", &format!("v{number}")).await;
    }
    let times = times(&server).await;
    assert!(times.len() > 15 && increasing(&times), "{times:?}");
    let (first, last) = (times[0], times[times.len() - 1]);
    assert_eq!(first, server.clock.now().micros());
    // One microsecond for each revision, a few of which changed nothing that is recorded.
    assert!(last - first < 100, "{times:?}");
}

#[tokio::test]
async fn a_clock_that_goes_back_does_not_take_the_bucket_with_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    // Not so far that tokens come from the future.
    set_back(&server, 5);
    admin.complete("alpine", "two").await;
    set_back(&server, -10);
    admin.complete("alpine", "three").await;
    let times = times(&server).await;
    assert!(increasing(&times), "{times:?}");
    assert!(times[times.len() - 1] >= server.clock.now().micros());
}

#[tokio::test]
async fn a_history_of_one_instant_is_in_order() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin.complete("alpine", "two").await;
    admin.channel("alpine", "prod", "").await;
    let order = ["one", "two", "one", "", "two"];
    for fingerprint in order {
        admin.assign("alpine", "prod", fingerprint).await;
    }
    let history = admin
        .list_channel_assignment_history("alpine", "prod", &Page::default())
        .await
        .expect("a history")
        .history;
    let mut held: Vec<String> = history
        .iter()
        .map(|row| {
            row.version
                .as_ref()
                .map_or(String::new(), |v| v.fingerprint.clone())
        })
        .collect();
    held.reverse();
    assert_eq!(held, order);
    assert!(
        history
            .windows(2)
            .all(|pair| pair[0].assigned_at > pair[1].assigned_at)
    );
}

#[tokio::test]
async fn versions_and_builds_of_one_instant_differ_in_time() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    for name in ["one", "two", "three"] {
        admin.version("alpine", name).await;
        for component in ["null.a", "null.b"] {
            admin.build("alpine", name, component).await;
        }
    }
    for (table, count) in [("versions", 3), ("builds", 6)] {
        let sql = format!("SELECT CAST(created_at AS TEXT) AS text FROM {table} ORDER BY id");
        let times = look::texts(&server, &sql).await;
        let times: Vec<i64> = times
            .iter()
            .map(|time| time.parse().expect("a number"))
            .collect();
        let mut distinct = times.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), count, "{table} {times:?}");
    }
}
