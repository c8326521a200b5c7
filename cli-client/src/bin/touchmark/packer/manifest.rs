//! The file of Packer's `manifest` post-processor: builds of one run after the other.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::artifacts;
use super::stream::Output;
use crate::exit::{Failure, Result};

#[derive(Deserialize)]
struct Manifest {
    builds: Vec<Entry>,
    last_run_uuid: String,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    name: String,
    builder_type: String,
    #[serde(default)]
    files: Option<Vec<File>>,
    #[serde(default)]
    artifact_id: String,
    packer_run_uuid: String,
    #[serde(default)]
    custom_data: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct File {
    name: String,
}

/// A build of the last run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Built {
    /// `type.name`, or the type alone when the name is no other.
    pub(crate) component_type: String,
    /// The builder.
    pub(crate) builder_type: String,
    /// What it left behind, each once.
    pub(crate) outputs: Vec<Output>,
    /// What the template adds to it.
    pub(crate) labels: BTreeMap<String, String>,
}

/// The last run of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Packer's UUID of it.
    pub(crate) uuid: String,
    /// Its builds.
    pub(crate) builds: Vec<Built>,
}

/// Reads the last run of a manifest.
///
/// # Errors
/// A usage failure when the file cannot be read or holds no run.
pub(crate) fn read(path: &Path) -> Result<Run> {
    let shown = path.display();
    let text = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("{shown} cannot be read: {error}")))?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| Failure::usage(format!("{shown} is no manifest of Packer: {error}")))?;
    let uuid = manifest.last_run_uuid;
    let mut builds: Vec<Built> = Vec::new();
    for entry in manifest
        .builds
        .into_iter()
        .filter(|entry| entry.packer_run_uuid == uuid)
    {
        add(&mut builds, entry);
    }
    if builds.is_empty() {
        return Err(Failure::usage(format!(
            "{shown} holds no builds of its last run"
        )));
    }
    Ok(Run { uuid, builds })
}

fn add(builds: &mut Vec<Built>, entry: Entry) {
    let kind = entry.builder_type;
    let is_plain = entry.name.is_empty() || entry.name == kind;
    let component_type = if is_plain {
        kind.clone()
    } else {
        format!("{kind}.{}", entry.name)
    };
    let files = entry.files.unwrap_or_default();
    let output = Output {
        builder_id: builder(&kind, &entry.artifact_id),
        id: entry.artifact_id,
        files: files.into_iter().map(|file| file.name).collect(),
    };
    let labels = entry.custom_data.unwrap_or_default();
    let mut known = builds.iter_mut();
    match known.find(|built| built.component_type == component_type) {
        Some(built) => {
            if !built.outputs.contains(&output) {
                built.outputs.push(output);
            }
            built.labels.extend(labels);
        }
        None => builds.push(Built {
            component_type,
            builder_type: kind,
            outputs: vec![output],
            labels,
        }),
    }
}

/// A manifest names the builder, and not the post-processor that made the artifact; that shows in the id.
fn builder(kind: &str, id: &str) -> String {
    match (kind, id) {
        // What post-processors such as compress make of files has no id.
        ("file", "File") | ("null", "Null") => artifacts::builder_id(kind),
        ("file" | "null", _) => String::new(),
        (other, _) => artifacts::builder_id(other),
    }
}

#[cfg(test)]
mod tests {
    use super::{Output, read};

    #[test]
    fn only_the_last_run_counts_and_each_artifact_once() {
        let text = r#"{"builds":[
          {"name":"old","builder_type":"file","files":null,"artifact_id":"x","packer_run_uuid":"a"},
          {"name":"base","builder_type":"amazon-ebs","build_time":1,"files":null,"artifact_id":"us-east-1:ami-1","packer_run_uuid":"b","custom_data":null},
          {"name":"base","builder_type":"amazon-ebs","files":null,"artifact_id":"us-east-1:ami-1","packer_run_uuid":"b"},
          {"name":"null","builder_type":"null","files":[{"name":"null.tar.gz","size":34}],"artifact_id":"","packer_run_uuid":"b"}
        ],"last_run_uuid":"b"}"#;
        let path =
            std::env::temp_dir().join(format!("touchmark-manifest-{}.json", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let run = read(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        let shown: Vec<_> = run
            .builds
            .iter()
            .map(|built| (built.component_type.as_str(), built.outputs.len()))
            .collect();
        assert_eq!(shown, [("amazon-ebs.base", 1), ("null", 1)]);
        let file = Output {
            builder_id: String::new(),
            id: String::new(),
            files: vec!["null.tar.gz".to_owned()],
        };
        assert_eq!(run.builds[1].outputs, [file]);
        assert_eq!(run.builds[0].outputs[0].builder_id, "mitchellh.amazonebs");
    }
}
