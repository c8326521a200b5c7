//! The numbers of the rounds, and the table that shows them.

use std::{fmt, time::Duration};

use serde::Serialize;

use crate::summary::median;

/// One registry in one round.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Round {
    reads_per_second: f64,
    /// Microseconds of processor time of the node that answered, for one read.
    cpu: f64,
    /// Transactions that the database saw while nobody asked for anything, and while it was driven.
    quiet: i64,
    driven: i64,
}

impl Round {
    #[expect(clippy::cast_precision_loss, reason = "rates to read")]
    pub(super) fn of(reads: u64, seconds: u32, cpu: Duration, [quiet, driven]: [i64; 2]) -> Self {
        Self {
            reads_per_second: reads as f64 / f64::from(seconds),
            cpu: cpu.as_secs_f64() * 1e6 / reads.max(1) as f64,
            quiet,
            driven,
        }
    }
}

/// All rounds.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    registries: Vec<Measured>,
}

/// A registry of so many nodes in all rounds.
#[derive(Debug, Serialize)]
struct Measured {
    nodes: usize,
    rounds: Vec<Round>,
    /// Of each round, its processor time divided by that of one node.
    ratios: Vec<f64>,
}

impl Report {
    /// Of registries with so many nodes; each round has one entry for each.
    pub(super) fn new(nodes: &[usize], rounds: Vec<Vec<Round>>) -> Self {
        let mut registries: Vec<Measured> =
            nodes.iter().map(|nodes| Measured::of(*nodes)).collect();
        for round in rounds {
            let one = round.first().map_or(f64::NAN, |one| one.cpu);
            for (registry, round) in registries.iter_mut().zip(round) {
                registry.ratios.push(round.cpu / one);
                registry.rounds.push(round);
            }
        }
        Self { registries }
    }
}

impl Measured {
    fn of(nodes: usize) -> Self {
        Self {
            nodes,
            rounds: Vec::new(),
            ratios: Vec::new(),
        }
    }

    fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(of))
    }
}

impl fmt::Display for Report {
    #[expect(clippy::cast_precision_loss, reason = "few transactions")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| nodes | CPU of a read, µs | ratio to one node | reads a second, all nodes | transactions, quiet | while driven |"
        )?;
        write!(f, "| ---: | ---: | ---: | ---: | ---: | ---: |")?;
        for registry in &self.registries {
            write!(
                f,
                "\n| {} | {:.2} | {:.3} | {:.0} | {:.0} | {:.0} |",
                registry.nodes,
                registry.median(|round| round.cpu),
                median(registry.ratios.iter().copied()),
                registry.median(|round| round.reads_per_second),
                registry.median(|round| round.quiet as f64),
                registry.median(|round| round.driven as f64),
            )?;
        }
        Ok(())
    }
}
