//! One of everything that a call can be about.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{Client, RUN, TestServer, upload, wire::sbom::SbomFormat};

use crate::document::Document;

/// A `CycloneDX` document under this name, as it is uploaded.
pub(super) fn sbom(name: &str) -> Value {
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
        "components": [{"type": "library", "name": "zlib", "version": "1.3"}]});
    json!(upload(SbomFormat::CycloneDx, &document, name))
}

/// Names and ids of one of everything, in the server's first project.
pub(super) struct World {
    /// Tells this world's names from those of others.
    pub(super) tag: String,
    pub(super) organization: String,
    pub(super) project: String,
    pub(super) bucket: String,
    bucket_id: String,
    /// The build of the version `open`, which has an SBOM called `packages`.
    pub(super) open_build: String,
    pub(super) operation: String,
    pub(super) block: String,
    pub(super) block_version: String,
    /// A service principal of the project: its name and id.
    pub(super) principal: String,
    pub(super) principal_id: String,
    /// The id of its secret.
    pub(super) secret: String,
}

struct Maker<'a> {
    server: &'a TestServer,
    admin: Client,
}

impl Maker<'_> {
    async fn tell(&self, id: &str, values: &[(&str, &str)], body: Value) -> Value {
        let operation = super::described().find(|operation| {
            let name = operation.id.strip_prefix("PackerService_");
            operation.id == id || name == Some(id)
        });
        let operation = operation.expect("an operation");
        let path = operation.path(self.server, values);
        let method = operation.method.clone();
        let answer = self.admin.send(method, &path, Some(&body)).await;
        let answer = answer.expect("an answer");
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 200, "{id}: {text}");
        answer.json().expect("JSON")
    }

    async fn build(&self, bucket: &str, fingerprint: &str) -> String {
        let version = [("bucket_name", bucket), ("fingerprint", fingerprint)];
        let body = json!({"fingerprint": fingerprint, "template_type": "HCL2"});
        self.tell("CreateVersion", &version[..1], body).await;
        let body = json!({"component_type": "docker.a", "packer_run_uuid": RUN,
            "status": "BUILD_UNSET", "labels": {"a": "b"}});
        text(&self.tell("CreateBuild", &version, body).await, "/build/id")
    }
}

impl Maker<'_> {
    /// A complete version.
    async fn done(&self, bucket: &str, fingerprint: &str) {
        let id = self.build(bucket, fingerprint).await;
        let build = [
            ("bucket_name", bucket),
            ("fingerprint", fingerprint),
            ("build_id", id.as_str()),
        ];
        let body = json!({"packer_run_uuid": RUN, "platform": "docker", "status": "BUILD_DONE",
            "artifacts": [{"external_identifier": "sha256:a", "region": "here"}]});
        self.tell("UpdateBuild", &build, body).await;
    }
}

fn text(answer: &Value, pointer: &str) -> String {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("no {pointer} in {answer}"))
        .to_owned()
}

impl World {
    pub(super) async fn make(server: &TestServer) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let tag = format!("w{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let maker = Maker {
            server,
            admin: server.admin(),
        };
        let named = [("bucket_name", tag.as_str())];
        let made = maker.tell("CreateBucket", &[], json!({"name": tag})).await;
        let bucket_id = text(&made, "/bucket/id");
        maker.done(&tag, "old").await;
        maker.done(&tag, "done").await;
        let open_build = maker.build(&tag, "open").await;
        let build = |fingerprint, id| [named[0], ("fingerprint", fingerprint), ("build_id", id)];
        maker
            .tell("UploadSbom", &build("open", &open_build), sbom("packages"))
            .await;
        let body = json!({"name": "prod", "version_fingerprint": "done"});
        maker.tell("CreateChannel", &named, body).await;
        let body = json!({"name": "secret", "restricted": true, "version_fingerprint": "done"});
        maker.tell("CreateChannel", &named, body).await;
        let version = [named[0], ("fingerprint", "old")];
        let body = json!({"revoke_in": "100d", "skip_descendants_revocation": true});
        let scheduled = maker.tell("UpdateVersion", &version, body).await;
        let body = json!({"name": tag, "version": "1", "template_type": "HCL2",
            "block_content": "provisioner \"shell-local\" {}"});
        let block = maker.tell("CreateEnforcedBlock", &[], body).await;
        let parent = [(
            "parent_resource_name",
            &*format!("project/{}", server.project.id),
        )];
        let create = "ServicePrincipalsService_CreateServicePrincipal";
        let principal = maker.tell(create, &parent, json!({"name": tag})).await;
        let body = json!({});
        let rotated = maker.tell("RotateSecret", &[("name", &tag)], body).await;
        Self {
            organization: server.project.organization_id.clone(),
            project: server.project.id.clone(),
            bucket: tag.clone(),
            bucket_id,
            open_build,
            operation: text(&scheduled, "/operation/id"),
            block: text(&block, "/enforced_block/id"),
            block_version: text(&block, "/enforced_block/latest_version/id"),
            principal: text(&principal, "/service_principal/resource_name"),
            principal_id: text(&principal, "/service_principal/id"),
            secret: text(&rotated, "/principal/secrets/0/id"),
            tag,
        }
    }

    /// A caller with this role on this world's bucket and nowhere else.
    pub(super) async fn on_bucket(&self, server: &TestServer, role: Role) -> Client {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{}-{count}", self.tag, role.as_str());
        let scope = Scope::Bucket(self.bucket_id.clone());
        server.principal(&name, scope, role).await
    }

    /// What it looks like now, as far as a refused call could have changed it.
    pub(super) async fn look(&self, server: &TestServer) -> String {
        let admin = server.admin();
        let mut seen = String::new();
        let bucket = [("bucket_name", self.bucket.as_str())];
        for (id, values) in [
            ("ListBuckets", &[][..]),
            ("ListVersions", &bucket[..]),
            ("ListChannels", &bucket),
            ("ListEnforcedBlocks", &[]),
            ("GetRegistry", &[]),
        ] {
            let operation = Document::get().operation(id);
            let path = operation.path(server, values);
            let answer = admin.send(operation.method.clone(), &path, None).await;
            let answer = answer.expect("an answer");
            assert_eq!(answer.status, 200, "{id}");
            seen.push_str(&String::from_utf8_lossy(&answer.body));
        }
        seen
    }
}
