//! Random sequences of operations, done to a real server and to a model of its rules: after each step both
//! must agree, and what holds in every database must hold.
//!
//! `PROPTEST_CASES` says how many sequences are tried, `PROPTEST_RNG_SEED` which.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of tests that cannot go on has failed"
)]

mod forecast;
mod model;
mod operation;
mod player;
mod revocations;
mod rules;
mod seen;

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner},
};
use touchmark_tests::{invariants, variable};

use crate::{model::Model, operation::Operation, player::Player};

/// Sequences when nothing else is said.
const CASES: u32 = 16;
/// Where they begin when nothing else is said: every run tries the same.
const SEED: u64 = 20_261_121;

async fn play(operations: &[Operation]) -> Result<(), TestCaseError> {
    let mut player = Player::start().await;
    let store = player.server.state.store.clone();
    let store = &store;
    let mut model = Model::default();
    let mut known = BTreeMap::new();
    for (step, operation) in operations.iter().enumerate() {
        let here = format!("step {step}, {operation:?}");
        let before = (model.clone(), invariants::last_event(store).await);
        let foretold = model.apply(operation);
        let came = player.perform(operation, &before.0, &mut model).await;
        if let Operation::Advance(_) = operation {
            player.sign_in_again();
        }
        prop_assert_eq!(&came, &foretold, "what was answered, at {}", here);
        if came.is_err() {
            let last = invariants::last_event(store).await;
            prop_assert_eq!(before.1, last, "a refusal that left an event, at {}", here);
        }
        // What should not have changed is looked at in the end: that is most of it.
        let mut expected = seen::expected(&model);
        let all: BTreeSet<String> = expected.keys().chain(known.keys()).cloned().collect();
        let changed = all
            .into_iter()
            .filter(|name| known.get(name) != expected.get(name));
        let changed: BTreeSet<String> = changed.collect();
        known.clone_from(&expected);
        expected.retain(|name, _| changed.contains(name));
        let seen = if changed.is_empty() {
            BTreeMap::new()
        } else {
            player.look(&changed).await
        };
        prop_assert_eq!(seen, expected, "what is there, at {}", here);
        let wrong = invariants::findings(store, player.server.clock.now()).await;
        prop_assert!(wrong.is_empty(), "{wrong:?}, at {here}");
    }
    let wrong = invariants::violations(store, player.server.clock.now()).await;
    prop_assert!(wrong.is_empty(), "{wrong:?}, in the end");
    let all = operation::BUCKETS.map(str::to_owned).into();
    prop_assert_eq!(player.look(&all).await, known, "what is there in the end");
    Ok(())
}

/// How many sequences are wanted, and where they begin.
fn wanted() -> (u64, u64) {
    let number = |name| variable(name).and_then(|text| text.parse().ok());
    let cases = number("PROPTEST_CASES").unwrap_or(u64::from(CASES));
    let seed = number("PROPTEST_RNG_SEED").unwrap_or(SEED);
    (cases, seed)
}

/// Tries so many cases, on one thread.
fn try_all<S: Strategy>(
    (cases, seed): (u64, u64),
    strategy: &S,
    play: impl AsyncFn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config {
        cases: u32::try_from(cases).expect("a number of cases"),
        rng_seed: RngSeed::Fixed(seed),
        // Each is a server with a database.
        max_shrink_iters: 400,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "properties/regressions.txt",
        ))),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let tried = TestRunner::new(config).run(strategy, |drawn| runtime.block_on(play(drawn)));
    if let Err(found) = tried {
        panic!("{found}");
    }
}

#[test]
fn the_registry_does_what_a_model_of_its_rules_foretells() {
    let (cases, seed) = wanted();
    println!("{cases} sequences from PROPTEST_RNG_SEED={seed}");
    try_all((cases, seed), &operation::sequences(), async |drawn| {
        let operations: Vec<Operation> = drawn.into_iter().flatten().collect();
        play(&operations).await
    });
}

#[test]
fn the_preview_of_a_revocation_shows_what_happens() {
    let (cases, seed) = wanted();
    println!("{cases} worlds from PROPTEST_RNG_SEED={seed}");
    try_all((cases, seed), &forecast::cases(), forecast::play);
}
