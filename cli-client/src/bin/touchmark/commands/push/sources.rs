//! Where a document comes from: a manifest of Packer, a file of buildx, JSON, or flags.

use std::io::Read as _;
use std::path::Path;

use serde_json::{Map, Value};

use super::Arguments;
use super::document::{ArtifactDocument, BuildDocument, Document};
use crate::exit::{Context, Failure, Result};
use crate::label;
use crate::packer::artifacts::{self, Hints};
use crate::packer::manifest;

/// Reads what the arguments name.
///
/// # Errors
/// A usage failure when it cannot be read or something is missing.
pub(super) fn read(arguments: &Arguments) -> Result<Document> {
    let mut document = if let Some(path) = &arguments.manifest {
        from_manifest(path, arguments)?
    } else if let Some(path) = &arguments.docker_metadata {
        from_docker(path, arguments)?
    } else if let Some(path) = &arguments.document {
        from_json(path)?
    } else if let Some(id) = &arguments.id {
        from_flags(id, arguments)
    } else {
        return Err(Failure::usage("nothing to push")
            .hint("give a document (- for standard input), --manifest, --docker-metadata, --id, or --resume"));
    };
    add(&mut document, arguments)?;
    document.check()?;
    Ok(document)
}

/// What flags say beside the source.
fn add(document: &mut Document, arguments: &Arguments) -> Result<()> {
    if let Some(bucket) = &arguments.bucket {
        document.bucket.clone_from(bucket);
    }
    if let Some(fingerprint) = &arguments.fingerprint {
        document.fingerprint.clone_from(fingerprint);
    }
    document.channels.extend(arguments.channels.iter().cloned());
    let labels = label::map(&arguments.labels);
    let parent = arguments.parent.named();
    for build in &mut document.builds {
        build.labels.extend(labels.clone());
        if parent.is_some() {
            build.parent.clone_from(&parent);
        }
    }
    for text in &arguments.sboms {
        let (component, file) = match text.split_once('=') {
            Some((component, file)) => (Some(component), file),
            None => (None, text.as_str()),
        };
        let several = document.builds.len() > 1;
        let mut builds = document.builds.iter_mut();
        let build =
            builds.find(|build| component.map_or(!several, |name| name == build.component_type));
        let build = build.ok_or_else(|| {
            Failure::usage(format!("of which build is {text}?")).hint("--sbom BUILD=FILE")
        })?;
        build.sboms.push(file.into());
    }
    Ok(())
}

fn from_manifest(path: &Path, arguments: &Arguments) -> Result<Document> {
    let run = manifest::read(path)?;
    let builds = run.builds.into_iter().map(|built| {
        let hints = Hints {
            builder_type: built.builder_type,
            region: arguments.region.clone().unwrap_or_default(),
            source: String::new(),
        };
        let found = artifacts::recorded(&built.outputs, &hints);
        let artifacts = found.images.into_iter().map(|image| ArtifactDocument {
            external_identifier: image.id,
            region: image.region,
        });
        let mut labels = found.labels;
        labels.extend(built.labels);
        BuildDocument {
            component_type: built.component_type,
            platform: found.platform,
            labels,
            artifacts: artifacts.collect(),
            source_external_identifier: found.source,
            ..BuildDocument::default()
        }
    });
    Ok(Document {
        builds: builds.collect(),
        // The same run is the same version.
        fingerprint: run.uuid.clone(),
        run_uuid: run.uuid,
        ..Document::default()
    })
}

fn text_of(path: &Path) -> Result<Vec<u8>> {
    let unreadable = || format!("{} cannot be read", path.display());
    if path == Path::new("-") {
        let mut text = Vec::new();
        std::io::stdin()
            .read_to_end(&mut text)
            .context(unreadable)?;
        return Ok(text);
    }
    std::fs::read(path).map_err(|error| Failure::usage(format!("{}: {error}", unreadable())))
}

fn from_json(path: &Path) -> Result<Document> {
    let text = text_of(path)?;
    serde_json::from_slice(&text).map_err(|error| {
        Failure::usage(format!("{} is no description of a version: {error}", path.display()))
            .hint("the fields are: bucket, fingerprint, description, bucket_labels, channels, run_uuid, builder, builds")
    })
}

fn from_flags(id: &str, arguments: &Arguments) -> Document {
    let platform = arguments.platform.clone().unwrap_or_default();
    let artifact = ArtifactDocument {
        external_identifier: id.to_owned(),
        region: arguments.region.clone().unwrap_or_default(),
    };
    let build = BuildDocument {
        component_type: arguments
            .component
            .clone()
            .unwrap_or_else(|| platform.clone()),
        platform,
        artifacts: vec![artifact],
        ..BuildDocument::default()
    };
    Document {
        builds: vec![build],
        ..Document::default()
    }
}

/// One image, or, as bake writes it, one per target.
fn from_docker(path: &Path, arguments: &Arguments) -> Result<Document> {
    let wrong = |why: &str| {
        Failure::usage(format!(
            "{} is no metadata of docker buildx: {why}",
            path.display()
        ))
    };
    let metadata: Map<String, Value> =
        serde_json::from_slice(&text_of(path)?).map_err(|error| wrong(&error.to_string()))?;
    let name = arguments
        .component
        .clone()
        .unwrap_or_else(|| "docker".to_owned());
    let builds: Vec<BuildDocument> = match image(&metadata, &name) {
        Some(build) => vec![build],
        None => metadata
            .iter()
            .filter_map(|(target, value)| image(value.as_object()?, &format!("docker.{target}")))
            .collect(),
    };
    if builds.is_empty() {
        return Err(wrong("there is no containerimage.digest"));
    }
    Ok(Document {
        builds,
        ..Document::default()
    })
}

/// The image by the digest that it is pulled by; its names and the digest of its configuration are labels.
fn image(metadata: &Map<String, Value>, component: &str) -> Option<BuildDocument> {
    let text = |name: &str| metadata.get(name).and_then(Value::as_str);
    let digest = text("containerimage.digest")?;
    let known = [
        ("tags", text("image.name")),
        ("ImageDigest", Some(digest)),
        ("ImageSha256", text("containerimage.config.digest")),
    ];
    let labels = known.into_iter();
    let labels = labels.filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let artifact = ArtifactDocument {
        external_identifier: digest.to_owned(),
        region: "docker".to_owned(),
    };
    Some(BuildDocument {
        component_type: component.to_owned(),
        platform: "docker".to_owned(),
        labels: labels.collect(),
        artifacts: vec![artifact],
        ..BuildDocument::default()
    })
}
