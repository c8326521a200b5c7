//! Writes the event log: who changed what, and what it is now.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Access, Tx};
use crate::domain::revocation::Revocation;
use crate::{
    domain::{id, time::Time},
    error::{Error, Result},
    store::{
        Conn,
        artifacts::Artifact,
        buckets::Bucket,
        builds::Build,
        channels::Channel,
        events::{self, NewEvent},
        revocations,
        sboms::Sbom,
        versions::Version,
    },
};

/// The resource that an event is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource<'a> {
    pub(super) kind: &'static str,
    pub(super) id: &'a str,
    pub(super) name: &'a str,
}

/// The form of payloads; a reader of a later form must still read this one.
#[derive(Serialize)]
struct Payload<'a, T: Serialize> {
    v: u8,
    after: Option<&'a T>,
}

/// Where and when something happened.
pub(super) struct Place<'a> {
    pub(super) access: &'a Access,
    /// Empty when it is about the organization.
    pub(super) project_id: &'a str,
    pub(super) bucket_id: &'a str,
    pub(super) revision: i64,
    pub(super) at: Time,
}

impl<'a> Place<'a> {
    /// In a locked bucket, at the moment that the lock gave.
    pub(super) fn bucket(access: &'a Access, bucket: &'a Bucket) -> Self {
        let Bucket {
            id,
            revision,
            changed_at,
            ..
        } = bucket;
        Self {
            access,
            project_id: &access.project.id,
            bucket_id: id,
            revision: *revision,
            at: *changed_at,
        }
    }

    /// In a project, outside any bucket.
    pub(super) fn project(access: &'a Access, at: Time) -> Self {
        Self {
            access,
            project_id: &access.project.id,
            bucket_id: "",
            revision: 0,
            at,
        }
    }

    /// In the organization, outside any project.
    pub(super) fn organization(access: &'a Access, at: Time) -> Self {
        Self {
            project_id: "",
            ..Self::project(access, at)
        }
    }

    /// Appends an event; `after` is the resource as it is now, `None` when it is gone.
    pub(super) fn record<T: Serialize>(
        &self,
        conn: &mut Conn,
        action: &'static str,
        resource: Resource<'a>,
        after: Option<&T>,
    ) -> Result<()> {
        events::append(conn, &self.event(action, resource, after)?)
    }

    /// The event that [`Place::record`] appends.
    pub(super) fn event<T: Serialize>(
        &self,
        action: &'static str,
        resource: Resource<'a>,
        after: Option<&T>,
    ) -> Result<NewEvent<'a>> {
        let payload = serde_json_canonicalizer::to_string(&Payload { v: 1, after })
            .map_err(Error::internal)?;
        let digest = hex(&Sha256::digest(payload.as_bytes()));
        let Access { actor, project, .. } = self.access;
        Ok(NewEvent {
            id: id::ulid(self.at),
            organization_id: &project.organization_id,
            project_id: self.project_id,
            bucket_id: self.bucket_id,
            revision: self.revision,
            actor_kind: &actor.kind,
            actor_id: &actor.id,
            actor_name: &actor.name,
            request_id: &actor.request_id,
            at: self.at,
            action,
            resource_kind: resource.kind,
            resource_id: resource.id,
            resource_name: resource.name,
            payload,
            digest,
        })
    }
}

/// Bytes as text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

