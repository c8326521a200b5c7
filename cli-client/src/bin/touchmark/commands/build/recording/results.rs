//! What the builds left behind, when Packer has ended.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Recording, State, surroundings};
use crate::exit::{Failure, Result};
use crate::label;
use crate::packer::artifacts::{self, Hints};
use crate::packer::stream::Output;
use crate::record::entry::{Done, Entry};
use crate::record::sbom::Document;

impl Recording<'_> {
    /// Says of each build that went well what it left behind.
    ///
    /// # Errors
    /// When a build left nothing, or a document cannot be read; the others are said all the same.
    pub(super) fn results(&mut self, stopped: bool) -> Result<()> {
        let outputs = std::mem::take(&mut self.reader).outputs();
        let outputs: BTreeMap<String, Vec<Output>> = outputs
            .into_iter()
            .map(|(target, outputs)| (self.component(&target), outputs))
            .collect();
        let mut problem = Ok(());
        let mut documents = match self.documents(&outputs) {
            Ok(documents) => documents,
            Err(failure) => {
                problem = Err(failure);
                BTreeMap::new()
            }
        };
        let metadata =
            surroundings::metadata(&self.plan.program.version, &self.plan.packer.options());
        let labels = self.labels();
        for (component, outputs) in outputs {
            if self.states.get(&component) == Some(&State::Failed) {
                continue;
            }
            self.running(&component)?;
            let found = artifacts::recorded(&outputs, &self.hints(&component));
            if found.images.is_empty() {
                if !stopped && problem.is_ok() {
                    problem = Err(Failure::plain(format!(
                        "{component} left no artifact behind"
                    )));
                }
                continue;
            }
            for document in documents.remove(&component).unwrap_or_default() {
                self.courier.say(document.entry(&component))?;
            }
            let mut labels = labels.clone();
            labels.extend(found.labels);
            let done = Done {
                component: component.clone(),
                platform: found.platform,
                labels,
                images: found.images,
                source: found.source,
                parent: self.parent.clone(),
                metadata: metadata.clone(),
            };
            self.display.built(&done);
            self.courier.say(Entry::Done(Box::new(done)))?;
            self.set(&component, State::Done);
        }
        problem
    }

    fn hints(&self, component: &str) -> Hints {
        let known = self.plan.template.component(component);
        let given = self.arguments.region.clone();
        let Some(known) = known else {
            let builder_type = component.split('.').next().unwrap_or_default().to_owned();
            return Hints {
                builder_type,
                region: given.unwrap_or_default(),
                source: String::new(),
            };
        };
        Hints {
            builder_type: known.builder_type.clone(),
            region: given.unwrap_or_else(|| known.region().to_owned()),
            source: known.source().to_owned(),
        }
    }

    /// Those of the template, the commit, and those of the command line.
    fn labels(&self) -> BTreeMap<String, String> {
        let block = self.plan.template.registry.clone().unwrap_or_default();
        let mut labels = block.build_labels;
        let commit = surroundings::commit(Path::new(&self.plan.packer.template));
        labels.extend(commit.map(|commit| ("git_sha".to_owned(), commit)));
        labels.extend(label::map(&self.arguments.labels));
        labels
    }

    /// The documents of each build. One that names no build belongs to the only one.
    fn documents(
        &self,
        outputs: &BTreeMap<String, Vec<Output>>,
    ) -> Result<BTreeMap<String, Vec<Document>>> {
        let mut documents: BTreeMap<String, Vec<Document>> = BTreeMap::new();
        for text in &self.arguments.sboms {
            let known = |name: &str| outputs.contains_key(name) || self.states.contains_key(name);
            let (component, file) = match text.split_once('=') {
                Some((name, file)) => (self.component(name), file),
                None => match outputs.keys().collect::<Vec<_>>().as_slice() {
                    [only] => ((*only).clone(), text.as_str()),
                    _ => {
                        return Err(Failure::usage(format!("of which build is {text}?"))
                            .hint("--sbom BUILD=FILE, such as file.notes=sbom.json"));
                    }
                },
            };
            if !known(&component) {
                return Err(Failure::usage(format!(
                    "{component} of --sbom {text} was not built"
                )));
            }
            documents
                .entry(component)
                .or_default()
                .push(Document::read(Path::new(file))?);
        }
        Ok(documents)
    }
}
