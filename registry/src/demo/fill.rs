//! Walks through time from the beginning of the story to now, and does what happened by the operations of the
//! registry, each at its moment.

mod builds;
mod incidents;

use std::{collections::HashMap, sync::Arc};

use super::{
    company::{Channel, Image, Mover, RELEASE},
    people::People,
    plan::{Run, Step},
};
use crate::{
    domain::{channel::ChannelChange, time::Time},
    error::Result,
    ops::{Access, buckets, channels},
    state::State,
};
use builds::Recorded;

/// Does what happened.
pub(super) struct Fill<'a> {
    state: &'a State,
    people: People,
    recorded: HashMap<(&'static str, u32), Recorded>,
    /// Runs by the version that each made.
    by_version: HashMap<String, Arc<Run>>,
    /// Ids of enforced blocks, by name.
    blocks: HashMap<&'static str, String>,
}

impl<'a> Fill<'a> {
    /// Into a registry whose clock stands where the story begins.
    pub(super) fn new(state: &'a State, people: People) -> Self {
        Self {
            state,
            people,
            recorded: HashMap::new(),
            by_version: HashMap::new(),
            blocks: HashMap::new(),
        }
    }

    /// Does all of it, and gives the people back.
    pub(super) async fn all(mut self, steps: Vec<(Time, Step)>) -> Result<People> {
        for (at, step) in steps {
            let clock = &self.state.clock;
            clock.advance(clock.now().until(at));
            self.one(step).await?;
        }
        Ok(self.people)
    }

    async fn one(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Bucket(image) => self.bucket(image).await,
            Step::Channel(image, channel) => self.channel(image, channel).await,
            Step::Begin(run) => self.begin(run).await,
            Step::Build(run, place, said) => self.build(&run, place, said).await,
            Step::Assign(run, channel) => {
                let mover = mover(run.image, channel);
                self.assign(&run, channel.name, mover).await
            }
            Step::Incident(incident, run) => self.incident(incident, run).await,
        }
    }

    fn access(&mut self, name: &str) -> Result<Arc<Access>> {
        self.people.access(name, self.state)
    }

    async fn bucket(&mut self, image: &Image) -> Result<()> {
        let access = self.access(image.team.ci)?;
        let labels = [("team", image.team.name), ("os", image.os)];
        let create = buckets::Create {
            name: image.name.to_owned(),
            description: image.description.to_owned(),
            labels: labels
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        };
        buckets::create(self.state, access, create).await.map(drop)
    }

    async fn channel(&mut self, image: &Image, channel: &Channel) -> Result<()> {
        let access = self.access(image.team.owner)?;
        let create = channels::Create {
            name: channel.name.to_owned(),
            restricted: channel.restricted,
            fingerprint: String::new(),
        };
        let created = channels::create(self.state, access, image.name.to_owned(), create);
        created.await.map(drop)
    }

    async fn assign(&mut self, run: &Run, channel: &str, who: &str) -> Result<()> {
        let access = self.access(who)?;
        let place = (run.image.name.to_owned(), channel.to_owned());
        let change = ChannelChange {
            assign: Some(Some(run.fingerprint())),
            restricted: None,
        };
        let assigned = channels::update(self.state, access, place, change);
        assigned.await.map(drop)
    }
}

const fn mover(image: &Image, channel: &Channel) -> &'static str {
    match channel.mover {
        Mover::Release => RELEASE,
        Mover::Owner => image.team.owner,
    }
}
