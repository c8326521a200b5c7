//! A bucket in which every text that a client can set is the same one.

use std::collections::BTreeMap;

use serde_json::json;
use touchmark_tests::{
    Client, RUN, artifact, upload,
    wire::{
        bucket::{CreateBucketBody, UpdateBucketBody},
        build::{BuildMetadata, BuildStatus, CreateBuildBody, UpdateBuildBody},
        channel::CreateChannelBody,
        own::{CreatePrincipalBody, RoleName},
        sbom::SbomFormat,
        version::{CreateVersionBody, UpdateVersionBody},
    },
};

/// What came of a story.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// How many texts were taken.
    pub(crate) accepted: usize,
}

/// Sends a body with the text; when it is refused, one with a harmless word.
macro_rules! say {
    ($told:expr, $texts:expr, $call:expr) => {{
        let mut taken = None;
        for (at, text) in $texts.iter().enumerate() {
            if let Ok(answer) = $call(text.clone()).await {
                $told.accepted += usize::from(at == 0);
                taken = Some(answer);
                break;
            }
        }
        taken.expect("a harmless word is taken")
    }};
}

/// Tells a story with this text, or with a harmless word that takes as much room.
pub(crate) async fn tell(admin: &Client, number: usize, text: &str, is_told: bool) -> Told {
    let mut told = Told::default();
    let room = json!(text).to_string().len() - 2;
    let harmless = format!("{:x<room$}", format!("harmless-{number}-"));
    let text = is_told.then_some(text);
    let texts = [
        text.map_or_else(|| harmless.clone(), str::to_owned),
        harmless,
    ];
    let name = format!("story-{number}");
    bucket(admin, &mut told, &texts, &name).await;
    version(admin, &mut told, &texts, &name).await;
    // Names may hold nothing of that; whoever loosens the rule finds out here.
    if let Some(text) = text {
        name_of_principal(admin, &mut told, text).await;
        let channel = CreateChannelBody {
            name: text.to_owned(),
            ..CreateChannelBody::default()
        };
        told.accepted += usize::from(admin.create_channel(&name, &channel).await.is_ok());
    }
    let channel = CreateChannelBody {
        name: "production".to_owned(),
        version_fingerprint: name.clone(),
        restricted: false,
    };
    admin
        .create_channel(&name, &channel)
        .await
        .expect("a channel");
    revoke(admin, &mut told, &texts, &name).await;
    told
}

/// Names of principals are held to a rule as well.
async fn name_of_principal(admin: &Client, told: &mut Told, text: &str) {
    let body = CreatePrincipalBody {
        name: text.to_owned(),
        role: Some(RoleName::Contributor),
        ..CreatePrincipalBody::default()
    };
    let made = admin.own().create_principal(&body).await;
    told.accepted += usize::from(made.is_ok());
}

async fn bucket(admin: &Client, told: &mut Told, texts: &[String; 2], name: &str) {
    say!(told, texts, async |text: String| {
        let body = CreateBucketBody {
            name: name.to_owned(),
            description: text,
            ..CreateBucketBody::default()
        };
        admin.create_bucket(&body).await
    });
    say!(told, texts, async |text: String| {
        let body = UpdateBucketBody {
            labels: Some(BTreeMap::from([(text.clone(), text)])),
            ..UpdateBucketBody::default()
        };
        admin.update_bucket(name, &body).await
    });
}

async fn version(admin: &Client, told: &mut Told, texts: &[String; 2], name: &str) {
    // A fingerprint is held to a rule; the story goes on with one that is allowed.
    let fingerprint = |fingerprint: String| CreateVersionBody {
        fingerprint,
        ..CreateVersionBody::default()
    };
    if texts[0] != texts[1] {
        let refused = admin
            .create_version(name, &fingerprint(texts[0].clone()))
            .await;
        assert!(refused.is_err(), "a fingerprint: {}", texts[0]);
    }
    let allowed = fingerprint(name.to_owned());
    admin
        .create_version(name, &allowed)
        .await
        .expect("a version");
    let build = say!(told, texts, async |text: String| {
        let body = CreateBuildBody {
            component_type: text.clone(),
            packer_run_uuid: RUN.to_owned(),
            platform: text,
            status: Some(BuildStatus::Unset),
            ..CreateBuildBody::default()
        };
        admin.create_build(name, name, &body).await
    });
    let id = build.build.expect("a build").id;
    let change = async |body: UpdateBuildBody| admin.update_build(name, name, &id, &body).await;
    say!(told, texts, async |text: String| {
        change(UpdateBuildBody {
            source_external_identifier: text.clone(),
            labels: BTreeMap::from([(text.clone(), text)]),
            packer_run_uuid: RUN.to_owned(),
            ..UpdateBuildBody::default()
        })
        .await
    });
    say!(told, texts, async |text: String| {
        change(UpdateBuildBody {
            metadata: Some(metadata(&text)),
            packer_run_uuid: RUN.to_owned(),
            ..UpdateBuildBody::default()
        })
        .await
    });
    sboms(admin, told, texts, (name, &id)).await;
    say!(told, texts, async |text: String| {
        change(UpdateBuildBody {
            artifacts: Some(vec![artifact(&text, &text)]),
            platform: text,
            status: Some(BuildStatus::Done),
            packer_run_uuid: RUN.to_owned(),
            ..UpdateBuildBody::default()
        })
        .await
    });
}

/// All that a build tells of itself; where something is an address, this wants to be one.
fn metadata(text: &str) -> BuildMetadata {
    BuildMetadata {
        packer: json!({"version": text, "plugins": [{"name": text, "version": text}],
            "options": {"only": [text], "path": text}, "operating_system": {"type": text, "details": {"arch": text}}}),
        vcs: json!({"type": "git", "details": {"ref": text, "commit": text, "author": text,
            "remote": text, "url": text, "has_uncommitted_changes": true}}),
        cicd: json!({"type": "github", "details": {"GITHUB_SERVER_URL": text, "GITHUB_REPOSITORY": text,
            "GITHUB_RUN_ID": text, "CI_PIPELINE_URL": text, "BUILD_URL": text}}),
    }
}

async fn sboms(admin: &Client, told: &mut Told, texts: &[String; 2], (name, id): (&str, &str)) {
    let document = |text: &str| {
        json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "library", "name": text, "version": text, "purl": format!("pkg:generic/{text}@{text}"),
             "licenses": [{"license": {"name": text}}]}]})
    };
    say!(told, texts, async |text: String| {
        let body = upload(SbomFormat::CycloneDx, &document(&text), "packages");
        admin.upload_sbom(name, name, id, &body).await
    });
    // Its name is short.
    let harmless = || "harmless".to_owned();
    let name_of_document = if texts[0] == texts[1] {
        harmless()
    } else {
        texts[0].clone()
    };
    let names = [name_of_document, harmless()];
    say!(told, names, async |text: String| {
        let body = upload(SbomFormat::CycloneDx, &document("harmless"), &text);
        admin.upload_sbom(name, name, id, &body).await
    });
}

async fn revoke(admin: &Client, told: &mut Told, texts: &[String; 2], name: &str) {
    say!(told, texts, async |text: String| {
        let body = UpdateVersionBody {
            revoke_in: "720h".to_owned(),
            revocation_message: text,
            ..UpdateVersionBody::default()
        };
        admin.update_version(name, name, &body).await
    });
}
