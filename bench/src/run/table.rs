//! The numbers of a run, the ratios between them, and the table that shows both.

use std::{fmt, time::Duration};

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::summary::median;

/// One server in one round. Times are microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Side {
    per_second: f64,
    p50: f64,
    p99: f64,
    /// Processor time of the server for one of what is counted; none when it is not known.
    cpu: Option<f64>,
}

impl Side {
    #[expect(clippy::cast_precision_loss, reason = "rates to read")]
    pub(super) fn of(
        count: u64,
        took: Duration,
        (p50, p99): (f64, f64),
        cpu: Option<Duration>,
    ) -> Self {
        Self {
            per_second: count as f64 / took.as_secs_f64(),
            p50,
            p99,
            cpu: cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / count.max(1) as f64),
        }
    }
}

/// One of the numbers.
type Of = fn(&Side) -> f64;

/// Both sides, one after the other.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Round {
    pub(super) registry: Side,
    pub(super) other: Side,
}

/// Something that was measured in several rounds.
#[derive(Debug, Clone)]
pub(super) struct Case {
    name: &'static str,
    /// What it is compared with.
    against: &'static str,
    unit: &'static str,
    rounds: Vec<Round>,
}

impl Case {
    pub(super) fn new((name, against): (&'static str, &'static str), unit: &'static str) -> Self {
        Self {
            name,
            against,
            unit,
            rounds: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, round: Round) {
        self.rounds.push(round);
    }

    fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(of))
    }

    /// The median of the ratios of the rounds: what disturbs a whole round disturbs both sides of it.
    fn ratio(&self, of: Of) -> f64 {
        self.median(|round| of(&round.registry) / of(&round.other))
    }

    fn lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{} ({} rounds, medians)\n",
            self.name,
            self.rounds.len()
        )?;
        writeln!(
            f,
            "| | registry | {} | ratio |\n| --- | ---: | ---: | ---: |",
            self.against
        )?;
        let lines: [(&str, Of); 4] = [
            ("per second", |side| side.per_second),
            ("p50, µs", |side| side.p50),
            ("p99, µs", |side| side.p99),
            ("CPU, µs", |side| side.cpu.unwrap_or(f64::NAN)),
        ];
        for (name, of) in lines {
            let registry = self.median(|round| of(&round.registry));
            let limit = self.median(|round| of(&round.other));
            let ratio = self.ratio(of);
            writeln!(f, "| {name} | {registry:.1} | {limit:.1} | {ratio:.2} |")?;
        }
        Ok(())
    }
}

impl Serialize for Case {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut case = serializer.serialize_struct("Case", 7)?;
        case.serialize_field("name", self.name)?;
        case.serialize_field("against", self.against)?;
        case.serialize_field("unit", self.unit)?;
        case.serialize_field("rate_ratio", &self.ratio(|side| side.per_second))?;
        case.serialize_field("p99_ratio", &self.ratio(|side| side.p99))?;
        case.serialize_field(
            "cpu_ratio",
            &self.ratio(|side| side.cpu.unwrap_or(f64::NAN)),
        )?;
        case.serialize_field("rounds", &self.rounds)?;
        case.end()
    }
}

/// All that a run found out.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    seconds: u32,
    versions: usize,
    /// The most memory that the registry ever had.
    pub(super) registry_kilobytes: u64,
    /// How busy the machine was at the end, as the kernel says it.
    pub(super) load_average: String,
    pub(super) cases: Vec<Case>,
}

impl Report {
    pub(super) fn new(seconds: u32, versions: usize) -> Self {
        Self {
            seconds,
            versions,
            registry_kilobytes: 0,
            load_average: String::new(),
            cases: Vec::new(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} versions, {} s each; memory of the registry at most {} kB; load average {}",
            self.versions, self.seconds, self.registry_kilobytes, self.load_average,
        )?;
        self.cases.iter().try_for_each(|case| case.lines(f))
    }
}
