//! Says entries of a journal to the registry. What has been said already changes nothing, so that an entry may be
//! said again whenever it is not certain that it was heard.

mod begin;

use std::collections::BTreeMap;
use std::sync::Arc;

use touchmark_client::wire::{
    artifact::ArtifactCreateBody,
    build::{Build, BuildStatus, CreateBuildBody, UpdateBuildBody},
    error::Code as Refusal,
    sbom::{SbomFormat, UploadSbomBody},
    version::Version,
};
use touchmark_client::{Error, Page};

use super::entry::{Done, Entry, Header, Parent};
use super::{parent, report};
use crate::exit::Result;
use crate::session::Session;

/// Speaks for one journal.
pub(crate) struct Sender {
    session: Arc<Session>,
    header: Header,
    /// By component, as soon as they have been asked for.
    builds: Option<BTreeMap<String, Known>>,
    /// What was found of a parent: most builds of a version have the same.
    parent: Option<(Parent, parent::Known)>,
}

#[derive(Clone)]
struct Known {
    id: String,
    status: BuildStatus,
}

fn code(error: &Error) -> Option<Refusal> {
    error.refusal().map(|status| status.code)
}

impl Sender {
    /// For a journal about what this says. Nothing is asked for yet.
    pub(crate) const fn new(session: Arc<Session>, header: Header) -> Self {
        Self {
            session,
            header,
            builds: None,
            parent: None,
        }
    }

    /// Says an entry.
    ///
    /// # Errors
    /// With [`crate::exit::Code::Unavailable`] when the registry is away; otherwise it refused.
    pub(crate) async fn send(&mut self, entry: &Entry) -> Result<()> {
        match entry {
            Entry::Begin {
                template_type,
                description,
                bucket_labels,
            } => {
                self.bucket(description, bucket_labels).await?;
                self.version(*template_type).await
            }
            Entry::Build { component } => self.build(component).await.map(|_| ()),
            Entry::Running { component } => self.status(component, BuildStatus::Running).await,
            Entry::Failed { component } => self.status(component, BuildStatus::Failed).await,
            Entry::Cancelled { component } => self.status(component, BuildStatus::Cancelled).await,
            Entry::Sbom {
                component,
                name,
                format,
                compressed,
            } => self.sbom(component, (name, *format, compressed)).await,
            Entry::Done(done) => self.done(done).await,
            Entry::Assign { channel } => self.assign(channel).await,
        }
    }

    /// The components whose builds are done.
    pub(crate) async fn finished(&mut self) -> Result<Vec<String>> {
        let builds = self.known().await?;
        let done = builds
            .iter()
            .filter(|(_, known)| known.status == BuildStatus::Done);
        Ok(done.map(|(component, _)| component.clone()).collect())
    }

    /// The version as it is.
    pub(crate) async fn read(&mut self) -> Result<Version> {
        let client = self.session.scoped().await?;
        let Header {
            bucket,
            fingerprint,
            ..
        } = &self.header;
        Ok(client
            .get_version(bucket, fingerprint)
            .await?
            .version
            .unwrap_or_default())
    }

    async fn known(&mut self) -> Result<&mut BTreeMap<String, Known>> {
        let client = self.session.scoped().await?;
        if self.builds.is_none() {
            let Header {
                bucket,
                fingerprint,
                ..
            } = &self.header;
            let answer = client
                .list_builds(bucket, fingerprint, &Page::default())
                .await?;
            let known = |build: Build| {
                (
                    build.component_type,
                    Known {
                        id: build.id,
                        status: build.status,
                    },
                )
            };
            self.builds = Some(answer.builds.into_iter().map(known).collect());
        }
        Ok(self.builds.get_or_insert_default())
    }

