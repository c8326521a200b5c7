//! One run of Packer.

use std::{collections::BTreeMap, sync::Mutex};

use serde_json::{Value, json};
use touchmark_client::Method;
use touchmark_tests::{Client, RUN, TestServer};

/// Releases that differ on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Release {
    /// Creates the bucket first and updates it on code 6.
    V1_10_3,
    /// Reads the bucket first and updates it always.
    V1_12,
    /// Assigns channels, asks for enforced blocks, updates the bucket only when it differs.
    V1_15_3,
    /// The same.
    V1_16,
}

/// A run.
pub(crate) struct Packer {
    pub(crate) client: Client,
    pub(crate) release: Release,
    pub(crate) fingerprint: String,
    pub(crate) run: String,
    pub(crate) description: &'static str,
    pub(crate) labels: Value,
    pub(crate) channels: Vec<&'static str>,
    pub(crate) template_type: &'static str,
    /// Name of the bucket.
    pub(crate) bucket_name: String,
    /// The path of the project.
    pub(crate) base: String,
    log: Mutex<Vec<String>>,
    names: Mutex<BTreeMap<String, String>>,
}

/// An answer as Packer sees it: it looks at the code in the body and never at the HTTP status.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Reply {
    /// The code of a refusal.
    pub(crate) fn code(&self) -> Option<i64> {
        (self.status != 200).then(|| self.body["code"].as_i64().unwrap_or(-1))
    }

    fn shown(&self) -> String {
        match self.code() {
            None => "200".to_owned(),
            Some(code) => format!("{}/{code}", self.status),
        }
    }
}

/// A build that this run knows.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) id: String,
    pub(crate) component: String,
    /// Whether this run builds it, or takes it as done.
    pub(crate) to_run: bool,
}

impl Packer {
    /// A run on this bucket and fingerprint.
    pub(crate) async fn new(
        server: &TestServer,
        release: Release,
        (bucket, fingerprint): (&str, &str),
    ) -> Self {
        let project = &server.project;
        Self {
            client: server.builder().await,
            release,
            fingerprint: fingerprint.to_owned(),
            run: RUN.to_owned(),
            description: "",
            labels: json!({}),
            channels: Vec::new(),
            template_type: "HCL2",
            bucket_name: bucket.to_owned(),
            base: format!(
                "/packer/2023-01-01/organizations/{}/projects/{}",
                project.organization_id, project.id
            ),
            log: Mutex::default(),
            names: Mutex::default(),
        }
    }

    /// What was said so far, with builds called like their components; begins anew.
    pub(crate) fn said(&self) -> String {
        let log = std::mem::take(&mut *self.log.lock().expect("a lock"));
        let names = self.names.lock().expect("a lock");
        names
            .iter()
            .fold(log.join("\n"), |text, (id, name)| text.replace(id, name))
            .replace(&self.run, "<run>")
    }

    /// Sends a request below the project.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let reply = send(
            &self.client,
            method.clone(),
            &self.base,
            path,
            body.as_ref(),
        )
        .await;
        self.note(&method, path, body.as_ref(), &reply);
        reply
    }

    pub(crate) fn note(&self, method: &Method, path: &str, body: Option<&Value>, reply: &Reply) {
        let body = body.map_or(String::new(), |body| format!(" {body}"));
        let line = format!("{method} {path}{body} -> {}", reply.shown());
        self.log.lock().expect("a lock").push(line);
    }

    pub(crate) fn name(&self, slot: &Slot) {
        let mut names = self.names.lock().expect("a lock");
        names.insert(slot.id.clone(), slot.component.clone());
    }

    pub(crate) fn bucket(&self) -> String {
        format!("/buckets/{}", self.bucket_name)
    }

    pub(crate) fn version(&self) -> String {
        format!("{}/versions/{}", self.bucket(), self.fingerprint)
    }

    /// Steps 6 and 7, FAILED and CANCELLED: nothing but a state and the run.
    pub(crate) async fn becomes(&self, slot: &Slot, status: &str) -> Reply {
        let body = json!({"artifacts": null, "packer_run_uuid": self.run, "status": status});
        self.patch(slot, body).await
    }

    /// Step 9 and 10: the build is done, then the channels.
    pub(crate) async fn done(&self, slot: &Slot, body: Value) -> Reply {
        let reply = self.patch(slot, body).await;
        if reply.status == 200 && self.release >= Release::V1_15_3 {
            for channel in &self.channels {
                let path = format!("{}/channels/{channel}", self.bucket());
                let body = json!({"update_mask": "versionFingerprint",
                    "version_fingerprint": self.fingerprint});
                self.call(Method::PATCH, &path, Some(body)).await;
            }
        }
        reply
    }

    /// Sends a change of a build and reads what Packer reads of the answer.
    pub(crate) async fn patch(&self, slot: &Slot, body: Value) -> Reply {
        let path = format!("{}/builds/{}", self.version(), slot.id);
        let reply = self.call(Method::PATCH, &path, Some(body)).await;
        let crashes = reply.status == 200 && !reply.body["build"].is_object();
        assert!(!crashes, "Packer crashes: {reply:?}");
        reply
    }

    /// What a build that ended well sends, without metadata.
    pub(crate) fn result(&self, external_identifier: &str) -> Value {
        json!({
            "artifacts": [{"external_identifier": external_identifier, "region": "us-east-1"}],
            "packer_run_uuid": self.run, "platform": "aws", "status": "BUILD_DONE"})
    }
}

/// One request, its body ended with a line break as Go ends it.
pub(crate) async fn send(
    client: &Client,
    method: Method,
    base: &str,
    path: &str,
    body: Option<&Value>,
) -> Reply {
    let bytes = body.map(|body| format!("{body}\n").into_bytes());
    let answer = client
        .send_bytes(method, &format!("{base}{path}"), bytes)
        .await;
    let answer = answer.expect("an answer");
    Reply {
        status: answer.status,
        body: answer.json().expect("JSON"),
    }
}

/// A text of an answer; empty when it is not there, as in Go.
pub(crate) fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
