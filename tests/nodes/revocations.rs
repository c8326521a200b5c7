//! A revocation at one node is seen by all others within a second, whatever happens to one of them. That is
//! what is asked of answers, and it holds however slow the machine is: a question that is asked a second after
//! the revocation was acknowledged gets the right answer, or none.
//!
//! `REVOCATION_ROUNDS` says how many are made; each phase has its share.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use touchmark_tests::{
    Client, Error, Network, Story as _, variable, wire::version::UpdateVersionBody,
};

use crate::{
    cluster::{Cluster, Node, pause},
    turn,
};

/// How many, when nothing else is said.
const REVOCATIONS: usize = 500;
/// How many are made at once, each in a bucket of its own.
const LANES: usize = 20;
/// How long after it was acknowledged a revocation may be unknown elsewhere.
const BEHIND: Duration = Duration::from_secs(1);
/// So long a node may refuse after it can reach the database again.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a node says of the version that a channel gives out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Valid,
    Revoked,
    Nothing,
}

fn bucket(lane: usize) -> String {
    format!("lane{lane}")
}

/// Asks for the channel, which keeps its version when that is revoked.
async fn ask(client: &Client, lane: usize) -> Said {
    match client.get_channel(&bucket(lane), "stable").await {
        Ok(answer) => {
            let version = answer.channel.and_then(|channel| channel.version);
            match version.expect("a version").status.as_str() {
                "VERSION_REVOKED" => Said::Revoked,
                "VERSION_ACTIVE" => Said::Valid,
                other => panic!("a version that is {other}"),
            }
        }
        Err(Error::Refused {
            http_status: 503, ..
        }) => Said::Nothing,
        Err(error) => panic!("{error:?}"),
    }
}

async fn change(client: &Client, lane: usize, body: UpdateVersionBody) -> Instant {
    let changed = client.update_version(&bucket(lane), "f", &body).await;
    changed.expect("a change");
    Instant::now()
}

fn revocation() -> UpdateVersionBody {
    UpdateVersionBody {
        revoke_in: "0s".to_owned(),
        disable_rollback_channels: true,
        ..UpdateVersionBody::default()
    }
}

fn restoration() -> UpdateVersionBody {
    UpdateVersionBody {
        restore: true,
        ..UpdateVersionBody::default()
    }
}

/// Asks until a node knows of a revocation that was acknowledged at a moment, and says how long that took.
async fn seen(client: Client, lane: usize, told: Instant) -> Duration {
    loop {
        let asked = Instant::now();
        match ask(&client, lane).await {
            Said::Revoked => return told.elapsed(),
            said => assert!(
                said == Said::Valid && asked < told + BEHIND,
                "{said:?}, asked {:?} after the revocation",
                asked - told
            ),
        }
        pause().await;
    }
}

/// Waits for everything at once.
async fn all<T: Send + 'static>(
    work: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    work.collect::<JoinSet<_>>().join_all().await
}

struct Lanes {
    cluster: Cluster,
}

impl Lanes {
    fn node(&self, number: usize) -> &Node {
        &self.cluster.nodes[number]
    }

    fn client(&self, number: usize) -> Client {
        self.node(number).client.clone()
    }

    async fn prepare(&self) {
        let writer = self.client(0);
        all((0..LANES).map(|lane| {
            let writer = writer.clone();
            async move {
                let bucket = bucket(lane);
                writer.bucket(&bucket).await;
                writer.complete(&bucket, "f").await;
                writer.channel(&bucket, "stable", "f").await;
            }
        }))
        .await;
    }

    /// Restores everything, and has each node remember that: all must change their minds.
    async fn restore(&self) {
        let writer = self.client(0);
        all((0..LANES).map(|lane| {
            let writer = writer.clone();
            async move { change(&writer, lane, restoration()).await }
        }))
        .await;
        self.remember().await;
    }

    async fn remember(&self) {
        for node in &self.cluster.nodes {
            let (client, begun) = (node.client.clone(), Instant::now());
            loop {
                let before = node.remembered().await;
                let client = &client;
                let said = all((0..LANES).map(|lane| {
                    let client = client.clone();
                    async move { ask(&client, lane).await }
                }));
                let said = said.await;
                let memory = node.remembered().await - before;
                if memory == LANES as u64 && said.iter().all(|said| *said == Said::Valid) {
                    break;
                }
                assert!(begun.elapsed() < PATIENCE, "{said:?}, {memory} from memory");
                pause().await;
            }
        }
    }

    /// Revokes everything at the first node, and waits until these others know. Gives how long that took,
    /// and when the last was acknowledged.
    async fn revoke(&self, watched: &[usize]) -> (Vec<Duration>, Instant) {
        let revoked = (0..LANES).map(|lane| {
            let writer = self.client(0);
            let watched: Vec<Client> = watched.iter().map(|node| self.client(*node)).collect();
            async move {
                let told = change(&writer, lane, revocation()).await;
                let times = all(watched.into_iter().map(|client| seen(client, lane, told))).await;
                (times, told)
            }
        });
        let revoked = all(revoked).await;
        let last = revoked.iter().map(|(_, told)| *told).max();
        let times = revoked.into_iter().flat_map(|(times, _)| times);
        (times.collect(), last.expect("a revocation"))
    }