impl Tx<'_> {
    /// Notes what happened to the bucket itself; `gone` when it was deleted.
    pub(super) fn bucket_event(
        &mut self,
        action: &'static str,
        bucket: &Bucket,
        after: Option<&Bucket>,
    ) -> Result<()> {
        let resource = Resource {
            kind: "bucket",
            id: &bucket.id,
            name: &bucket.name,
        };
        Place::bucket(self.access, bucket).record(self.conn, action, resource, after)
    }

    /// Notes what happened to a version of the bucket.
    pub(super) fn version_event(
        &mut self,
        action: &'static str,
        bucket: &Bucket,
        version: &Version,
        after: &VersionState<'_>,
    ) -> Result<()> {
        let resource = Resource {
            kind: "version",
            id: &version.id,
            name: &version.fingerprint,
        };
        let revocations = match after.version {
            Some(_) => revocations::all_of(self.conn, &version.id)?,
            None => Vec::new(),
        };
        let after = after.version.map(|_| WholeVersion {
            state: after,
            revocations: &revocations,
        });
        Place::bucket(self.access, bucket).record(self.conn, action, resource, after.as_ref())
    }

    /// Notes what happened to a version, other than by a revocation: those that it has are known.
    pub(super) fn open_version_event(
        &mut self,
        action: &'static str,
        bucket: &Bucket,
        version: &Version,
        revocations: &[Revocation],
    ) -> Result<()> {
        let resource = Resource {
            kind: "version",
            id: &version.id,
            name: &version.fingerprint,
        };
        let after = WholeVersion {
            state: &VersionState::of(version),
            revocations,
        };
        Place::bucket(self.access, bucket).record(self.conn, action, resource, Some(&after))
    }

    /// Notes what happened to a build of the bucket.
    pub(super) fn build_event(
        &mut self,
        action: &'static str,
        bucket: &Bucket,
        build: &Build,
        after: Option<&BuildState<'_>>,
    ) -> Result<()> {
        let resource = Resource {
            kind: "build",
            id: &build.id,
            name: &build.component_type,
        };
        Place::bucket(self.access, bucket).record(self.conn, action, resource, after)
    }

    /// Notes what happened to an SBOM of a build of the bucket.
    pub(super) fn sbom_event(
        &mut self,
        action: &'static str,
        bucket: &Bucket,
        after: &SbomState<'_>,
    ) -> Result<()> {
        let resource = Resource {
            kind: "sbom",
            id: &after.sbom.id,
            name: &after.sbom.name,
        };
        Place::bucket(self.access, bucket).record(self.conn, action, resource, Some(after))
    }

    /// Notes what happened to a channel of the bucket.
    pub(super) fn channel_event(
        &mut self,
        action: &'static str,
        bucket: &Bucket,
        channel: &Channel,
        after: Option<&Channel>,
    ) -> Result<()> {
        let resource = Resource {
            kind: "channel",
            id: &channel.id,
            name: &channel.name,
        };
        Place::bucket(self.access, bucket).record(self.conn, action, resource, after)
    }
}

/// A version as events show it; without the version it is gone.
#[derive(Serialize, Default)]
pub(super) struct VersionState<'a> {
    #[serde(flatten)]
    pub(super) version: Option<&'a Version>,
    /// The revocation that this is about, or the one that decides since another went.
    pub(super) revocation: Option<&'a Revocation>,
    /// Whether descendants that existed then did not inherit it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) spares_descendants: bool,
}

/// A version as events show it, with every revocation that it has, its own and inherited.
#[derive(Serialize)]
pub(super) struct WholeVersion<'a> {
    #[serde(flatten)]
    pub(super) state: &'a VersionState<'a>,
    pub(super) revocations: &'a [Revocation],
}

impl<'a> VersionState<'a> {
    /// A version that is not revoked, or whose revocation is not what happened.
    pub(super) fn of(version: &'a Version) -> Self {
        Self {
            version: Some(version),
            ..Self::default()
        }
    }
}

/// A build as events show it.
#[derive(Serialize)]
pub(super) struct BuildState<'a> {
    #[serde(flatten)]
    pub(super) build: &'a Build,
    pub(super) artifacts: &'a [Artifact],
}

/// An SBOM as events show it: which document it names, not the document.
#[derive(Serialize)]
pub(super) struct SbomState<'a> {
    #[serde(flatten)]
    pub(super) sbom: &'a Sbom,
    pub(super) size: i64,
}
