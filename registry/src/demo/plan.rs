//! When what happened: the tables of the company as one list of steps, in the order of time.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::{
    chance::Chance,
    company::{self, Channel, Image, Outcome, Schedule, Target},
    incidents::{INCIDENTS, Incident, Of},
};
use crate::domain::time::Time;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// How long ago the run began that is still under way.
const JUST_NOW: Duration = Duration::from_mins(4);
/// How old a bucket is in which nothing was built yet.
const NEW: Duration = Duration::from_hours(26);

/// A run of Packer, or what stands in for one: it builds a version.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) image: &'static Image,
    /// How many came before it.
    pub(super) number: u32,
    /// How many came after it.
    pub(super) back: usize,
    pub(super) start: Time,
    pub(super) outcome: Option<Outcome>,
}

impl Run {
    /// Names it, for ids that follow from it.
    pub(super) fn seed(&self, what: &str) -> String {
        format!("{}/{}/{what}", self.image.name, self.number)
    }

    /// The fingerprint of its version.
    pub(super) fn fingerprint(&self) -> String {
        Chance::of(&self.seed("fingerprint")).ulid(self.start)
    }

    /// What it builds.
    pub(super) fn targets(&self) -> impl Iterator<Item = Target> {
        let left_out = match self.outcome {
            Some(Outcome::Without(what)) => what,
            _ => "",
        };
        let all = self.image.targets.iter().copied();
        all.filter(move |target| target.platform() != left_out)
    }

    fn is_complete(&self) -> bool {
        matches!(
            self.outcome,
            None | Some(Outcome::Without(_) | Outcome::Retried)
        )
    }
}

/// What is said of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Done,
    Failed,
    Cancelled,
    /// That it runs once more.
    Again,
}

/// Something that happens.
#[derive(Debug)]
pub(super) enum Step {
    /// A bucket is created.
    Bucket(&'static Image),
    /// A channel is created.
    Channel(&'static Image, &'static Channel),
    /// A run begins: there is a version, and builds that run.
    Begin(Arc<Run>),
    /// Something is said of a build, which has this place among those of the run.
    Build(Arc<Run>, usize, Said),
    /// A channel gets the version of a run.
    Assign(Arc<Run>, &'static Channel),
    /// Something else; with the run whose version it is about.
    Incident(&'static Incident, Option<Arc<Run>>),
}

/// All steps up to `now`, in the order of time.
pub(super) fn steps(now: Time) -> Vec<(Time, Step)> {
    let mut plan = Plan {
        now,
        steps: Vec::new(),
        runs: HashMap::new(),
    };
    for image in company::images() {
        plan.image(image);
    }
    for incident in INCIDENTS {
        plan.incident(incident);
    }
    let mut steps = plan.steps;
    steps.retain(|(at, _)| *at <= now);
    steps.sort_by_key(|(at, _)| *at);
    steps
}

struct Plan {
    now: Time,
    steps: Vec<(Time, Step)>,
    /// By bucket and by how many runs came after.
    runs: HashMap<(&'static str, usize), Arc<Run>>,
}

impl Plan {
    fn image(&mut self, image: &'static Image) {
        let runs = runs(image, self.now);
        let created = match runs.first() {
            Some(first) => first.start.before(2 * HOUR),
            None => self.now.before(NEW),
        };
        self.steps.push((created, Step::Bucket(image)));
        for channel in image.channels {
            let at = created.after(5 * MINUTE);
            self.steps.push((at, Step::Channel(image, channel)));
        }
        for run in runs.into_iter().map(Arc::new) {
            self.runs.insert((image.name, run.back), Arc::clone(&run));
            self.run(&run);
        }
    }

    fn run(&mut self, run: &Arc<Run>) {
        self.steps.push((run.start, Step::Begin(Arc::clone(run))));
        let mut chance = Chance::of(&run.seed("minutes"));
        let last = run.targets().count().saturating_sub(1);
        let mut at = run.start;
        for place in 0..=last {
            let said = match run.outcome {
                Some(Outcome::Failed | Outcome::Retried) if place == last => Said::Failed,
                Some(Outcome::Cancelled) if place == last => Said::Cancelled,
                Some(Outcome::Running) if place > 0 => break,
                _ => Said::Done,
            };
            // The run that has just begun has an image that takes but two minutes.
            let minutes = if run.outcome == Some(Outcome::Running) {
                2
            } else {
                5 + chance.below(6)
            };
            at = at.after(minutes * MINUTE);
            self.say(at, (run, place), said);
        }
        if run.outcome == Some(Outcome::Retried) {
            self.say(at.after(40 * MINUTE), (run, last), Said::Again);
            at = at.after(52 * MINUTE);
            self.say(at, (run, last), Said::Done);
        }
        if run.is_complete() {
            self.promote(run, at);
        }
    }

    fn say(&mut self, at: Time, (run, place): (&Arc<Run>, usize), said: Said) {
        let step = Step::Build(Arc::clone(run), place, said);
        self.steps.push((at, step));
    }

    fn promote(&mut self, run: &Arc<Run>, complete: Time) {
        for channel in run.image.channels {
            if run.back >= channel.behind {
                let at = complete.after(channel.after * HOUR);
                let step = Step::Assign(Arc::clone(run), channel);
                self.steps.push((at, step));
            }
        }
    }

    fn incident(&mut self, incident: &'static Incident) {
        let at = self.now.before(incident.hours * HOUR);
        let run = incident.version();
        let run = run.and_then(|Of(bucket, back)| self.runs.get(&(bucket, back)).cloned());
        self.steps.push((at, Step::Incident(incident, run)));
    }
}

/// The runs of an image, the oldest first.
fn runs(image: &'static Image, now: Time) -> Vec<Run> {
    let Some(Schedule { first, every, last }) = image.schedule else {
        return Vec::new();
    };
    let count = (first - last) / every + 1;
    let run = |number: u32| {
        let back = (count - 1 - number) as usize;
        let mut outcomes = image.outcomes.iter();
        let outcome = outcomes.find(|(of, _)| *of == back);
        let outcome = outcome.map(|(_, outcome)| *outcome);
        let mut chance = Chance::of(&format!("{}/{number}/start", image.name));
        // Nobody builds at the same minute each time.
        let later = chance.below(8 * 60) * MINUTE;
        let start = match outcome {
            Some(Outcome::Running) => now.before(JUST_NOW),
            _ => now.before((first - number * every) * DAY).after(later),
        };
        Run {
            image,
            number,
            back,
            start,
            outcome,
        }
    };
    (0..count).map(run).collect()
}
