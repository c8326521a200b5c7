//! From what the store knows to what the wire shows.

use touchmark_wire::{
    ancestry::AncestryStatus,
    artifact::Artifact,
    bucket::{Bucket, BucketChildren, BucketParents},
    build::{Build, BuildMetadata, BuildStatus},
    channel::Channel,
    location::Location,
    operation::{Operation, OperationState},
    pagination::PaginationResponse,
    paths,
    version::{
        RevocationType, RevokedAncestor, TemplateType, Version, VersionParents, VersionStatus,
    },
};

use crate::{
    domain::{ancestry::Freshness, build, revocation::Revocation, time::Time, version},
    ops::Access,
    state::State,
    store::{
        Page, operations,
        organizations::Project,
        views::{BucketView, BuildView, ChannelView, VersionView},
    },
};

/// Where and when something is shown.
#[derive(Clone)]
pub(super) struct Shown<'a> {
    pub(super) project: &'a Project,
    pub(super) now: Time,
}

/// Whether a build's metadata is shown: only where one build or version is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Metadata {
    Shown,
    LeftOut,
}

impl<'a> Shown<'a> {
    /// In the project of a request, now.
    pub(super) fn of(state: &State, access: &'a Access) -> Self {
        Self {
            project: &access.project,
            now: state.clock.now(),
        }
    }

    pub(super) fn location(&self) -> Location {
        Location {
            organization_id: self.project.organization_id.clone(),
            project_id: self.project.id.clone(),
            region: None,
        }
    }

    fn scope(&self) -> paths::Scope<'_> {
        paths::Scope::new(&self.project.organization_id, &self.project.id)
    }

    fn ancestry_href(&self, bucket: &str, kind: &str) -> String {
        format!(
            "{}?type=ANCESTRY_TYPE_{kind}",
            self.scope().bucket_ancestry(bucket)
        )
    }

    pub(super) fn bucket(&self, view: BucketView) -> Bucket {
        let bucket = view.bucket;
        let href = |kind| self.ancestry_href(&bucket.name, kind);
        Bucket {
            children: view.children.map(|status| BucketChildren {
                href: href("CHILDREN"),
                status: freshness(status),
            }),
            parents: view.parents.map(|status| BucketParents {
                href: href("PARENTS"),
                status: freshness(status),
            }),
            created_at: Some(bucket.created_at.into()),
            latest_version: view
                .latest
                .map(|latest| self.version(latest, Metadata::LeftOut)),
            location: Some(self.location()),
            resource_name: format!(
                "packer/project/{}/bucket/{}",
                bucket.project_id, bucket.name
            ),
            updated_at: Some(bucket.updated_at.into()),
            version_count: bucket.version_count,
            labels: bucket.labels.pairs().clone(),
            platforms: bucket.platforms.0,
            description: bucket.description,
            id: bucket.id,
            name: bucket.name,
        }
    }

    pub(super) fn version(&self, view: VersionView, metadata: Metadata) -> Version {
        let status = version_status(view.status(self.now));
        let href = format!(
            "{}&version_fingerprint={}",
            self.ancestry_href(&view.bucket_name, "PARENTS"),
            view.version.fingerprint,
        );
        let revocation = view.revocation;
        let text = |of: fn(&Revocation) -> &String| revocation.as_ref().map(of).cloned();
        Version {
            author_id: view.version.author_id.clone(),
            builds: view
                .builds
                .into_iter()
                .map(|build| build_of(build, metadata))
                .collect(),
            created_at: Some(view.version.created_at.into()),
            has_descendants: view.has_descendants,
            name: view.version.name(),
            parents: view.parents.map(|status| VersionParents {
                href,
                status: freshness(status),
            }),
            revocation_author: text(|r| &r.author_id).unwrap_or_default(),
            revocation_inherited_from: revocation.as_ref().and_then(|r| self.inherited_from(r)),
            revocation_message: text(|r| &r.message).unwrap_or_default(),
            revocation_type: revocation_type(revocation.as_ref()),
            revoke_at: revocation.map(|revocation| revocation.revoke_at.into()),
            status,
            template_type: template_type(view.version.template_type),
            updated_at: Some(view.version.updated_at.into()),
            bucket_name: view.bucket_name,
            fingerprint: view.version.fingerprint,
            id: view.version.id,
        }
    }

    fn inherited_from(&self, revocation: &Revocation) -> Option<RevokedAncestor> {
        let (bucket, fingerprint) = (
            &revocation.source_bucket_name,
            &revocation.source_fingerprint,
        );
        (!revocation.own()).then(|| RevokedAncestor {
            bucket_name: bucket.clone(),
            href: self.scope().version(bucket, fingerprint),
            version_fingerprint: fingerprint.clone(),
            version_id: revocation.source_id.clone(),
            version_name: revocation.source_version_name.clone(),
        })
    }

    pub(super) fn channel(&self, view: ChannelView) -> Channel {
        let channel = view.channel;
        Channel {
            author_id: channel.author_id,
            bucket_name: view.bucket_name,
            created_at: Some(channel.created_at.into()),
            id: channel.id,
            managed: channel.managed,
            name: channel.name,
            restricted: channel.restricted,
            updated_at: Some(channel.updated_at.into()),
            version: view
                .version
                .map(|version| self.version(version, Metadata::LeftOut)),
        }
    }

    pub(super) fn operation(&self, operation: operations::Operation) -> Operation {
        Operation {
            created_at: Some(operation.created_at.into()),
            error: None,
            id: operation.id,
            link: None,
            location: Some(self.location()),
            response: None,
            state: OperationState::Done,
            updated_at: Some(operation.created_at.into()),
        }
    }
}

