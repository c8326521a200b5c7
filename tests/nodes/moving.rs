//! A caller who comes from another node.

use touchmark_tests::Story as _;

use crate::{
    cluster::{Cluster, pause},
    turn,
};

const MOVES: usize = 25;

/// What they wrote at one node they find at the other, however soon they come, and also where the other
/// node has an older answer in memory that it still gives to those who know of nothing.
#[tokio::test]
async fn a_caller_who_comes_from_another_node_reads_what_they_wrote_there() {
    let _turn = turn().await;
    let Some(cluster) = Cluster::start(2) else {
        return;
    };
    let [first, second] = [0, 1].map(|number| &cluster.nodes[number]);
    first.client.bucket("alpine").await;
    first.client.complete("alpine", "f0").await;
    first.client.channel("alpine", "stable", "").await;
    let mut older = 0;
    for number in 1..=MOVES {
        let (before, now) = (format!("f{}", number - 1), format!("f{number}"));
        first.client.complete("alpine", &now).await;
        first.client.assign("alpine", "stable", &before).await;
        // Somebody else has made the second node remember it.
        let known = second.remembered().await;
        while second.remembered().await == known {
            second.client.held("alpine", "stable").await;
            pause().await;
        }
        let mover = cluster.machine.admin_at(&second.process.url);
        first.client.assign("alpine", "stable", &now).await;
        older += usize::from(second.client.held("alpine", "stable").await != now);
        // The first question tells the node who asks; the second could be answered from memory.
        let registry = mover.get_registry().await;
        registry.expect("an answer");
        assert_eq!(mover.held("alpine", "stable").await, now);
    }
    println!("{MOVES} moves, {older} times the node had an older answer in memory");
}
