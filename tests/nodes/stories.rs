//! Callers behind the balancer write and read at once, as Terraform does, while nodes are restarted.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use touchmark_tests::{Client, Story as _};

use crate::{
    balancer::Balanced,
    cluster::{counted, pause},
    turn,
};

const CALLERS: usize = 3;
/// Rounds of each before the first restart.
const QUIET: usize = 10;
/// Channels that a bucket has at most: its list is to fit on one page.
const MOST: usize = 40;
/// How often a request to make a channel was answered.
const MADE: &str = "touchmark_http_requests_total{method=\"POST\",route=\"/packer/2023-01-01/buckets/{bucket}/channels\"";

fn bucket(caller: usize, number: usize) -> String {
    format!("caller{caller}-{}", number / MOST)
}

/// One round: everything that is written is read at once, one by one and in lists.
async fn round(client: &Client, caller: usize, number: usize) {
    let (bucket, channel, fingerprint) = (
        bucket(caller, number),
        format!("channel{number}"),
        format!("f{number}"),
    );
    if number.is_multiple_of(MOST) {
        client.bucket(&bucket).await;
        let found = client.get_bucket(&bucket).await;
        found.expect("the bucket that was just made");
    }
    client.channel(&bucket, &channel, "").await;
    let list = client.list_channels(&bucket).await.expect("a list");
    let listed = list.channels.iter().any(|listed| listed.name == channel);
    assert!(
        listed,
        "{channel} is not in the list that its maker asks for"
    );
    client.complete(&bucket, &fingerprint).await;
    assert_eq!(client.held(&bucket, "latest").await, fingerprint);
    client.assign(&bucket, &channel, &fingerprint).await;
    assert_eq!(client.held(&bucket, &channel).await, fingerprint);
    let list = client.list_channels(&bucket).await.expect("a list");
    let listed = list.channels.iter().find(|listed| listed.name == channel);
    let version = listed.and_then(|channel| channel.version.as_ref());
    assert_eq!(version.expect("a version").fingerprint, fingerprint);
}

/// Has a node remember what it says of the callers' buckets, until this is over. It may not be there.
async fn resident(client: Client, rounds: Arc<[AtomicUsize]>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::SeqCst) {
        for (caller, round) in rounds.iter().enumerate() {
            let bucket = bucket(caller, round.load(Ordering::SeqCst));
            drop(client.list_channels(&bucket).await);
            drop(client.get_channel(&bucket, "latest").await);
        }
        pause().await;
    }
}

struct Callers {
    over: Arc<AtomicBool>,
    rounds: Arc<[AtomicUsize]>,
    calling: Vec<tokio::task::JoinHandle<()>>,
    residing: Vec<tokio::task::JoinHandle<()>>,
}

impl Callers {
    fn start(balanced: &Balanced) -> Self {
        let over = Arc::<AtomicBool>::default();
        let rounds: Arc<[AtomicUsize]> = (0..CALLERS).map(|_| AtomicUsize::new(0)).collect();
        let calling = (0..CALLERS).map(|caller| {
            // Each with a token and connections of its own.
            let client = balanced.machine.admin();
            let (over, rounds) = (Arc::clone(&over), Arc::clone(&rounds));
            tokio::spawn(async move {
                while !over.load(Ordering::SeqCst) {
                    let number = rounds[caller].load(Ordering::SeqCst);
                    round(&client, caller, number).await;
                    rounds[caller].store(number + 1, Ordering::SeqCst);
                }
            })
        });
        let residing = (0..2).map(|node| {
            let client = balanced.at(node);
            tokio::spawn(resident(client, Arc::clone(&rounds), Arc::clone(&over)))
        });
        Self {
            calling: calling.collect(),
            residing: residing.collect(),
            rounds,
            over,
        }
    }

    /// Waits until each has made so many rounds.
    async fn reach(&self, wanted: usize) {
        let made = |round: &AtomicUsize| round.load(Ordering::SeqCst) >= wanted;
        while !self.rounds.iter().all(made) {
            let ended = self
                .calling
                .iter()
                .any(tokio::task::JoinHandle::is_finished);
            assert!(!ended, "a caller has failed");
            pause().await;
        }
    }

    fn made(&self) -> usize {
        let made = self.rounds.iter().map(|round| round.load(Ordering::SeqCst));
        made.sum()
    }

    async fn end(self) -> usize {
        self.over.store(true, Ordering::SeqCst);
        let made = self.made();
        for task in self.calling.into_iter().chain(self.residing) {
            task.await.expect("a caller that notices nothing");
        }
        made
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_behind_haproxy_read_what_they_wrote_and_notice_no_restart() {
    let _turn = turn().await;
    let Some(mut balanced) = Balanced::start().await else {
        return;
    };
    let callers = Callers::start(&balanced);
    callers.reach(QUIET).await;
    // All come from one address, so one node has had all of them.
    let mut nodes = Vec::new();
    for node in 0..2 {
        nodes.push(counted(&balanced.at(node), MADE).await);
    }
    assert_eq!(
        nodes.iter().filter(|made| **made == 0).count(),
        1,
        "{nodes:?}"
    );
    // Twice each, so that the callers have to move whichever they are on.
    for node in [0, 1, 0, 1] {
        let before = callers.made();
        balanced.restart(node).await;
        assert!(
            callers.made() > before,
            "nobody wrote while node {node} was restarted"
        );
    }
    println!("{} rounds through four restarts", callers.end().await);
}
