//! For each row of the table a call that succeeds when the role reaches.

use serde_json::{Value, json};

use super::world::{World, sbom};

/// How a row is called.
pub(super) struct Sample {
    /// The parameters of the path.
    pub(super) values: Vec<(&'static str, String)>,
    /// What goes behind the path.
    pub(super) query: String,
    /// The body, if the operation has one.
    pub(super) body: Option<Value>,
    /// What is answered to whom the table lets through.
    pub(super) status: u16,
}

impl Sample {
    fn get(values: &[(&'static str, &str)]) -> Self {
        Self {
            values: values
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            query: String::new(),
            body: None,
            status: 200,
        }
    }

    fn send(values: &[(&'static str, &str)], body: Value) -> Self {
        Self {
            body: Some(body),
            ..Self::get(values)
        }
    }

    fn query(self, query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            ..self
        }
    }

    fn ends(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// A call of the row in this world.
///
/// # Panics
/// When there is none for the row: write one.
pub(super) fn sample(row: &str, world: &World) -> Sample {
    let Some((service, name)) = row.split_once('_') else {
        return own(row, world);
    };
    match service {
        "PackerService" => packer(name, world),
        "BuildService" => by_labels(world),
        _ => around(row, world),
    }
}

fn around(row: &str, world: &World) -> Sample {
    let principal = [("resource_name", world.principal.as_str())];
    let bucket = format!("packer/project/{}/bucket/{}", world.project, world.bucket);
    match row {
        "OrganizationService_Get" => Sample::get(&[("id", &world.organization)]),
        "ProjectService_List" => {
            let query = format!("scope.id={}&scope.type=ORGANIZATION", world.organization);
            Sample::get(&[]).query(query)
        }
        "ProjectService_Get" => Sample::get(&[("id", &world.project)]),
        "OrganizationService_List" | "IamService_GetCallerIdentity" => Sample::get(&[]),
        "IamService_BatchGetPrincipals" => {
            Sample::get(&[]).query(format!("principal_ids={}", world.principal_id))
        }
        "ServicePrincipalsService_CreateServicePrincipal" => {
            let parent = format!("project/{}", world.project);
            let body = json!({"name": format!("new-{}", world.tag)});
            Sample::send(&[("parent_resource_name", &parent)], body)
        }
        "ServicePrincipalsService_GetServicePrincipal"
        | "ServicePrincipalsService_DeleteServicePrincipal" => Sample::get(&principal),
        "ResourceService_GetIamPolicy" => {
            Sample::get(&[]).query(format!("resource_name={}", bucket.replace('/', "%2F")))
        }
        "ResourceService_SetIamPolicy" => {
            let member =
                json!({"member_id": world.principal_id, "member_type": "SERVICE_PRINCIPAL"});
            let binding = json!({"role_id": "roles/viewer", "members": [member]});
            let policy = json!({"bindings": [binding], "etag": ""});
            Sample::send(&[], json!({"resource_name": bucket, "policy": policy}))
        }
        "OperationService_Get" => Sample::get(&[("id", &world.operation)]),
        "OperationService_Wait" => Sample::get(&[("id", &world.operation)]).query("timeout=1s"),
        _ => panic!("no sample of {row}"),
    }
}

fn by_labels(world: &World) -> Sample {
    let values = [
        ("bucket_name", world.bucket.as_str()),
        ("channel_name", "prod"),
    ];
    let body = json!({"cloud_provider": "docker", "region": "here", "labels": {"a": "b"}});
    Sample::send(&values, body)
}

fn packer(name: &str, world: &World) -> Sample {
    let registry = |body| Sample::send(&[], body);
    match name {
        "GetRegistry" | "ListBuckets" | "ListEnforcedBlocks" | "GetRunTaskConfig" => {
            Sample::get(&[])
        }
        // Each project has one, and this one has buckets.
        "CreateRegistry" => registry(json!({"feature_tier": "PLUS"})).ends(409),
        "DeleteRegistry" => Sample::get(&[]).ends(400),
        "UpdateRegistry" => registry(json!({"feature_tier": "PLUS", "update_mask": "featureTier"})),
        "CreateBucket" => registry(json!({"name": format!("new-{}", world.tag)})),
        "SearchExternalArtifact" => registry(json!({"external_identifier": "sha256:a"})),
        "CreateEnforcedBlock" => registry(json!({"name": format!("new-{}", world.tag),
            "version": "1", "block_content": "provisioner \"shell-local\" {}"})),
        "RegenerateTFCRunTaskHmacKey" => registry(json!({})),
        "UpdateRunTaskConfig" => registry(json!({"on_untracked_image": "WARN"})),
        "GetRegistryTFCRunTaskAPI" => Sample::get(&[("task_type", "validation")]),
        "GetChannel_20210430" => Sample::get(&[("bucket_slug", &world.bucket), ("slug", "prod")]),
        "GetIteration_20210430" => {
            Sample::get(&[("bucket_slug", &world.bucket)]).query("fingerprint=done")
        }
        _ if name.contains("EnforcedBlock") => block(name, world),
        _ if name.contains("Channel") => channel(name, world),
        _ if name.contains("Version") => version(name, world),
        _ if name.contains("Build") || name.contains("Sbom") => build(name, world),
        _ => bucket(name, world),
    }
}

fn bucket(name: &str, world: &World) -> Sample {
    let values = [("bucket_name", world.bucket.as_str())];
    match name {
        "GetBucket" | "DeleteBucket" | "ListBucketAncestry" | "ListBucketPackages" => {
            Sample::get(&values)
        }
        "UpdateBucket" => Sample::send(&values, json!({"description": "new"})),
        _ => panic!("no sample of {name}"),
    }
}

fn channel(name: &str, world: &World) -> Sample {
    let bucket = ("bucket_name", world.bucket.as_str());
    let at = |channel| [bucket, ("channel_name", channel)];
    match name {
        "ListChannels" => Sample::get(&[bucket]),
        "GetChannel" | "ListChannelAssignmentHistory" | "DeleteChannel" => Sample::get(&at("prod")),
        "GetChannel#restricted" | "ListChannelAssignmentHistory#restricted" => {
            Sample::get(&at("secret"))
        }
        "CreateChannel" => Sample::send(&[bucket], json!({"name": "new"})),
        "UpdateChannel" => {
            let body = json!({"update_mask": "restricted", "restricted": true});
            Sample::send(&at("prod"), body)
        }
        "AssignChannelVersion" => {
            let body = json!({"source_channel": "prod", "target_channel": "secret"});
            Sample::send(&[bucket], body)
        }
        _ => panic!("no sample of {name}"),
    }
}

fn version(name: &str, world: &World) -> Sample {
    let bucket = ("bucket_name", world.bucket.as_str());
    let done = [bucket, ("fingerprint", "done")];
    let old = [bucket, ("fingerprint", "old")];
    match name {
        "ListVersions" => Sample::get(&[bucket]),
        "CreateVersion" => Sample::send(&[bucket], json!({"fingerprint": "new"})),
        "GetVersion" => Sample::get(&done),
        "DeleteVersion" => Sample::get(&done).query("rollback_channels=true"),
        "UpdateVersion#complete" => Sample::send(&done, json!({"complete": true})),
        "UpdateVersion#revoke" => Sample::send(&done, json!({"revoke_in": "0s"})),
        "UpdateVersion#restore" => Sample::send(&old, json!({"restore": true})),
        _ => panic!("no sample of {name}"),
    }
}

fn build(name: &str, world: &World) -> Sample {
    let open = [
        ("bucket_name", world.bucket.as_str()),
        ("fingerprint", "open"),
        ("build_id", world.open_build.as_str()),
    ];
    match name {
        "ListBuilds" => Sample::get(&open[..2]),
        "CreateBuild" => Sample::send(&open[..2], json!({"component_type": "docker.b"})),
        "GetBuild" | "DeleteBuild" | "ListSboms" | "ListBuildPackages" => Sample::get(&open),
        "UpdateBuild" => Sample::send(&open, json!({"status": "BUILD_RUNNING"})),
        "UploadSbom" => Sample::send(&open, sbom("new")),
        "GetSbom" => {
            let [bucket, version, build] = open;
            Sample::get(&[bucket, version, build, ("sbom_name", "packages")])
        }
        _ => panic!("no sample of {name}"),
    }
}

fn block(name: &str, world: &World) -> Sample {
    let at = [
        ("enforced_block_id", world.block.as_str()),
        ("enforced_block_version_id", world.block_version.as_str()),
    ];
    match name {
        "GetEnforcedBlocksByBucket" => Sample::get(&[("bucket_name", &world.bucket)]),
        "GetEnforcedBlock" | "DeleteEnforcedBlock" | "GetEnforcedBlockVersions" => {
            Sample::get(&at[..1])
        }
        "UpdateEnforcedBlock" => {
            let body = json!({"labels": {"a": "b"}, "update_mask": "labels"});
            Sample::send(&at[..1], body)
        }
        "CreateEnforcedBlockVersion" => {
            let body = json!({"version": "2", "block_content": "provisioner \"shell-local\" {}"});
            Sample::send(&at[..1], body)
        }
        "UpdateEnforcedBlockVersion" => {
            let body =
                json!({"additional_description": "x", "update_mask": "additionalDescription"});
            Sample::send(&at, body)
        }
        "DeleteEnforcedBlockVersion" | "GetEnforcedBlockLinkedBuckets" => Sample::get(&at),
        "ManageEnforcedBlockLinkedBuckets" => {
            Sample::send(&at, json!({"bucket_names": [world.bucket]}))
        }
        _ => panic!("no sample of {name}"),
    }
}

fn own(name: &str, world: &World) -> Sample {
    let project = format!("project={}", world.project);
    let who = ("name", world.tag.as_str());
    let at = |channel| [("bucket", world.bucket.as_str()), ("channel", channel)];
    match name {
        "Resolve" | "GetChannelFreshness" => Sample::get(&at("prod")).query(project),
        "PutSbom" => {
            let build = [
                ("bucket", world.bucket.as_str()),
                ("fingerprint", "open"),
                ("build", &world.open_build),
            ];
            Sample::send(&build, sbom("new")).query(project)
        }
        "Resolve#restricted" | "GetChannelFreshness#restricted" => {
            Sample::get(&at("secret")).query(project)
        }
        "WhoAmI" | "ListOrganizations" | "ListProjects" => Sample::get(&[]),
        "CreateProject" => Sample::send(&[], json!({"name": format!("new-{}", world.tag)})),
        // It has buckets.
        "DeleteProject" => Sample::get(&[("project", &world.project)]).ends(400),
        "SetFreshness" => Sample::send(&[], json!({"grace_seconds": 60})).query(project),
        "GetBucketFreshness" => Sample::get(&at("")[..1]).query(project),
        "SetBucketFreshness" => {
            Sample::send(&at("")[..1], json!({"age_limit_seconds": 60})).query(project)
        }
        "SetChannelFreshness" => Sample::send(&at("prod"), json!({"may_lag": true})).query(project),
        "GetBoard" | "GetFreshness" | "ListEvents" | "ListPackages" | "ListPrincipals" => {
            Sample::get(&[]).query(project)
        }
        "PreviewRevocation" | "RevokeVersions" => {
            let versions = json!([{"bucket": world.bucket, "fingerprint": "done"}]);
            Sample::send(&[], json!({"versions": versions})).query(project)
        }
        "CreatePrincipal" => {
            let name = format!("made-{}", world.tag);
            Sample::send(&[], json!({"name": name, "project": world.project}))
        }
        "GetPrincipal" | "DeletePrincipal" => Sample::get(&[who]),
        "ChangePrincipal" => Sample::send(&[who], json!({"disabled": true})),
        "RotateSecret" => Sample::send(&[who], json!({})),
        "DeleteSecret" => Sample::get(&[who, ("id", &world.secret)]),
        "GrantRole" => {
            let body = json!({"scope": "project", "project": world.project, "role": "builder"});
            Sample::send(&[who], body)
        }
        "RevokeRole" => Sample::get(&[who]).query(format!("scope=project&{project}")),
        _ => panic!("no sample of {name}"),
    }
}
