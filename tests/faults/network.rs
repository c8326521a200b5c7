//! The network between the registry and `PostgreSQL` breaks in several ways.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Method;
use tokio::task::JoinSet;
use touchmark_tests::{
    Answer, Client, Network, Options, Proxy, Story, TestDatabase, TestServer, invariants,
};

use crate::{skipped, stalls::Stalls, writer::Writer};

/// Nothing takes longer: that would be a hang.
const HANG: Duration = Duration::from_secs(15);
/// What callers are promised: so soon they hear that the database is away.
const REFUSAL: Duration = Duration::from_secs(2);
/// So soon the registry works again after the network does.
const RECOVERY: Duration = Duration::from_secs(2);
/// How late an answer is on a network that is too slow.
const TOO_SLOW: Duration = Duration::from_secs(5);
/// How long the fault is looked at: beyond the moment at which late answers to old questions arrive.
const LOOK: Duration = Duration::from_secs(7);
/// How long a node answers from memory what it cannot look up.
const REMEMBERED: Duration = Duration::from_secs(1);
/// How often somebody asks meanwhile.
const ASK: Duration = Duration::from_millis(250);
const WRITERS: usize = 4;

struct Scene {
    proxy: Proxy,
    server: TestServer,
    client: Client,
    writers: Vec<Writer>,
}

impl Scene {
    async fn new() -> Option<Self> {
        let Some(address) = TestDatabase::postgres_address() else {
            skipped("a network to the database needs PostgreSQL, set TEST_DATABASE_URL");
            return None;
        };
        let proxy = Proxy::to(address);
        let server = TestServer::start_with(Options {
            database_port: Some(proxy.port),
            ..Options::default()
        })
        .await;
        let env = |name: &str| server.env[name].clone();
        let client = server.build(|builder| {
            let credentials = (env("HCP_CLIENT_ID"), env("HCP_CLIENT_SECRET"));
            builder
                .credentials(credentials.0, credentials.1)
                .timeout(HANG)
        });
        client.bucket("alpine").await;
        client.complete("alpine", "f").await;
        let writers = (0..WRITERS).map(|number| Writer::new(format!("writer{number}")));
        Some(Self {
            proxy,
            server,
            client,
            writers: writers.collect(),
        })
    }

    /// Lets the writers write until each has been refused, which the fault brings about.
    async fn write_into(&mut self, fault: Network) {
        let mut writing = Vec::new();
        for mut writer in std::mem::take(&mut self.writers) {
            let client = self.client.clone();
            writing.push(tokio::spawn(async move {
                let error = writer.write(&client).await;
                (writer, error)
            }));
        }
        // In the middle of their work, whatever that is just then.
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.proxy.set(fault);
        for writer in writing {
            let (writer, error) = writer.await.expect("a writer that does not panic");
            let refusal = error
                .refusal()
                .unwrap_or_else(|| panic!("{fault:?}: {error:?}"));
            assert_eq!(refusal.code.number(), 14, "{fault:?}: {refusal:?}");
            self.writers.push(writer);
        }
    }

    /// A read and a write at the same time, and the longer of their times.
    async fn read_and_write(client: &Client) -> ([Answer; 2], Duration) {
        let scope = client.scope().expect("a scope");
        let read = scope.channel("alpine", "latest");
        let write = scope.buckets();
        let body = serde_json::json!({ "name": "during" });
        let begun = Instant::now();
        let both = tokio::join!(
            client.send(Method::GET, &read, None),
            client.send(Method::PUT, &write, Some(&body))
        );
        let elapsed = begun.elapsed();
        let [read, write] = [both.0, both.1].map(|answer| answer.expect("an answer, not a hang"));
        ([read, write], elapsed)
    }

    /// Whether the process says that it is ready, and that it lives, and the longer of the times.
    async fn ready_and_live(client: &Client) -> ([u16; 2], Duration) {
        let begun = Instant::now();
        let both = tokio::join!(
            client.send(Method::GET, "/readyz", None),
            client.send(Method::GET, "/livez", None)
        );
        let elapsed = begun.elapsed();
        let status = [both.0, both.1].map(|answer| answer.expect("an answer, not a hang").status);
        (status, elapsed)
    }

