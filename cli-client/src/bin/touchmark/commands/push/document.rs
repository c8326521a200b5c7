//! The document that describes a version: its form is documented in `deploy/examples/push.md`, and all other sources
//! are turned into it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use touchmark_client::wire::version::TemplateType;

use crate::completion::{Named, names};
use crate::exit::{Context, Failure, Result};
use crate::output::Report;
use crate::packer::artifacts::Image;
use crate::record::entry::{Done, Entry, Parent};
use crate::record::sbom;
use crate::record::surroundings;

/// Characters of a fingerprint that is made from the content; the registry takes 40.
const FINGERPRINT: usize = 40;

/// A version that was built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Document {
    /// The bucket.
    pub(crate) bucket: String,
    /// Of the version; from the content if empty.
    pub(crate) fingerprint: String,
    /// Of the bucket.
    pub(crate) description: String,
    /// Of the bucket.
    pub(crate) bucket_labels: BTreeMap<String, String>,
    /// Those that are to hold the version.
    pub(crate) channels: Vec<String>,
    /// UUID of the run; a new one if empty.
    pub(crate) run_uuid: String,
    /// What built it, such as `{"name": "mkosi", "version": "22"}`.
    pub(crate) builder: Value,
    /// At least one.
    pub(crate) builds: Vec<BuildDocument>,
}

/// A build of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BuildDocument {
    /// What it builds, such as `mkosi.debian`; unique in the version.
    pub(crate) component_type: String,
    /// Such as `aws`.
    pub(crate) platform: String,
    /// Of the build.
    pub(crate) labels: BTreeMap<String, String>,
    /// At least one.
    pub(crate) artifacts: Vec<ArtifactDocument>,
    /// What it was made from, by its id.
    pub(crate) source_external_identifier: String,
    /// The version that is, as a channel.
    pub(crate) parent: Option<ParentDocument>,
    /// CycloneDX or SPDX documents in JSON, as paths.
    pub(crate) sboms: Vec<PathBuf>,
}

/// An artifact of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ArtifactDocument {
    /// Its id.
    pub(crate) external_identifier: String,
    /// Where it is; may be empty.
    pub(crate) region: String,
}

/// A channel that held the parent, or an artifact of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ParentDocument {
    /// The bucket.
    pub(crate) bucket: String,
    /// The channel; `latest` if empty.
    pub(crate) channel: String,
    /// Instead of both, the id of an artifact.
    pub(crate) artifact: String,
}

/// What something is made from, as flags.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ParentFlags {
    /// What it is made from: what this channel holds now [default channel: latest]
    #[arg(
        long,
        value_name = "BUCKET[:CHANNEL]",
        conflicts_with = "parent_artifact",
        add = names(Named::ChannelAddress)
    )]
    parent: Option<String>,
    /// What it is made from: the version that has this artifact
    #[arg(long, value_name = "ID")]
    parent_artifact: Option<String>,
}

impl ParentFlags {
    /// The parent that they name.
    pub(crate) fn named(&self) -> Option<ParentDocument> {
        if let Some(id) = &self.parent_artifact {
            return Some(ParentDocument {
                artifact: id.clone(),
                ..ParentDocument::default()
            });
        }
        let text = self.parent.as_ref()?;
        let (bucket, channel) = text.split_once(':').unwrap_or((text, ""));
        Some(ParentDocument {
            bucket: bucket.to_owned(),
            channel: channel.to_owned(),
            artifact: String::new(),
        })
    }
}

impl ParentDocument {
    /// The parent, as asked for at this moment.
    pub(crate) fn at(&self, at: &str) -> Parent {
        if !self.artifact.is_empty() {
            return Parent::Artifact {
                id: self.artifact.clone(),
            };
        }
        let channel = if self.channel.is_empty() {
            "latest"
        } else {
            &self.channel
        };
        Parent::Channel {
            bucket: self.bucket.clone(),
            channel: channel.to_owned(),
            at: at.to_owned(),
        }
    }
}

