//! What a channel gives out is never older than what somebody has been told: a register that all clients of a
//! node agree about, and those of other nodes after a second.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use touchmark_client::Page;
use touchmark_tests::{Client, Story, TestDatabase, TestServer};

const WRITERS: usize = 3;
const READERS: usize = 4;
/// Versions that each writer assigns, each once.
const EACH: usize = 6;

/// How much older another node's answer may be.
const BEHIND: Duration = Duration::from_secs(1);

/// A client of the node with this number.
#[derive(Clone)]
struct Caller {
    node: usize,
    client: Client,
}

/// A call, by ticks of a clock that all callers share: when it was sent, when its answer was there, and
/// the fingerprint that it wrote or read.
#[derive(Debug, Clone)]
struct Call {
    node: usize,
    sent: u64,
    sent_at: Instant,
    answered: u64,
    answered_at: Instant,
    fingerprint: String,
}

/// The order of the calls, by a counter that each begins and ends with.
#[derive(Clone, Default)]
struct Ticks(Arc<AtomicU64>);

impl Ticks {
    fn tick(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }

    async fn read(&self, caller: &Caller) -> Call {
        let (sent, sent_at) = (self.tick(), Instant::now());
        let fingerprint = caller.client.held("alpine", "stable").await;
        self.answered(caller.node, (sent, sent_at), fingerprint)
    }

    async fn write(&self, caller: &Caller, fingerprint: String) -> Call {
        let (sent, sent_at) = (self.tick(), Instant::now());
        let assigned = caller.client.assign("alpine", "stable", &fingerprint);
        assigned.await;
        self.answered(caller.node, (sent, sent_at), fingerprint)
    }

    fn answered(&self, node: usize, sent: (u64, Instant), fingerprint: String) -> Call {
        let (sent, sent_at) = sent;
        Call {
            node,
            sent,
            sent_at,
            answered: self.tick(),
            answered_at: Instant::now(),
            fingerprint,
        }
    }
}

fn name(writer: usize, version: usize) -> String {
    format!("w{writer}-{version}")
}

async fn prepare(client: &Client) {
    client.bucket("alpine").await;
    for writer in 0..WRITERS {
        for version in 0..EACH {
            client.complete("alpine", &name(writer, version)).await;
        }
    }
    client.channel("alpine", "stable", "").await;
}

/// Writers and readers at once, spread over the clients.
async fn race(clients: &[Caller]) -> Vec<Call> {
    let (ticks, ended) = (Ticks::default(), Arc::new(AtomicBool::new(false)));
    let client = |number: usize| clients[number % clients.len()].clone();
    let reading: Vec<_> = (0..READERS)
        .map(|number| {
            let (client, ticks, ended) = (client(number), ticks.clone(), ended.clone());
            tokio::spawn(async move {
                let mut calls = Vec::new();
                while !ended.load(Ordering::SeqCst) {
                    calls.push(ticks.read(&client).await);
                }
                calls
            })
        })
        .collect();
    let writing: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (client, other) = (client(writer), client(writer + 1));
            let ticks = ticks.clone();
            tokio::spawn(async move {
                let mut calls = Vec::new();
                for version in 0..EACH {
                    calls.push(ticks.write(&client, name(writer, version)).await);
                    calls.push(ticks.read(&other).await);
                }
                calls
            })
        })
        .collect();
    let mut calls = Vec::new();
    for writer in writing {
        calls.extend(writer.await.expect("a writer that does not panic"));
    }
    ended.store(true, Ordering::SeqCst);
    for reader in reading {
        calls.extend(reader.await.expect("a reader that does not panic"));
    }
    calls
}

/// The history of the channel is the order of the writes. A call that was sent after another had its answer
/// must not be older than it, on another node if that was a while ago.
fn judge(calls: &[Call], order: &[String]) {
    let place = |call: &Call| {
        let found = order
            .iter()
            .position(|fingerprint| *fingerprint == call.fingerprint);
        // Before the first assignment the channel holds nothing.
        found.map_or(0, |place| place + 1)
    };
    let mut calls: Vec<(&Call, usize)> = calls.iter().map(|call| (call, place(call))).collect();
    calls.sort_by_key(|(call, _)| call.sent);
    for (index, (early, old)) in calls.iter().enumerate() {
        for (late, new) in calls.iter().skip(index) {
            let told = early.answered < late.sent
                && (early.node == late.node || early.answered_at + BEHIND < late.sent_at);
            let stale = told && new < old;
            assert!(!stale, "{late:?} is older than {early:?}");
        }
    }
}

/// An acknowledged revocation: no node hands the version out any more, the others after a while.
async fn revoke(clients: &[Caller]) {
    let client = &clients[0].client;
    loop {
        let held = client.held("alpine", "stable").await;
        if held.is_empty() {
            return;
        }
        let body = touchmark_tests::wire::version::UpdateVersionBody {
            revoke_in: "0s".into(),
            ..Default::default()
        };
        client
            .update_version("alpine", &held, &body)
            .await
            .expect("a revocation");
        let told = Instant::now();
        for other in clients {
            sees(other, &held, told).await;
        }
    }
}

/// Looks until a node knows of a revocation, which this node knew at a moment.
async fn sees(caller: &Caller, revoked: &str, told: Instant) {
    let patience = if caller.node == 0 {
        Duration::ZERO
    } else {
        BEHIND
    };
    loop {
        let sent = Instant::now();
        let held = caller.client.held("alpine", "stable").await;
        let version = caller.client.look("alpine", revoked).await;
        if held != revoked && version.status.as_str() == "VERSION_REVOKED" {
            return;
        }
        assert!(sent < told + patience, "{revoked} is still handed out");
    }
}

#[tokio::test]
async fn no_read_of_a_channel_is_older_than_what_was_acknowledged_before_it() {
    let server = TestServer::start().await;
    let second = if TestDatabase::is_postgres() {
        Some(server.second_node().await)
    } else {
        crate::skipped("one node only: two need PostgreSQL, set TEST_DATABASE_URL");
        None
    };
    let servers = std::iter::once(&server).chain(&second);
    let clients = servers.map(TestServer::admin).enumerate();
    let clients: Vec<Caller> = clients
        .map(|(node, client)| Caller { node, client })
        .collect();
    prepare(&clients[0].client).await;
    let calls = race(&clients).await;
    let page = Page {
        size: Some(1_000),
        ..Page::default()
    };
    let history = clients[0]
        .client
        .list_channel_assignment_history("alpine", "stable", &page)
        .await;
    let history = history.expect("a history").history.into_iter().rev();
    let order: Vec<String> = history
        .filter_map(|row| Some(row.version?.fingerprint))
        .collect();
    assert_eq!(order.len(), WRITERS * EACH, "each was assigned once");
    judge(&calls, &order);
    revoke(&clients).await;
}
