//! The sentences of a journal. Each can be said again without changing anything.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use touchmark_client::wire::{build::BuildMetadata, sbom::SbomFormat, version::TemplateType};

use crate::packer::artifacts::Image;
use crate::session::Session;

/// What a journal is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The form of the journal: 1.
    pub(crate) v: u32,
    /// The address of the registry.
    pub(crate) url: String,
    /// The project, by name or id; empty for the only one.
    pub(crate) project: String,
    /// The bucket.
    pub(crate) bucket: String,
    /// The fingerprint of the version.
    pub(crate) fingerprint: String,
    /// The UUID of the run.
    pub(crate) run_uuid: String,
    /// When it began, in RFC 3339.
    pub(crate) begun_at: String,
}

impl Header {
    /// A journal that begins now, about this version in the registry that is meant.
    pub(crate) fn new(
        session: &Session,
        (bucket, fingerprint): (&str, &str),
        run_uuid: String,
    ) -> Self {
        Self {
            v: 1,
            url: session.settings.get("url").unwrap_or_default().to_owned(),
            project: session.project().to_owned(),
            bucket: bucket.to_owned(),
            fingerprint: fingerprint.to_owned(),
            run_uuid,
            begun_at: now(),
        }
    }
}

/// This moment, in RFC 3339.
#[expect(clippy::disallowed_methods, reason = "a command has no other clock")]
pub(crate) fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// Something to be said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(crate) enum Entry {
    /// There is this version, in a bucket with these properties.
    Begin {
        /// The language of the template.
        template_type: TemplateType,
        /// Of the bucket; empty for no change.
        description: String,
        /// Of the bucket; empty for no change.
        bucket_labels: BTreeMap<String, String>,
    },
    /// It has this build.
    Build {
        /// What it builds.
        component: String,
    },
    /// That began.
    Running {
        /// What it builds.
        component: String,
    },
    /// That failed.
    Failed {
        /// What it builds.
        component: String,
    },
    /// That was given up.
    Cancelled {
        /// What it builds.
        component: String,
    },
    /// That has this bill of materials.
    Sbom {
        /// What it builds.
        component: String,
        /// The name of the document.
        name: String,
        /// What it is written in.
        format: SbomFormat,
        /// The document, zstd and base64.
        compressed: String,
    },
    /// That is done.
    Done(Box<Done>),
    /// This channel is to hold the version, once that is complete.
    Assign {
        /// The channel.
        channel: String,
    },
}

/// What a build ended with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Done {
    /// What it builds.
    pub(crate) component: String,
    /// Such as `aws`.
    pub(crate) platform: String,
    /// Of the build.
    pub(crate) labels: BTreeMap<String, String>,
    /// The images.
    pub(crate) images: Vec<Image>,
    /// What they were made from, or empty.
    pub(crate) source: String,
    /// Which version that is, if it is to be recorded.
    pub(crate) parent: Option<Parent>,
    /// How it was built.
    pub(crate) metadata: BuildMetadata,
}

/// What a build was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Parent {
    /// What a channel held.
    Channel {
        /// The bucket.
        bucket: String,
        /// The channel.
        channel: String,
        /// When it was asked for, in RFC 3339.
        at: String,
    },
    /// This version.
    Version {
        /// The bucket.
        bucket: String,
        /// Its fingerprint.
        fingerprint: String,
        /// Its ULID.
        version_id: String,
        /// ULID of the channel that held it.
        channel_id: String,
    },
    /// The version that has an artifact with this id.
    Artifact {
        /// The id.
        id: String,
    },
}

impl Entry {
    /// Notes in `running` whether the build that it is about goes on after it.
    pub(crate) fn note(&self, running: &mut BTreeSet<String>) {
        let Some(component) = self.component() else {
            return;
        };
        match self {
            Self::Running { .. } => running.insert(component.to_owned()),
            Self::Failed { .. } | Self::Cancelled { .. } | Self::Done(_) => {
                running.remove(component)
            }
            Self::Begin { .. } | Self::Build { .. } | Self::Sbom { .. } | Self::Assign { .. } => {
                false
            }
        };
    }

    /// The build that it is about, if it is about one.
    pub(crate) fn component(&self) -> Option<&str> {
        match self {
            Self::Begin { .. } | Self::Assign { .. } => None,
            Self::Build { component }
            | Self::Running { component }
            | Self::Failed { component }
            | Self::Cancelled { component }
            | Self::Sbom { component, .. } => Some(component),
            Self::Done(done) => Some(&done.component),
        }
    }
}