impl Document {
    /// Checks what the registry would refuse only after half of it has been said.
    ///
    /// # Errors
    /// A usage failure that names the place.
    pub(crate) fn check(&self) -> Result<()> {
        let missing = |what: &str| Failure::usage(format!("{what} is missing"));
        if self.bucket.is_empty() {
            return Err(missing("the bucket").hint("name it with --bucket"));
        }
        if self.builds.is_empty() {
            return Err(missing("builds: at least one"));
        }
        for (at, build) in self.builds.iter().enumerate() {
            let place = |what: &str| missing(&format!("builds[{at}].{what}"));
            if build.component_type.is_empty() {
                return Err(place("component_type"));
            }
            if build.platform.is_empty() {
                return Err(place("platform"));
            }
            let ids = build
                .artifacts
                .iter()
                .map(|artifact| &artifact.external_identifier);
            if ids.clone().count() == 0 || ids.clone().any(String::is_empty) {
                return Err(place(
                    "artifacts: each with an external_identifier, at least one",
                ));
            }
            let same = self
                .builds
                .iter()
                .filter(|other| other.component_type == build.component_type);
            if same.count() > 1 {
                let problem = format!(
                    "builds[{at}].component_type {} is there twice",
                    build.component_type
                );
                return Err(Failure::usage(problem));
            }
        }
        Ok(())
    }

    /// The fingerprint that is given, or the one that follows from the content.
    pub(crate) fn fingerprint(&self) -> Result<String> {
        if !self.fingerprint.is_empty() {
            return Ok(self.fingerprint.clone());
        }
        // Neither who holds it later nor how it is described makes it another build.
        let content = Self {
            bucket: self.bucket.clone(),
            builds: self.builds.clone(),
            ..Self::default()
        };
        let text =
            serde_json::to_vec(&content).context(|| "the document cannot be read".to_owned())?;
        let mut digest = format!("{:x}", Sha256::digest(text));
        digest.truncate(FINGERPRINT);
        Ok(digest)
    }

    /// What would be recorded, as a document that can be pushed as it is.
    pub(crate) fn report(&self) -> Result<Report> {
        let document = Self {
            fingerprint: self.fingerprint()?,
            ..self.clone()
        };
        let text = serde_json::to_string_pretty(&document);
        let text = text.context(|| "the document cannot be written".to_owned())?;
        Report::new(&document, text)
    }

    /// The UUID of the run that is given, or a new one.
    pub(crate) fn run_uuid(&self) -> String {
        match uuid::Uuid::try_parse(&self.run_uuid) {
            Ok(uuid) => uuid.to_string(),
            Err(_) => uuid::Uuid::new_v4().to_string(),
        }
    }

    /// What is to be said; `at` is when parents are asked for.
    pub(crate) fn entries(&self, at: &str) -> Result<Vec<Entry>> {
        let mut entries = vec![Entry::Begin {
            template_type: TemplateType::Unset,
            description: self.description.clone(),
            bucket_labels: self.bucket_labels.clone(),
        }];
        // All of them first: the version is complete as soon as all that are known are done.
        for build in &self.builds {
            entries.push(Entry::Build {
                component: build.component_type.clone(),
            });
        }
        for build in &self.builds {
            let component = build.component_type.clone();
            entries.push(Entry::Running {
                component: component.clone(),
            });
            for path in &build.sboms {
                let document = sbom::Document::read(path)?;
                entries.push(document.entry(&component));
            }
            entries.push(Entry::Done(Box::new(self.done(build, at))));
        }
        let channels = self.channels.iter();
        entries.extend(channels.map(|channel| Entry::Assign {
            channel: channel.clone(),
        }));
        Ok(entries)
    }

    fn done(&self, build: &BuildDocument, at: &str) -> Done {
        let images = build.artifacts.iter().map(|artifact| Image {
            region: artifact.region.clone(),
            id: artifact.external_identifier.clone(),
        });
        let mut metadata = surroundings::metadata("", &Value::Null);
        metadata.packer = if self.builder.is_null() {
            json!({})
        } else {
            self.builder.clone()
        };
        Done {
            component: build.component_type.clone(),
            platform: build.platform.clone(),
            labels: build.labels.clone(),
            images: images.collect(),
            source: build.source_external_identifier.clone(),
            parent: build.parent.as_ref().map(|parent| parent.at(at)),
            metadata,
        }
    }
}
