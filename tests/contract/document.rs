//! The description of the protocol, read from its file.

use std::{collections::BTreeSet, sync::OnceLock};

use serde_json::Value;
use touchmark_client::Method;
use touchmark_tests::TestServer;

/// The description, read once.
pub(crate) struct Document {
    root: Value,
    /// All operations, of all services and versions.
    pub(crate) operations: Vec<Operation>,
}

/// One call of the protocol.
pub(crate) struct Operation {
    /// Its name.
    pub(crate) id: String,
    /// Its method.
    pub(crate) method: Method,
    /// Its path, with the names of parameters in braces.
    pub(crate) path: String,
    /// Whether it has a body.
    pub(crate) has_body: bool,
    /// Whether it is called without a bearer token.
    pub(crate) open: bool,
    /// What it answers with status 200.
    pub(crate) answer: Value,
    /// What it answers with any other.
    pub(crate) refusal: Value,
    /// Whether it belongs to our own face.
    pub(crate) own: bool,
}

impl Document {
    /// The description.
    pub(crate) fn get() -> &'static Self {
        static DOCUMENT: OnceLock<Document> = OnceLock::new();
        DOCUMENT.get_or_init(|| {
            let text = include_str!("hcp-packer.openapi.json");
            let root: Value = serde_json::from_str(text).expect("a description in JSON");
            let operations = operations(&root, false);
            Self { root, operations }
        })
    }

    /// The description of our own face.
    pub(crate) fn own() -> &'static Self {
        static DOCUMENT: OnceLock<Document> = OnceLock::new();
        DOCUMENT.get_or_init(|| {
            let text = include_str!("../../registry/src/api/own/openapi.json");
            let root: Value = serde_json::from_str(text).expect("a description in JSON");
            let operations = operations(&root, true);
            Self { root, operations }
        })
    }

    /// The description that an operation is in.
    pub(crate) fn of(operation: &Operation) -> &'static Self {
        if operation.own {
            Self::own()
        } else {
            Self::get()
        }
    }

    /// All of it.
    pub(crate) fn root(&self) -> &Value {
        &self.root
    }

    /// The operation of this name; `PackerService_` may be left out.
    pub(crate) fn operation(&self, id: &str) -> &Operation {
        let full = format!("PackerService_{id}");
        self.operations
            .iter()
            .find(|operation| operation.id == id || operation.id == full)
            .unwrap_or_else(|| panic!("the protocol knows no {id}"))
    }

    /// What a reference points to.
    pub(crate) fn resolve(&self, reference: &str) -> &Value {
        resolve(&self.root, reference)
    }
}

fn resolve<'a>(root: &'a Value, reference: &str) -> &'a Value {
    let pointer = reference
        .strip_prefix('#')
        .expect("a reference in the file");
    root.pointer(pointer)
        .unwrap_or_else(|| panic!("{reference} points nowhere"))
}

fn operations(root: &Value, own: bool) -> Vec<Operation> {
    let paths = root["paths"].as_object().expect("paths");
    let mut found = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().expect("methods") {
            let schema = |status: &str| {
                let mut response = &operation["responses"][status];
                if let Some(reference) = response["$ref"].as_str() {
                    response = resolve(root, reference);
                }
                let schema = response.pointer("/content/application~1json/schema");
                schema.expect("an answer in JSON").clone()
            };
            let bearer = |security: &Value| security.get("bearer").is_some();
            found.push(Operation {
                id: operation["operationId"].as_str().expect("a name").into(),
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                has_body: operation.get("requestBody").is_some(),
                open: operation["security"]
                    .as_array()
                    .is_some_and(|all| !all.iter().any(bearer)),
                answer: schema("200"),
                refusal: schema("default"),
                own,
            });
        }
    }
    found
}

impl Operation {
    /// The path in the server's first project with these values.
    pub(crate) fn path(&self, server: &TestServer, values: &[(&str, &str)]) -> String {
        let path = values.iter().fold(self.in_project(server), |path, pair| {
            path.replace(&format!("{{{}}}", pair.0), &encoded(pair.1))
        });
        assert!(!path.contains('{'), "{}: {path} lacks a value", self.id);
        path
    }

    /// The path with values that name nothing.
    pub(crate) fn placeholder(&self, server: &TestServer) -> String {
        let project = &server.project.id;
        let principal = format!("iam/project/{project}/service-principal/nobody");
        // The slashes of a resource name are encoded, but for those of the exchange.
        let resource = if self.path.ends_with("/exchange-token") {
            format!("{principal}/workload-identity-provider/none")
        } else {
            encoded(&principal)
        };
        let mut path = self
            .in_project(server)
            .replace("{resource_name}", &resource)
            .replace(
                "{parent_resource_name}",
                &encoded(&format!("project/{project}")),
            )
            .replace("{task_type}", "validation");
        while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
            path.replace_range(start..=end, "placeholder");
        }
        path
    }

    fn in_project(&self, server: &TestServer) -> String {
        let organization = &server.project.organization_id;
        self.path
            .replace("{location.organization_id}", organization)
            .replace("{organization_id}", organization)
            .replace("{location.project_id}", &server.project.id)
    }
}

/// The names in `unsupported.txt`.
pub(crate) fn unsupported() -> BTreeSet<String> {
    include_str!("unsupported.txt")
        .lines()
        .map(str::to_owned)
        .collect()
}

/// A value as one segment of a path.
fn encoded(value: &str) -> String {
    value.replace('%', "%25").replace('/', "%2F")
}
