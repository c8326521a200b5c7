//! The beginning of a recording: the bucket and the version.

use std::collections::BTreeMap;

use touchmark_client::wire::{
    bucket::{Bucket, CreateBucketBody, UpdateBucketBody},
    error::Code as Refusal,
    version::{CreateVersionBody, TemplateType},
};

use super::{Sender, code};
use crate::exit::{Code, Failure, Result};
use crate::record::entry::Header;
use crate::words;

impl Sender {
    pub(super) async fn bucket(
        &mut self,
        description: &str,
        labels: &BTreeMap<String, String>,
    ) -> Result<()> {
        let client = self.session.scoped().await?;
        let name = &self.header.bucket;
        let bucket = match client.get_bucket(name).await {
            Ok(answer) => answer.bucket.unwrap_or_default(),
            Err(error) if code(&error) == Some(Refusal::NotFound) => {
                let body = CreateBucketBody {
                    name: name.clone(),
                    description: description.to_owned(),
                    labels: labels.clone(),
                };
                return match client.create_bucket(&body).await {
                    Err(error) if code(&error) == Some(Refusal::AlreadyExists) => Ok(()),
                    other => other.map(|_| ()).map_err(Failure::from),
                };
            }
            Err(error) => return Err(error.into()),
        };
        let Some(body) = difference(&bucket, description, labels) else {
            return Ok(());
        };
        client.update_bucket(name, &body).await?;
        Ok(())
    }

    pub(super) async fn version(&mut self, template_type: TemplateType) -> Result<()> {
        let client = self.session.scoped().await?;
        let Header {
            bucket,
            fingerprint,
            ..
        } = &self.header;
        let version = match client.get_version(bucket, fingerprint).await {
            Ok(answer) => answer.version.unwrap_or_default(),
            Err(error) if code(&error) == Some(Refusal::Aborted) => {
                let body = CreateVersionBody {
                    fingerprint: fingerprint.clone(),
                    template_type: Some(template_type),
                };
                return match client.create_version(bucket, &body).await {
                    // Another process came first.
                    Err(error) if code(&error) == Some(Refusal::AlreadyExists) => Ok(()),
                    other => other.map(|_| ()).map_err(Failure::from),
                };
            }
            Err(error) => return Err(error.into()),
        };
        let shown = format!("fingerprint {fingerprint} of bucket {bucket}");
        if words::is_complete(&version) {
            return Err(Failure::new(
                Code::Conflict,
                format!("{shown} is complete: it is version {}", version.name),
            )
            .hint("give another one with --fingerprint, or none for a new one"));
        }
        let kinds = [version.template_type, template_type];
        if !kinds.contains(&TemplateType::Unset) && version.template_type != template_type {
            let problem = format!(
                "{shown} was begun with a template of type {}",
                version.template_type
            );
            return Err(
                Failure::new(Code::Conflict, problem).hint("give another one with --fingerprint")
            );
        }
        Ok(())
    }
}

fn difference(
    bucket: &Bucket,
    description: &str,
    labels: &BTreeMap<String, String>,
) -> Option<UpdateBucketBody> {
    let description = (!description.is_empty() && description != bucket.description)
        .then(|| description.to_owned());
    let labels = (!labels.is_empty() && *labels != bucket.labels).then(|| labels.clone());
    (description.is_some() || labels.is_some()).then(|| UpdateBucketBody {
        description,
        labels,
        ..UpdateBucketBody::default()
    })
}
