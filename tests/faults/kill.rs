//! `kill -9` under load, again and again on the same data.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use touchmark_registry::domain::time::Clock;
use touchmark_tests::{Client, Machine, invariants, variable};

use crate::writer::Writer;

/// How often, when nothing else is said.
const ROUNDS: usize = 30;
const WRITERS: usize = 4;
/// The process lives for so many milliseconds of load, at least and at most.
const LIFE: (u64, u64) = (20, 800);

/// Writes until the process is killed after so long; gives what was acknowledged.
async fn load(client: &Client, round: usize, kill: impl FnOnce(), life: Duration) -> Vec<Writer> {
    let writing: Vec<_> = (0..WRITERS)
        .map(|number| {
            let client = client.clone();
            let mut writer = Writer::new(format!("round{round}-{number}"));
            tokio::spawn(async move {
                writer.write(&client).await;
                writer
            })
        })
        .collect();
    // The moment is the fault: there is nothing to wait for.
    tokio::time::sleep(life).await;
    kill();
    let mut written = Vec::new();
    for writer in writing {
        written.push(writer.await.expect("a writer that does not panic"));
    }
    written
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_acknowledged_is_lost_when_the_process_is_killed() {
    let rounds = variable("KILL_ROUNDS").and_then(|text| text.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS);
    let machine = Machine::new();
    let random = RandomState::new();
    let mut acknowledged = 0;
    let mut last: Vec<Writer> = Vec::new();
    for round in 0..=rounds {
        let server = machine.serve(&["--plain-http"]);
        let client = machine.admin();
        // With its token, so that the load begins at once.
        client.get_registry().await.expect("a registry");
        for writer in &last {
            writer
                .check(&client)
                .await
                .expect("what was acknowledged, whole");
        }
        if round == rounds {
            break;
        }
        let span = LIFE.1 - LIFE.0;
        let life = Duration::from_millis(LIFE.0 + random.hash_one(round) % span);
        last = load(&client, round, || server.signal("KILL"), life).await;
        assert_eq!(server.ended().code, None, "it was killed");
        acknowledged += last.iter().map(|writer| writer.acknowledged).sum::<usize>();
        let store = machine.store();
        let wrong = invariants::violations(&store, Clock::System.now()).await;
        assert!(wrong.is_empty(), "round {round}: {wrong:#?}");
    }
    println!("{rounds} rounds, {acknowledged} acknowledged writes, none lost");
    assert!(acknowledged > rounds, "hardly anything was written");
}