    /// What a node says of all lanes to questions that are asked now.
    fn asking(&self, number: usize) -> JoinSet<Said> {
        (0..LANES)
            .map(|lane| {
                let client = self.client(number);
                async move { ask(&client, lane).await }
            })
            .collect()
    }

    /// The third node stops in the middle of everything and goes on later: at once, or when a second has passed.
    async fn stopped(&self, long: bool) -> Vec<Duration> {
        let third = self.node(2);
        third.process.signal("STOP");
        let (times, told) = self.revoke(&[1]).await;
        if long {
            tokio::time::sleep_until((told + BEHIND).into()).await;
        }
        // Asked while it stands, answered as the first thing afterwards.
        let asked = self.asking(2);
        third.process.signal("CONT");
        let said = asked.join_all().await;
        if long {
            assert!(!said.contains(&Said::Valid), "{said:?}");
        }
        all((0..LANES).map(|lane| recovered(self.client(2), lane, told))).await;
        times
    }

    /// The third node loses its database, and gets it back.
    async fn cut(&self, fault: Network) -> Vec<Duration> {
        let network = &self.node(2).network;
        network.set(fault);
        let (times, told) = self.revoke(&[1]).await;
        tokio::time::sleep_until((told + BEHIND).into()).await;
        let said = self.asking(2).join_all().await;
        assert_eq!(said, [Said::Nothing; LANES], "{fault:?}");
        network.set(Network::Passes);
        all((0..LANES).map(|lane| recovered(self.client(2), lane, told))).await;
        times
    }
}

/// Asks until a node answers again; it may refuse for a while, but not be wrong.
async fn recovered(client: Client, lane: usize, told: Instant) {
    let begun = Instant::now();
    loop {
        let asked = Instant::now();
        match ask(&client, lane).await {
            Said::Revoked => return,
            Said::Valid => assert!(asked < told + BEHIND, "a revoked version is given out"),
            Said::Nothing => assert!(begun.elapsed() < PATIENCE, "no recovery"),
        }
        pause().await;
    }
}

/// A transaction that has written, taken numbers of the log and does nothing more, until this is dropped.
struct LongTransaction(diesel::PgConnection);

impl LongTransaction {
    fn begin(cluster: &Cluster) -> Self {
        use diesel::{Connection as _, connection::SimpleConnection as _};
        let network = &cluster.nodes[0].network;
        let url = cluster.machine.database_through(network.port);
        let mut conn = diesel::PgConnection::establish(&url).expect("a connection");
        let begun = conn.batch_execute(
            "CREATE TABLE long_transaction (x INT); BEGIN; INSERT INTO long_transaction VALUES (1); \
             SELECT nextval(pg_get_serial_sequence('events', 'sequence')) FROM generate_series(1, 50)",
        );
        begun.expect("a transaction");
        Self(conn)
    }

    fn end(mut self) {
        use diesel::connection::SimpleConnection as _;
        self.0
            .batch_execute("COMMIT")
            .expect("it was open all the time");
    }
}

/// Prints how long they took.
fn report(phase: &str, mut times: Vec<Duration>) {
    times.sort();
    let (count, median) = (times.len(), times[times.len() / 2]);
    let slowest = times[count - 1];
    println!("{phase}: {count} times seen, median {median:.0?}, slowest {slowest:.0?}");
}

#[tokio::test]
async fn a_revocation_is_seen_by_all_nodes_within_a_second() {
    let _turn = turn().await;
    let rounds = variable("REVOCATION_ROUNDS").and_then(|text| text.parse().ok());
    // Two in five are made while nothing else happens, one in five in each of the other phases.
    let share = rounds.unwrap_or(REVOCATIONS).div_ceil(5 * LANES);
    let Some(cluster) = Cluster::start(3) else {
        return;
    };
    let lanes = Lanes { cluster };
    lanes.prepare().await;
    let mut times = Vec::new();
    for _ in 0..2 * share {
        lanes.remember().await;
        times.extend(lanes.revoke(&[1, 2]).await.0);
        lanes.restore().await;
    }
    report("all well", std::mem::take(&mut times));
    let transaction = LongTransaction::begin(&lanes.cluster);
    for _ in 0..share {
        times.extend(lanes.revoke(&[1, 2]).await.0);
        lanes.restore().await;
    }
    transaction.end();
    report("a long transaction", std::mem::take(&mut times));
    for number in 0..share {
        times.extend(lanes.stopped(number % 2 == 0).await);
        lanes.restore().await;
    }
    report("one node stopped", std::mem::take(&mut times));
    for number in 0..share {
        let faults = [Network::IsCut, Network::Swallows];
        times.extend(lanes.cut(faults[number % 2]).await);
        lanes.restore().await;
    }
    report("one node cut off", times);
}
