//! What a run does before it builds.

use serde_json::{Value, json};
use touchmark_client::Method;

use crate::run::{Packer, Release, Reply, Slot, send, text};

impl Packer {
    /// Steps 1 to 5: bucket, version, builds, enforced blocks. An error is why Packer aborts.
    pub(crate) async fn prepare(&self, components: &[&str]) -> Result<Vec<Slot>, String> {
        self.upsert_bucket().await?;
        self.find_version().await?;
        let mut slots = self.list_builds(components).await;
        let known: Vec<String> = slots.iter().map(|slot| slot.component.clone()).collect();
        let missing = components
            .iter()
            .filter(|name| !known.iter().any(|k| k == *name));
        slots.extend(self.register(missing.copied().collect()).await?);
        self.enforced_blocks().await?;
        Ok(slots)
    }

    async fn upsert_bucket(&self) -> Result<(), String> {
        let mut create = json!({"name": self.bucket_name});
        let mut update = json!({"platforms": null});
        for body in [&mut create, &mut update] {
            if !self.description.is_empty() {
                body["description"] = self.description.into();
            }
            if !empty(&self.labels) {
                body["labels"] = self.labels.clone();
            }
        }
        let put = || self.call(Method::PUT, "/buckets", Some(create));
        if self.release == Release::V1_10_3 {
            let reply = put().await;
            if reply.code() != Some(6) {
                return accept(&reply);
            }
        } else {
            let reply = self.call(Method::GET, &self.bucket(), None).await;
            match reply.code() {
                Some(5) => return accept(&put().await),
                Some(_) => return accept(&reply),
                None if self.release >= Release::V1_15_3 && self.matches(&reply) => return Ok(()),
                None => {}
            }
        }
        accept(&self.call(Method::PATCH, &self.bucket(), Some(update)).await)
    }

    /// Missing, null and empty are the same.
    fn matches(&self, reply: &Reply) -> bool {
        let bucket = &reply.body["bucket"];
        let labels = &bucket["labels"];
        let same = *labels == self.labels || (empty(labels) && empty(&self.labels));
        same && bucket["description"].as_str().unwrap_or_default() == self.description
    }

    async fn find_version(&self) -> Result<(), String> {
        let mut reply = self.call(Method::GET, &self.version(), None).await;
        if reply.code() == Some(10) {
            let body =
                json!({"fingerprint": self.fingerprint, "template_type": self.template_type});
            let path = format!("{}/versions", self.bucket());
            reply = self.call(Method::POST, &path, Some(body)).await;
        }
        accept(&reply)?;
        let version = &reply.body["version"];
        assert!(
            version.is_object(),
            "Packer crashes: no version in {reply:?}"
        );
        assert!(text(version, "id").len() == 26, "no id in {reply:?}");
        if version["name"] != "v0" {
            return Err("this fingerprint is complete, change it".to_owned());
        }
        let template_type = text(version, "template_type");
        if template_type != "TEMPLATE_TYPE_UNSET" && template_type != self.template_type {
            return Err(format!("the version was built from {template_type}"));
        }
        Ok(())
    }

    async fn list_builds(&self, components: &[&str]) -> Vec<Slot> {
        let path = format!("{}/builds", self.version());
        let reply = self.call(Method::GET, &path, None).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let mut slots = Vec::new();
        for build in reply.body["builds"].as_array().expect("builds") {
            let status = build["status"].as_str().expect("Packer crashes: no status");
            let component = text(build, "component_type");
            if !components.contains(&component.as_str()) {
                continue;
            }
            let artifacts = build["artifacts"].as_array().expect("artifacts");
            for artifact in artifacts {
                let named = !text(artifact, "external_identifier").is_empty();
                assert!(
                    named && !text(build, "platform").is_empty(),
                    "Packer aborts"
                );
                assert_eq!(
                    status, "BUILD_DONE",
                    "a build that is not done has artifacts"
                );
            }
            let slot = Slot {
                id: text(build, "id"),
                component,
                to_run: artifacts.is_empty() && status != "BUILD_DONE",
            };
            self.name(&slot);
            slots.push(slot);
        }
        slots
    }

    /// Step 4: all at once. One that another run registered first is left to that run.
    async fn register(&self, components: Vec<&str>) -> Result<Vec<Slot>, String> {
        let path = format!("{}/builds", self.version());
        let mut calls = Vec::new();
        for component in components {
            let body = json!({"artifacts": null, "component_type": component,
                "packer_run_uuid": self.run, "status": "BUILD_UNSET"});
            let (client, base, path, sent) = (
                self.client.clone(),
                self.base.clone(),
                path.clone(),
                body.clone(),
            );
            let call = async move { send(&client, Method::POST, &base, &path, Some(&sent)).await };
            calls.push((component, body, tokio::spawn(call)));
        }
        let mut slots = Vec::new();
        for (component, body, call) in calls {
            let reply = call.await.expect("a call");
            self.note(&Method::POST, &path, Some(&body), &reply);
            if reply.code() == Some(6) {
                continue;
            }
            accept(&reply)?;
            let build = &reply.body["build"];
            assert!(build["status"].is_string(), "Packer crashes: {reply:?}");
            assert_eq!(build["component_type"], component);
            let slot = Slot {
                id: text(build, "id"),
                component: component.to_owned(),
                to_run: true,
            };
            assert!(!slot.id.is_empty(), "the build cannot start: {reply:?}");
            self.name(&slot);
            slots.push(slot);
        }
        Ok(slots)
    }

    async fn enforced_blocks(&self) -> Result<(), String> {
        if self.release < Release::V1_15_3 {
            return Ok(());
        }
        let path = format!("/enforced_blocks/bucket/{}", self.bucket_name);
        let reply = self.call(Method::GET, &path, None).await;
        match reply.code() {
            Some(5 | 12) => Ok(()),
            _ => accept(&reply),
        }
    }
}

fn accept(reply: &Reply) -> Result<(), String> {
    match reply.code() {
        None => Ok(()),
        Some(code) => Err(format!("code {code}: {}", reply.body["message"])),
    }
}

fn empty(labels: &Value) -> bool {
    labels.as_object().is_none_or(serde_json::Map::is_empty)
}
