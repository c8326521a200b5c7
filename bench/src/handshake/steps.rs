//! The requests of one handshake, in the order in which Packer sends them, and what their answers must say.

use reqwest::Method;
use serde_json::{Value, json};
use touchmark_wire::paths::Scope;

use crate::{Done, script::Answer};

/// A request of the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    GetBucket,
    /// There is none yet: the answer is 409, with a code that tells Packer so.
    LookForVersion,
    CreateVersion,
    ListBuilds,
    CreateBuild,
    Running,
    Done,
    GetVersion,
}

/// All of them.
pub(crate) const STEPS: [Step; 8] = [
    Step::GetBucket,
    Step::LookForVersion,
    Step::CreateVersion,
    Step::ListBuilds,
    Step::CreateBuild,
    Step::Running,
    Step::Done,
    Step::GetVersion,
];

const RUN: &str = "2f0c5c3a-5d96-477d-92e5-681c85120246";
const COMPONENT: &str = "amazon-ebs.base";

/// What a handshake is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) bucket: &'a str,
    pub(super) fingerprint: &'a str,
    /// The id of the build; empty until it is known.
    pub(super) build: &'a str,
    pub(super) artifacts: usize,
}

impl Place<'_> {
    fn artifact(&self, number: usize) -> String {
        format!("ami-{}-{number}", self.fingerprint)
    }
}

impl Step {
    /// The request.
    pub(super) fn request(
        self,
        scope: Scope<'_>,
        at: &Place<'_>,
    ) -> (Method, String, Option<Value>) {
        let Place {
            bucket,
            fingerprint,
            build,
            ..
        } = *at;
        match self {
            Self::GetBucket => (Method::GET, scope.bucket(bucket), None),
            Self::LookForVersion | Self::GetVersion => {
                (Method::GET, scope.version(bucket, fingerprint), None)
            }
            Self::ListBuilds => (Method::GET, scope.builds(bucket, fingerprint), None),
            Self::CreateVersion => {
                let body = json!({ "fingerprint": fingerprint, "template_type": "HCL2" });
                (Method::POST, scope.versions(bucket), Some(body))
            }
            Self::CreateBuild => {
                let body = json!({
                    "component_type": COMPONENT,
                    "packer_run_uuid": RUN,
                    "status": "BUILD_UNSET",
                });
                (Method::POST, scope.builds(bucket, fingerprint), Some(body))
            }
            Self::Running => {
                let body = json!({ "packer_run_uuid": RUN, "status": "BUILD_RUNNING" });
                (
                    Method::PATCH,
                    scope.build(bucket, fingerprint, build),
                    Some(body),
                )
            }
            Self::Done => (
                Method::PATCH,
                scope.build(bucket, fingerprint, build),
                Some(done(at)),
            ),
        }
    }

    /// What is wrong with the answer of a registry, if anything.
    pub(super) fn judge(self, at: &Place<'_>, answer: &Answer) -> Result<(), String> {
        let wanted = if self == Self::LookForVersion {
            409
        } else {
            200
        };
        if answer.status != wanted {
            return Err(format!("a status that is not {wanted}"));
        }
        let json: Value = serde_json::from_str(&answer.body).map_err(|error| error.to_string())?;
        let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).unwrap_or("");
        let length = |pointer: &str| {
            json.pointer(pointer)
                .and_then(Value::as_array)
                .map(Vec::len)
        };
        let good = match self {
            Self::GetBucket => text("/bucket/name") == at.bucket,
            Self::LookForVersion => json.pointer("/code") == Some(&json!(10)),
            Self::CreateVersion => text("/version/fingerprint") == at.fingerprint,
            Self::ListBuilds => length("/builds") == Some(0),
            Self::CreateBuild => text("/build/component_type") == COMPONENT,
            Self::Running => {
                text("/build/id") == at.build && text("/build/status") == "BUILD_RUNNING"
            }
            Self::Done => {
                text("/build/status") == "BUILD_DONE"
                    && length("/build/artifacts") == Some(at.artifacts)
            }
            Self::GetVersion => {
                text("/version/fingerprint") == at.fingerprint
                    && text("/version/status") == "VERSION_ACTIVE"
                    && text("/version/name").starts_with('v')
                    && text("/version/builds/0/artifacts/0/external_identifier") == at.artifact(0)
            }
        };
        if good {
            Ok(())
        } else {
            Err("something else than it should".to_owned())
        }
    }
}

fn done(at: &Place<'_>) -> Value {
    let artifacts: Vec<Value> = (0..at.artifacts)
        .map(|number| json!({ "external_identifier": at.artifact(number), "region": "us-east-1" }))
        .collect();
    json!({
        "packer_run_uuid": RUN,
        "status": "BUILD_DONE",
        "platform": "aws",
        "labels": { "os": "debian" },
        "source_external_identifier": "ami-0123456789abcdef0",
        "metadata": { "packer": { "version": "1.16.0" }, "vcs": {}, "cicd": {} },
        "artifacts": artifacts,
    })
}

/// The id of the build that was registered.
pub(super) fn build_id(body: &str) -> Done<String> {
    let json: Value = serde_json::from_str(body)?;
    let id = json.pointer("/build/id").and_then(Value::as_str);
    Ok(id.ok_or("a build without an id")?.to_owned())
}
