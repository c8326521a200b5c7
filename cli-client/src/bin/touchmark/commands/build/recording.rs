//! We record: the version and its builds before Packer starts, their states while it runs, their artifacts when it
//! has ended. All of it goes through the journal, so that nothing is lost when the registry is away.

mod ending;
mod results;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Arguments, Plan};
use crate::exit::{Code, Result};
use crate::output::Report;
use crate::packer::process::{self, Ended, Event};
use crate::packer::stream::{self, Line, Reader};
use crate::record::courier::Courier;
use crate::record::display::{Display, State};
use crate::record::entry::{Entry, Header, Parent};
use crate::record::journal::Journal;
use crate::record::parent;
use crate::record::sender::Sender;
use crate::record::surroundings;
use crate::session::Session;

/// A run of Packer that is being recorded.
struct Recording<'a> {
    plan: &'a Plan,
    arguments: &'a Arguments,
    courier: Courier,
    display: Display,
    reader: Reader,
    /// What the builds are made from.
    parent: Option<Parent>,
    /// By component, as far as Packer has spoken of them.
    states: BTreeMap<String, State>,
}

/// Records a run.
pub(crate) async fn run(
    session: Arc<Session>,
    arguments: &Arguments,
    plan: &Plan,
) -> Result<Report> {
    let run_uuid = uuid::Uuid::new_v4().to_string();
    let header = Header::new(&session, (&plan.bucket, &plan.fingerprint), run_uuid);
    let folder = arguments.journal.clone();
    let folder = folder.unwrap_or_else(|| session.settings.folders.journal());
    let journal = Journal::create(&folder, header.clone())?;
    let sender = Sender::new(Arc::clone(&session), header);
    let beat = Duration::from_secs(arguments.heartbeat);
    let mut recording = Recording {
        plan,
        arguments,
        courier: Courier::start(journal, sender, beat),
        display: Display::new(arguments.message_format, session.terminal),
        reader: Reader::default(),
        parent: plan.parent.clone(),
        states: BTreeMap::new(),
    };
    let done = match recording.begin(&session).await {
        Ok(done) => done,
        Err(failure) => {
            recording.courier.forget()?;
            return Err(failure);
        }
    };
    let ended = recording.follow(&done).await;
    recording.end(&session, ended).await
}

impl Recording<'_> {
    /// Registers version and builds; the components that are done already. A registry that is away does not stop
    /// the build, one that refuses does.
    async fn begin(&mut self, session: &Arc<Session>) -> Result<Vec<String>> {
        let Plan {
            template,
            bucket,
            fingerprint,
            ..
        } = self.plan;
        // Whether there are credentials shows at once, not after an hour.
        session.client()?;
        let block = template.registry.clone().unwrap_or_default();
        self.courier.say(Entry::Begin {
            template_type: template.kind,
            description: block.description,
            bucket_labels: block.bucket_labels,
        })?;
        for component in &template.components {
            self.courier.say(Entry::Build {
                component: component.component_type.clone(),
            })?;
        }
        self.display.note(&format!(
            "Recording with touchmark: bucket {bucket}, fingerprint {fingerprint}, Packer {}",
            self.plan.program.version
        ));
        match self.courier.flush().await {
            Ok(()) => {
                if let Some(parent) = &self.parent {
                    let client = session.scoped().await?;
                    self.parent = Some(parent::pinned(&client, parent).await?);
                }
                self.done_before(session).await
            }
            Err(failure) if failure.is(Code::Unavailable) => {
                self.display.note(&format!(
                    "{}; the build goes on and is recorded later",
                    failure.message
                ));
                Ok(Vec::new())
            }
            Err(failure) => Err(failure),
        }
    }

    async fn done_before(&self, session: &Arc<Session>) -> Result<Vec<String>> {
        let header = self.courier.journal().header.clone();
        let done = Sender::new(Arc::clone(session), header).finished().await;
        // It only saves work.
        let done = done.unwrap_or_default();
        for component in &done {
            self.display.note(&format!("{component} is done already"));
        }
        Ok(done)
    }

    async fn follow(&mut self, done: &[String]) -> Result<Ended> {
        let mut arguments = vec!["build".to_owned(), "-machine-readable".to_owned()];
        arguments.extend(self.except(done));
        arguments.extend(self.plan.packer.all.iter().cloned());
        let environment = [("HCP_PACKER_REGISTRY", "off".to_owned())];
        for component in &self.plan.template.components {
            if !done.contains(&component.component_type) {
                self.display
                    .state(&component.component_type, State::Waiting);
            }
        }
        let program = self.plan.program.path.clone();
        process::follow((&program, &arguments), &environment, |event| {
            self.event(event)
        })
        .await
    }

    /// Leaves out what is done, unless the caller has chosen by themselves.
    fn except(&self, done: &[String]) -> Option<String> {
        let Plan {
            packer, template, ..
        } = self.plan;
        if done.is_empty() || !packer.only.is_empty() || !packer.except.is_empty() {
            return None;
        }
        let components = template.components.iter();
        let components = components.filter(|component| done.contains(&component.component_type));
        let targets: Vec<&str> = components
            .flat_map(|component| &component.targets)
            .map(String::as_str)
            .collect();
        Some(format!("-except={}", targets.join(",")))
    }

    fn event(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Interrupted => self
                .display
                .note("Interrupted: Packer cleans up. Once more ends it at once."),
            Event::Error(text) => self.display.output(None, &text),
            Event::Output(text) => match self.reader.read(&text) {
                Line::Ui(text) => {
                    // What looks like the name of a build may be a word.
                    let known = stream::subject(&text)
                        .and_then(|target| self.plan.template.component(target));
                    let component = known.map(|known| known.component_type.clone());
                    if let Some(component) = &component {
                        self.running(component)?;
                    }
                    self.display.output(component.as_deref(), &text);
                }
                Line::Finished(target) => {
                    let component = self.component(&target);
                    self.running(&component)?;
                    self.set(&component, State::Built);
                }
                Line::Failed(target, problem) => self.failed(&target, &problem)?,
                Line::Artifact(_) | Line::Other => {}
            },
        }
        Ok(())
    }

    /// What the registry calls the build that Packer calls so.
    fn component(&self, target: &str) -> String {
        let known = self.plan.template.component(target);
        known.map_or_else(
            || target.to_owned(),
            |component| component.component_type.clone(),
        )
    }

    fn set(&mut self, component: &str, state: State) {
        self.states.insert(component.to_owned(), state);
        self.display.state(component, state);
    }

    fn running(&mut self, component: &str) -> Result<()> {
        if self.states.contains_key(component) {
            return Ok(());
        }
        self.courier.say(Entry::Running {
            component: component.to_owned(),
        })?;
        self.set(component, State::Running);
        Ok(())
    }

    /// It is said twice: when it happens, and at the end.
    fn failed(&mut self, target: &str, problem: &str) -> Result<()> {
        let component = self.component(target);
        if self.states.get(&component) == Some(&State::Failed) {
            return Ok(());
        }
        self.running(&component)?;
        self.display
            .output(Some(&component), &format!("{component} failed: {problem}"));
        self.courier.say(Entry::Failed {
            component: component.clone(),
        })?;
        self.set(&component, State::Failed);
        Ok(())
    }
}
