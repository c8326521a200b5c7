//! What is read often costs the database nothing.

use std::time::{Duration, Instant};

use touchmark_tests::Story as _;

use crate::{
    cluster::{Cluster, Node, pause},
    turn,
};

const READS: u64 = 1_000;
/// How long it is looked at what a node asks its database when nobody asks anything.
const QUIET: Duration = Duration::from_secs(3);
/// A statement is longer than this with the answer to it: so much says that a transaction has begun.
const STATEMENT: u64 = 30;

/// What goes between a node and its database in a second in which nobody asks for anything.
async fn quiet(node: &Node) -> f64 {
    let before = node.network.carried();
    tokio::time::sleep(QUIET).await;
    bytes(node.network.carried() - before) / QUIET.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "a few kilobytes")]
fn bytes(count: u64) -> f64 {
    count as f64
}

#[tokio::test]
async fn the_database_hears_nothing_of_what_is_answered_from_memory() {
    let _turn = turn().await;
    let Some(cluster) = Cluster::start(3) else {
        return;
    };
    let first = &cluster.nodes[0].client;
    first.bucket("alpine").await;
    first.complete("alpine", "f").await;
    for node in &cluster.nodes {
        let before = node.remembered().await;
        while node.remembered().await == before {
            assert_eq!(node.client.held("alpine", "latest").await, "f");
            pause().await;
        }
        let quiet = quiet(node).await;
        // What a node wrote itself it meets once more in the log, and looks up once more.
        assert_eq!(node.client.held("alpine", "latest").await, "f");
        let (before, carried, begun) = (
            node.remembered().await,
            node.network.carried(),
            Instant::now(),
        );
        for _ in 0..READS {
            assert_eq!(node.client.held("alpine", "latest").await, "f");
        }
        let (took, carried) = (begun.elapsed(), node.network.carried() - carried);
        assert_eq!(node.remembered().await - before, READS);
        // The log is read all the time, and there are jobs now and then. One statement for one read in ten
        // would be more than that.
        let most = bytes(READS * STATEMENT / 10) + 1.5 * quiet * took.as_secs_f64();
        println!(
            "{READS} reads in {took:?}: {carried} bytes to and from the database, quiet {quiet:.0} a second"
        );
        assert!(bytes(carried) < most, "{carried} of {most}");
    }
}