    /// Everything is refused soon and in the one form there is, and the process says that it lives.
    async fn is_refused(&self, fault: Network) {
        // What is in memory may be answered for so long without the database.
        tokio::time::sleep(REMEMBERED).await;
        let stalls = Arc::new(Stalls::watch());
        let mut asking = JoinSet::new();
        let begun = Instant::now();
        while begun.elapsed() < LOOK {
            let (client, stalls) = (self.client.clone(), Arc::clone(&stalls));
            asking.spawn(async move {
                let lost = stalls.so_far();
                let ((answers, one), (status, other)) =
                    tokio::join!(Self::read_and_write(&client), Self::ready_and_live(&client));
                (
                    answers,
                    status,
                    one.max(other),
                    stalls.so_far().saturating_sub(lost),
                )
            });
            tokio::time::sleep(ASK).await;
        }
        let mut longest = (Duration::ZERO, Duration::ZERO);
        for (answers, status, elapsed, lost) in asking.join_all().await {
            for answer in answers {
                let body: serde_json::Value = answer.json().expect("JSON");
                assert_eq!(
                    (answer.status, &body["code"]),
                    (503, &14.into()),
                    "{fault:?}"
                );
                assert!(answer.headers.contains_key("retry-after"), "{fault:?}");
            }
            assert_eq!(status, [503, 200], "{fault:?}");
            // Several threads hand an answer on, each of which may have had to wait.
            assert!(
                elapsed < REFUSAL + 3 * lost,
                "{fault:?}: {elapsed:?}, {lost:?}"
            );
            longest = longest.max((elapsed, lost));
        }
        let (elapsed, lost) = longest;
        println!("{fault:?}: refused after {elapsed:?} at most, the machine stood for {lost:?}");
    }

    /// The network passes again: soon everything works, without a restart.
    async fn recovers(&self, fault: Network) {
        let stalls = Stalls::watch();
        self.proxy.set(Network::Passes);
        let begun = Instant::now();
        loop {
            let ([ready, _], _) = Self::ready_and_live(&self.client).await;
            let ([read, write], _) = Self::read_and_write(&self.client).await;
            // The bucket may have been made by a request that was refused for the time it took.
            if ready == 200 && read.status == 200 && matches!(write.status, 200 | 409) {
                break;
            }
            for answer in [&read, &write] {
                assert!(
                    matches!(answer.status, 200 | 409 | 503),
                    "{fault:?}: {answer:?}"
                );
            }
            let (elapsed, lost) = (begun.elapsed(), stalls.so_far());
            assert!(elapsed < RECOVERY + 3 * lost, "{fault:?}: no recovery");
        }
        println!("{fault:?}: recovered after {:?}", begun.elapsed());
        self.client
            .delete_bucket("during")
            .await
            .expect("the bucket");
    }

    /// What was acknowledged is there once; what was not is there whole or not at all.
    async fn nothing_is_lost(&mut self) {
        for writer in &mut self.writers {
            writer
                .check(&self.client)
                .await
                .expect("what was acknowledged, whole");
            writer.catch_up(&self.client).await;
        }
        let now = self.server.clock.now();
        let wrong = invariants::violations(&self.server.state.store, now).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

async fn fault(fault: Network) {
    let Some(mut scene) = Scene::new().await else {
        return;
    };
    // The second time finds connections that the first one replaced.
    for _ in 0..2 {
        scene.write_into(fault).await;
        scene.is_refused(fault).await;
        scene.recovers(fault).await;
        scene.nothing_is_lost().await;
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn a_database_that_is_cut_off_is_said_to_be_away_and_found_again() {
    fault(Network::IsCut).await;
}

#[tokio::test]
async fn a_database_behind_a_network_that_swallows_is_said_to_be_away_and_found_again() {
    fault(Network::Swallows).await;
}

#[tokio::test]
async fn a_database_that_is_too_slow_is_said_to_be_away_and_found_again() {
    fault(Network::IsSlow(TOO_SLOW)).await;
}

/// Each word takes its time, but there is an answer to each: that is no reason to refuse anything.
#[tokio::test]
async fn a_database_that_is_a_little_slow_is_waited_for() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    scene.proxy.set(Network::IsSlow(Duration::from_millis(25)));
    let ([read, write], elapsed) = Scene::read_and_write(&scene.client).await;
    assert_eq!((read.status, write.status), (200, 200));
    println!("answered after {elapsed:?}");
}
