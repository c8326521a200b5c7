//! Two nodes on one `PostgreSQL` are restarted one after the other under load.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use touchmark_registry::domain::time::Clock;
use touchmark_tests::{Client, Error, Machine, Process, Story, TestDatabase, invariants};

use crate::{skipped, writer::Writer};

const WRITERS: usize = 2;
const READERS: usize = 2;
/// How often each node is restarted.
const RESTARTS: usize = 2;
/// A client goes to and fro so often before it says that nobody answers.
const ATTEMPTS: usize = 8;

/// A port that is free now; nothing else takes it while nodes come and go.
fn port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Where a node lives: its port and its data folder.
struct Place {
    port: u16,
    arguments: Vec<String>,
}

impl Place {
    fn start(&self, machine: &Machine) -> Process {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        machine.serve_at(&format!("127.0.0.1:{}", self.port), &arguments)
    }
}

/// Whether another node may know better: this one is not there, or is on its way out.
fn elsewhere(error: &Error) -> bool {
    match error {
        Error::Transport(_) => true,
        Error::Refused { http_status, .. } => *http_status == 503,
        _ => false,
    }
}

/// A client of both nodes that goes to the other one when one does not answer.
#[derive(Clone)]
struct Balanced([Client; 2]);

impl Balanced {
    async fn held(&self, first: usize) -> String {
        for attempt in 0..ATTEMPTS {
            let client = &self.0[(first + attempt) % 2];
            match client.get_channel("alpine", "latest").await {
                Ok(answer) => {
                    let version = answer.channel.and_then(|channel| channel.version);
                    return version
                        .map(|version| version.fingerprint)
                        .unwrap_or_default();
                }
                Err(error) => assert!(elsewhere(&error), "{error:?}"),
            }
        }
        panic!("no node answers a read");
    }

    /// The next step of a writer. When the answer got lost, the other node is asked what became of it.
    async fn step(&self, writer: &mut Writer, first: usize) {
        for attempt in 0..ATTEMPTS {
            let client = &self.0[(first + attempt) % 2];
            match writer.next(client).await {
                Ok(()) => return,
                Err(error) => assert!(elsewhere(&error), "{error:?}"),
            }
            let before = writer.acknowledged;
            writer.catch_up(self.alive().await).await;
            if writer.acknowledged > before {
                return;
            }
        }
        panic!("no node takes a write");
    }

    async fn alive(&self) -> &Client {
        for client in self.0.iter().cycle().take(ATTEMPTS) {
            if client.get_registry().await.is_ok() {
                return client;
            }
        }
        panic!("no node answers");
    }
}

struct Load {
    ended: Arc<AtomicBool>,
    writing: Vec<tokio::task::JoinHandle<Writer>>,
    reading: Vec<tokio::task::JoinHandle<usize>>,
}

impl Load {
    fn start(nodes: &Balanced) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let writing = (0..WRITERS).map(|number| {
            let (nodes, ended) = (nodes.clone(), ended.clone());
            let mut writer = Writer::new(format!("writer{number}"));
            tokio::spawn(async move {
                while !ended.load(Ordering::SeqCst) {
                    nodes.step(&mut writer, number).await;
                }
                writer
            })
        });
        let reading = (0..READERS).map(|number| {
            let (nodes, ended) = (nodes.clone(), ended.clone());
            tokio::spawn(async move {
                let mut count = 0;
                while !ended.load(Ordering::SeqCst) {
                    assert_eq!(nodes.held(number + count).await, "f");
                    count += 1;
                }
                count
            })
        });
        Self {
            writing: writing.collect(),
            reading: reading.collect(),
            ended,
        }
    }

    /// Ends it: no read failed, and all that was acknowledged is there.
    async fn end(self, client: &Client) {
        self.ended.store(true, Ordering::SeqCst);
        let (mut reads, mut written) = (0, 0);
        for reader in self.reading {
            reads += reader.await.expect("reads that do not fail");
        }
        for task in self.writing {
            let writer = task.await.expect("writes that get through");
            let whole = writer.check(client).await;
            whole.expect("what was acknowledged, whole");
            written += writer.acknowledged;
        }
        println!("{reads} reads and {written} writes through the restarts");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_are_restarted_one_after_the_other_are_not_noticed() {
    if !TestDatabase::is_postgres() {
        skipped("two nodes need PostgreSQL, set TEST_DATABASE_URL");
        return;
    }
    let machine = Machine::new();
    let arguments = ["--plain-http", "--shutdown-grace", "10s"].map(str::to_owned);
    let first = Place {
        port: port(),
        arguments: arguments.to_vec(),
    };
    let mut nodes = vec![first.start(&machine)];
    let credentials = machine.admin();
    // The second node has a folder of its own with the same master key.
    let folder = machine.another_data_dir("second");
    let mut arguments = arguments.to_vec();
    arguments.extend(["--data-dir".to_owned(), folder.display().to_string()]);
    let places = [
        first,
        Place {
            port: port(),
            arguments,
        },
    ];
    nodes.push(places[1].start(&machine));
    credentials.bucket("alpine").await;
    credentials.complete("alpine", "f").await;

    let clients = [0, 1].map(|node| machine.admin_at(&nodes[node].url));
    let load = Load::start(&Balanced(clients.clone()));
    for _ in 0..RESTARTS {
        for node in 0..2 {
            let old = nodes.remove(node);
            let ended = tokio::task::spawn_blocking(move || old.terminated()).await;
            assert_eq!(ended.expect("a node that ends").code, Some(0));
            let new = tokio::task::block_in_place(|| places[node].start(&machine));
            nodes.insert(node, new);
            // As a balancer does: the next one goes when this one is ready.
            while clients[node].get_registry().await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    load.end(&clients[0]).await;
    let wrong = invariants::violations(&machine.store(), Clock::System.now()).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}