    async fn build(&mut self, component: &str) -> Result<Known> {
        let client = self.session.scoped().await?;
        if let Some(known) = self.known().await?.get(component) {
            return Ok(known.clone());
        }
        let Header {
            bucket,
            fingerprint,
            run_uuid,
            ..
        } = &self.header;
        let body = CreateBuildBody {
            component_type: component.to_owned(),
            packer_run_uuid: run_uuid.clone(),
            status: Some(BuildStatus::Unset),
            ..CreateBuildBody::default()
        };
        match client.create_build(bucket, fingerprint, &body).await {
            Ok(answer) => {
                let build = answer.build.unwrap_or_default();
                let known = Known {
                    id: build.id,
                    status: build.status,
                };
                self.known()
                    .await?
                    .insert(component.to_owned(), known.clone());
                Ok(known)
            }
            Err(error) if code(&error) == Some(Refusal::AlreadyExists) => {
                self.builds = None;
                let known = self.known().await?.get(component).cloned();
                known.ok_or_else(|| error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn update(&mut self, component: &str, body: UpdateBuildBody) -> Result<()> {
        let client = self.session.scoped().await?;
        let known = self.build(component).await?;
        let Header {
            bucket,
            fingerprint,
            run_uuid,
            ..
        } = &self.header;
        let body = UpdateBuildBody {
            packer_run_uuid: run_uuid.clone(),
            ..body
        };
        let answer = client
            .update_build(bucket, fingerprint, &known.id, &body)
            .await?;
        let status = answer.build.map_or(known.status, |build| build.status);
        self.known()
            .await?
            .insert(component.to_owned(), Known { status, ..known });
        Ok(())
    }

    /// A build that is done stays so.
    pub(crate) async fn status(&mut self, component: &str, status: BuildStatus) -> Result<()> {
        if self.build(component).await?.status == BuildStatus::Done {
            return Ok(());
        }
        let body = UpdateBuildBody {
            status: Some(status),
            ..UpdateBuildBody::default()
        };
        self.update(component, body).await
    }

    async fn sbom(
        &mut self,
        component: &str,
        (name, format, compressed): (&str, SbomFormat, &str),
    ) -> Result<()> {
        let client = self.session.scoped().await?;
        let known = self.build(component).await?;
        if known.status == BuildStatus::Done {
            return Ok(());
        }
        let Header {
            bucket,
            fingerprint,
            ..
        } = &self.header;
        let body = UploadSbomBody {
            name: name.to_owned(),
            format: Some(format),
            compressed_sbom: compressed.to_owned(),
        };
        client
            .upload_sbom(bucket, fingerprint, &known.id, &body)
            .await?;
        Ok(())
    }

    async fn parent(&mut self, parent: &Parent) -> Result<parent::Known> {
        if let Some((_, known)) = self.parent.as_ref().filter(|(asked, _)| asked == parent) {
            return Ok(known.clone());
        }
        let known = parent::find(&self.session.scoped().await?, parent).await?;
        self.parent = Some((parent.clone(), known.clone()));
        Ok(known)
    }

    async fn done(&mut self, done: &Done) -> Result<()> {
        let parent = match &done.parent {
            Some(parent) => self.parent(parent).await?,
            None => parent::Known::default(),
        };
        let source = match parent.source(done) {
            source if source.is_empty() => done.source.clone(),
            source => source,
        };
        let images = done.images.iter().map(|image| ArtifactCreateBody {
            external_identifier: image.id.clone(),
            region: image.region.clone(),
        });
        let body = UpdateBuildBody {
            status: Some(BuildStatus::Done),
            platform: done.platform.clone(),
            labels: done.labels.clone(),
            artifacts: Some(images.collect()),
            source_external_identifier: source,
            parent_version_id: parent.version_id,
            parent_channel_id: parent.channel_id,
            metadata: Some(done.metadata.clone()),
            ..UpdateBuildBody::default()
        };
        self.update(&done.component, body).await
    }

    async fn assign(&mut self, channel: &str) -> Result<()> {
        let client = self.session.scoped().await?;
        let Header {
            bucket,
            fingerprint,
            ..
        } = &self.header;
        report::assign(&client, bucket, fingerprint, &[channel.to_owned()]).await
    }
}
