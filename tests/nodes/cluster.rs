//! Nodes on one database, each with a data folder of its own and a network to the database that can be cut.

use std::time::Duration;

use reqwest::Method;
use touchmark_tests::{Client, Machine, Process, Proxy, TestDatabase};

use crate::skipped;

/// A node.
pub(crate) struct Node {
    pub(crate) process: Process,
    /// Between it and the database.
    pub(crate) network: Proxy,
    /// An admin who always asks this node.
    pub(crate) client: Client,
}

/// Nodes, which end when this is dropped.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Node>,
    pub(crate) machine: Machine,
}

impl Cluster {
    /// So many nodes in plain HTTP; `None` without `PostgreSQL`, which is said.
    pub(crate) fn start(count: usize) -> Option<Self> {
        let Some(address) = TestDatabase::postgres_address() else {
            skipped("several nodes need PostgreSQL, set TEST_DATABASE_URL");
            return None;
        };
        let mut cluster = Self {
            nodes: Vec::new(),
            machine: Machine::new(),
        };
        for number in 0..count {
            cluster.add(number, address.clone());
        }
        Some(cluster)
    }

    fn add(&mut self, number: usize, address: String) {
        let machine = &self.machine;
        let network = Proxy::to(address);
        let folder = match number {
            0 => machine.data_dir(),
            _ => machine.another_data_dir(&format!("node{number}")),
        };
        let (database, folder) = (
            machine.database_through(network.port),
            folder.display().to_string(),
        );
        let process = machine.serve(&[
            "--plain-http",
            "--workers",
            "1",
            "--database",
            &database,
            "--data-dir",
            &folder,
        ]);
        let client = machine.admin_at(&process.url);
        self.nodes.push(Node {
            process,
            network,
            client,
        });
    }
}

impl Node {
    /// How many requests it has answered from memory.
    pub(crate) async fn remembered(&self) -> u64 {
        counted(&self.client, "touchmark_http_answers_from_memory_total ").await
    }
}

/// The sum of all values in a node's metrics whose lines begin like this.
pub(crate) async fn counted(client: &Client, beginning: &str) -> u64 {
    let answer = client.send(Method::GET, "/metrics", None).await;
    let body = answer.expect("metrics").body;
    let text = String::from_utf8(body).expect("text");
    let lines = text.lines().filter(|line| line.starts_with(beginning));
    let values = lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok());
    values.sum()
}

/// Lets something be until it is tried again.
pub(crate) async fn pause() {
    tokio::time::sleep(Duration::from_millis(15)).await;
}
