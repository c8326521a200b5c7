//! Packer's data sources: which calls they make, what they read, and where they would crash.

use serde_json::Value;
use touchmark_client::Method;
use touchmark_tests::{Client, TestServer};

use crate::run::text;

/// A data source's client.
pub(crate) struct Reader {
    client: Client,
    project: String,
    now: chrono::DateTime<chrono::Utc>,
}

/// How `hcp-packer-artifact` finds its version.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    Channel(&'a str),
    Fingerprint(&'a str),
}

/// What an artifact is looked up by: platform, region, and perhaps the component type.
pub(crate) type Wanted<'a> = (&'a str, &'a str, Option<&'a str>);

/// An artifact that was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) external_identifier: String,
    pub(crate) build_id: String,
    pub(crate) version_id: String,
    pub(crate) channel_id: String,
    pub(crate) component_type: String,
    pub(crate) labels: Value,
}

impl Reader {
    /// A reader that may read and nothing else, at the server's present time.
    pub(crate) async fn new(server: &TestServer) -> Self {
        let project = &server.project;
        let now = chrono::DateTime::from_timestamp_micros(server.clock.now().micros());
        Self {
            client: server.viewer().await,
            project: format!(
                "organizations/{}/projects/{}",
                project.organization_id, project.id
            ),
            now: now.expect("a time"),
        }
    }

    async fn get(&self, path: &str) -> Result<Value, String> {
        let answer = self.client.send(Method::GET, path, None).await;
        let answer = answer.expect("an answer");
        let body: Value = answer.json().expect("JSON");
        if answer.status == 200 {
            return Ok(body);
        }
        Err(format!("code {}", body["code"]))
    }

    async fn current(&self, path: &str) -> Result<Value, String> {
        self.get(&format!("/packer/2023-01-01/{}{path}", self.project))
            .await
    }

    async fn old(&self, path: &str) -> Result<Value, String> {
        self.get(&format!("/packer/2021-04-30/{}{path}", self.project))
            .await
    }

    async fn channel(&self, bucket: &str, channel: &str) -> Result<Value, String> {
        let path = format!("/buckets/{bucket}/channels/{channel}");
        let body = self.current(&path).await?;
        assert!(body["channel"].is_object(), "the channel is missing");
        Ok(body["channel"].clone())
    }

    /// `hcp-packer-version`: the version and the channel's id.
    pub(crate) async fn version(
        &self,
        bucket: &str,
        channel: &str,
    ) -> Result<(Value, String), String> {
        let channel = self.channel(bucket, channel).await?;
        let version = usable(&channel["version"])?;
        for key in ["author_id", "bucket_name", "fingerprint", "id", "name"] {
            assert!(!text(version, key).is_empty(), "{key} of {version}");
        }
        Ok((version.clone(), text(&channel, "id")))
    }

    /// `hcp-packer-artifact`: the first that fits, in the order in which the server lists them.
    pub(crate) async fn artifact(
        &self,
        bucket: &str,
        by: By<'_>,
        wanted: Wanted<'_>,
    ) -> Result<Found, String> {
        let (version, channel_id) = match by {
            By::Channel(channel) => {
                let channel = self.channel(bucket, channel).await?;
                (channel["version"].clone(), text(&channel, "id"))
            }
            By::Fingerprint(fingerprint) => {
                let path = format!("/buckets/{bucket}/versions/{fingerprint}");
                (self.current(&path).await?["version"].clone(), String::new())
            }
        };
        let (platform, region, component) = wanted;
        for build in usable(&version)?["builds"].as_array().expect("builds") {
            assert!(build.is_object(), "Packer crashes: a build is null");
            let component_type = text(build, "component_type");
            if text(build, "platform") != platform
                || component.is_some_and(|wanted| wanted != component_type)
            {
                continue;
            }
            for artifact in build["artifacts"].as_array().expect("artifacts") {
                assert!(artifact.is_object(), "Packer crashes: an artifact is null");
                if text(artifact, "region") != region {
                    continue;
                }
                assert!(artifact["created_at"].is_string());
                assert!(!text(build, "packer_run_uuid").is_empty());
                return Ok(Found {
                    external_identifier: text(artifact, "external_identifier"),
                    build_id: text(build, "id"),
                    version_id: text(build, "version_id"),
                    channel_id,
                    component_type,
                    labels: build["labels"].clone(),
                });
            }
        }
        Err("no artifact fits".to_owned())
    }

    /// `hcp-packer-iteration`: the iteration and the channel's id.
    pub(crate) async fn iteration(
        &self,
        bucket: &str,
        channel: &str,
    ) -> Result<(Value, String), String> {
        let path = format!("/images/{bucket}/channels/{channel}");
        let body = self.old(&path).await?;
        let iteration = self.valid(&body["channel"]["iteration"])?;
        Ok((iteration, text(&body["channel"], "id")))
    }

    /// `hcp-packer-image` with an iteration's id: the image, its build's and its iteration's id.
    pub(crate) async fn image(
        &self,
        bucket: &str,
        iteration_id: &str,
        (cloud, region): (&str, &str),
    ) -> Result<[String; 3], String> {
        let path = format!("/images/{bucket}/iteration?iteration_id={iteration_id}");
        let body = self.old(&path).await?;
        let iteration = self.valid(&body["iteration"])?;
        for build in iteration["builds"].as_array().expect("builds") {
            for image in build["images"].as_array().expect("images") {
                if text(build, "cloud_provider") == cloud && text(image, "region") == region {
                    return Ok([
                        text(image, "image_id"),
                        text(build, "id"),
                        text(build, "iteration_id"),
                    ]);
                }
            }
        }
        Err("no image fits".to_owned())
    }

    /// The iteration, unless `revoke_at` has passed. An empty text reads as 1970.
    fn valid(&self, iteration: &Value) -> Result<Value, String> {
        if iteration.is_null() {
            return Err("nothing is assigned".to_owned());
        }
        if let Some(revoke_at) = iteration["revoke_at"].as_str() {
            let at = chrono::DateTime::parse_from_rfc3339(revoke_at).expect("a time");
            if at <= self.now {
                return Err("revoked".to_owned());
            }
        }
        assert!(iteration["incremental_version"].is_i64());
        assert!(iteration["complete"].is_boolean());
        assert!(!text(iteration, "bucket_slug").is_empty());
        Ok(iteration.clone())
    }
}

/// The version, unless there is none or it is revoked.
fn usable(version: &Value) -> Result<&Value, String> {
    if version.is_null() {
        return Err("nothing is assigned".to_owned());
    }
    let status = version["status"].as_str();
    if status.expect("Packer crashes: no status") == "VERSION_REVOKED" {
        return Err("revoked".to_owned());
    }
    Ok(version)
}
