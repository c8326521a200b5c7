//! Callers behind the balancer write and read at once, as Terraform does, while nodes are restarted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use touchmark_tests::{
    Client, Error, RUN, done,
    wire::{
        bucket::CreateBucketBody,
        build::{BuildStatus, CreateBuildBody},
        channel::{Channel, CreateChannelBody, UpdateChannelBody},
        version::{CreateVersionBody, TemplateType},
    },
};

use crate::{
    balancer::Balanced,
    cluster::{counted, pause},
    turn,
};

const CALLERS: usize = 3;
/// How often somebody asks a node for what the callers change.
const RESIDENT: Duration = Duration::from_millis(100);
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
async fn round(client: &Client, caller: usize, number: usize) -> Result<(), Error> {
    let (bucket, channel, fingerprint) = (
        bucket(caller, number),
        format!("channel{number}"),
        format!("f{number}"),
    );
    if number.is_multiple_of(MOST) {
        let body = CreateBucketBody {
            name: bucket.clone(),
            ..CreateBucketBody::default()
        };
        client.create_bucket(&body).await?;
        client.get_bucket(&bucket).await?;
    }
    let body = CreateChannelBody {
        name: channel.clone(),
        ..CreateChannelBody::default()
    };
    client.create_channel(&bucket, &body).await?;
    let listed = listed(client, &bucket, &channel).await?;
    assert_eq!(listed.expect("the channel in the list").version, None);
    complete(client, &bucket, &fingerprint).await?;
    let latest = client.get_channel(&bucket, "latest").await?.channel;
    assert_eq!(held(latest), fingerprint);
    let body = UpdateChannelBody {
        update_mask: Some("versionFingerprint".to_owned()),
        version_fingerprint: fingerprint.clone(),
        restricted: false,
    };
    client.update_channel(&bucket, &channel, &body).await?;
    let assigned = client.get_channel(&bucket, &channel).await?.channel;
    assert_eq!(held(assigned), fingerprint);
    let listed = self::listed(client, &bucket, &channel).await?;
    assert_eq!(held(listed), fingerprint);
    Ok(())
}

/// A channel as it stands in the list of all.
async fn listed(client: &Client, bucket: &str, name: &str) -> Result<Option<Channel>, Error> {
    let list = client.list_channels(bucket).await?.channels;
    Ok(list.into_iter().find(|channel| channel.name == name))
}

fn held(channel: Option<Channel>) -> String {
    let version = channel.and_then(|channel| channel.version);
    version.expect("a version").fingerprint
}

/// A version with one build that is done.
async fn complete(client: &Client, bucket: &str, fingerprint: &str) -> Result<(), Error> {
    let version = CreateVersionBody {
        fingerprint: fingerprint.to_owned(),
        template_type: Some(TemplateType::Hcl2),
    };
    client.create_version(bucket, &version).await?;
    let build = CreateBuildBody {
        component_type: "amazon-ebs.base".to_owned(),
        packer_run_uuid: RUN.to_owned(),
        status: Some(BuildStatus::Unset),
        ..CreateBuildBody::default()
    };
    let build = client.create_build(bucket, fingerprint, &build).await?;
    let id = build.build.expect("the build").id;
    let done = done(fingerprint);
    client.update_build(bucket, fingerprint, &id, &done).await?;
    Ok(())
}

/// Makes rounds until this is over; says how many were given up, since the nodes said that the database did
/// not answer in time: the machine may have too much to do. Nothing else is excused.
async fn call(
    client: Client,
    caller: usize,
    progress: (Arc<[AtomicUsize]>, Arc<AtomicBool>),
) -> usize {
    let (rounds, over) = progress;
    let (mut given_up, mut number) = (0, 0);
    while !over.load(Ordering::SeqCst) {
        match round(&client, caller, number).await {
            Ok(()) => {
                rounds[caller].fetch_add(1, Ordering::SeqCst);
                number += 1;
            }
            Err(Error::Refused {
                http_status: 503, ..
            }) => {
                given_up += 1;
                // In a new bucket, since it is not known what became of the last step.
                number = (number / MOST + 1) * MOST;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    given_up
}

/// Has a node remember what it says of the callers' buckets, until this is over. It may not be there.
async fn resident(client: Client, rounds: Arc<[AtomicUsize]>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::SeqCst) {
        for (caller, round) in rounds.iter().enumerate() {
            let bucket = bucket(caller, round.load(Ordering::SeqCst));
            drop(client.list_channels(&bucket).await);
            drop(client.get_channel(&bucket, "latest").await);
        }
        tokio::time::sleep(RESIDENT).await;
    }
}

struct Callers {
    over: Arc<AtomicBool>,
    rounds: Arc<[AtomicUsize]>,
    calling: Vec<tokio::task::JoinHandle<usize>>,
    residing: Vec<tokio::task::JoinHandle<()>>,
}

impl Callers {
    fn start(balanced: &Balanced) -> Self {
        let over = Arc::<AtomicBool>::default();
        let rounds: Arc<[AtomicUsize]> = (0..CALLERS).map(|_| AtomicUsize::new(0)).collect();
        let calling = (0..CALLERS).map(|caller| {
            // Each with a token and connections of its own.
            let client = balanced.machine.admin();
            let progress = (Arc::clone(&rounds), Arc::clone(&over));
            tokio::spawn(call(client, caller, progress))
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
    async fn reach(&self, balanced: &Balanced, wanted: usize) {
        let made = |round: &AtomicUsize| round.load(Ordering::SeqCst) >= wanted;
        while !self.rounds.iter().all(made) {
            let ended = self
                .calling
                .iter()
                .any(tokio::task::JoinHandle::is_finished);
            assert!(!ended, "a caller has failed: {}", balanced.noticed());
            pause().await;
        }
    }

    fn made(&self) -> usize {
        let made = self.rounds.iter().map(|round| round.load(Ordering::SeqCst));
        made.sum()
    }

    async fn end(self) {
        self.over.store(true, Ordering::SeqCst);
        let (made, mut given_up) = (self.made(), 0);
        for task in self.calling {
            given_up += task.await.expect("a caller that notices nothing");
        }
        for task in self.residing {
            task.await.expect("somebody who asks");
        }
        println!("{made} rounds, {given_up} given up since the database did not answer");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_behind_haproxy_read_what_they_wrote_and_notice_no_restart() {
    let _turn = turn().await;
    let Some(mut balanced) = Balanced::start().await else {
        return;
    };
    let callers = Callers::start(&balanced);
    callers.reach(&balanced, QUIET).await;
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
            "nobody wrote while node {node} was restarted: {}",
            balanced.noticed()
        );
    }
    callers.end().await;
}