pub(super) fn build_of(view: BuildView, metadata: Metadata) -> Build {
    let build = view.build;
    let shown = build.metadata.filter(|_| metadata == Metadata::Shown);
    Build {
        artifacts: view
            .artifacts
            .into_iter()
            .map(|artifact| Artifact {
                created_at: Some(artifact.created_at.into()),
                external_identifier: artifact.external_identifier,
                id: artifact.id,
                region: artifact.region,
            })
            .collect(),
        component_type: build.component_type,
        created_at: Some(build.created_at.into()),
        id: build.id,
        labels: build.labels.pairs().clone(),
        metadata: shown.and_then(|json| serde_json::from_str::<BuildMetadata>(&json).ok()),
        packer_run_uuid: build.packer_run_uuid,
        platform: build.platform,
        source_external_identifier: build.source_external_identifier,
        status: build_status(build.status),
        updated_at: Some(build.updated_at.into()),
        version_id: build.version_id,
    }
}

pub(super) fn freshness(freshness: Freshness) -> AncestryStatus {
    match freshness {
        Freshness::UpToDate => AncestryStatus::UpToDate,
        Freshness::OutOfDate => AncestryStatus::OutOfDate,
        Freshness::Undetermined => AncestryStatus::Undetermined,
    }
}

pub(super) fn version_status(status: version::VersionStatus) -> VersionStatus {
    match status {
        version::VersionStatus::Running => VersionStatus::Running,
        version::VersionStatus::Cancelled => VersionStatus::Cancelled,
        version::VersionStatus::Failed => VersionStatus::Failed,
        version::VersionStatus::Incomplete => VersionStatus::Incomplete,
        version::VersionStatus::Active => VersionStatus::Active,
        version::VersionStatus::RevocationScheduled => VersionStatus::RevocationScheduled,
        version::VersionStatus::Revoked => VersionStatus::Revoked,
    }
}

pub(super) fn revocation_type(revocation: Option<&Revocation>) -> RevocationType {
    match revocation {
        None => RevocationType::Unset,
        Some(revocation) if revocation.own() => RevocationType::Manual,
        Some(_) => RevocationType::Inherited,
    }
}

pub(super) fn template_type(template_type: version::TemplateType) -> TemplateType {
    match template_type {
        version::TemplateType::Unset => TemplateType::Unset,
        version::TemplateType::Hcl2 => TemplateType::Hcl2,
        version::TemplateType::Json => TemplateType::Json,
    }
}

/// The template type that a body names, if it names one.
pub(super) fn template_type_of(named: Option<TemplateType>) -> version::TemplateType {
    match named.unwrap_or_default() {
        TemplateType::Unset => version::TemplateType::Unset,
        TemplateType::Hcl2 => version::TemplateType::Hcl2,
        TemplateType::Json => version::TemplateType::Json,
    }
}

fn build_status(status: build::BuildStatus) -> BuildStatus {
    match status {
        build::BuildStatus::Unset => BuildStatus::Unset,
        build::BuildStatus::Running => BuildStatus::Running,
        build::BuildStatus::Done => BuildStatus::Done,
        build::BuildStatus::Cancelled => BuildStatus::Cancelled,
        build::BuildStatus::Failed => BuildStatus::Failed,
    }
}

/// The tokens of a page.
pub(super) fn pagination<T>(page: &Page<T>) -> PaginationResponse {
    PaginationResponse {
        next_page_token: page.next.clone(),
        previous_page_token: page.previous.clone(),
    }
}
