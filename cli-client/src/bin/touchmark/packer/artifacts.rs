//! From what a builder reports to what the registry stores: platform, and per image its region and id.
//!
//! The builders of the table are known by the id of their artifacts; so are a few post-processors that make images.
//! Of all others the files are recorded, with size and SHA-256 as labels, or whatever id they report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::files;
use super::stream::Output;

/// A rule reads an artifact of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// `region:id` pairs, separated by commas.
    Pairs(&'static str),
    /// An id of Azure; its place is not in it.
    Azure,
    /// The name of an image in Google Compute Engine; its place is not in it.
    Google,
    /// The name of a machine in vSphere; its place is not in it.
    Vsphere,
    /// A container image.
    Docker,
    /// A file of Packer's own builder `file`.
    File,
    /// What Packer's own builder `null` leaves: nothing.
    Null,
}

/// Who replaces what a builder made by files of the template's choice.
const ARTIFICE: &str = "packer.post-processor.artifice";

/// The rule for the id of who made an artifact.
fn rule(builder_id: &str) -> Option<Rule> {
    Some(match builder_id {
        "mitchellh.amazonebs"
        | "mitchellh.amazon.instance"
        | "mitchellh.amazon.chroot"
        | "mitchellh.amazon.ebssurrogate"
        | "mitchellh.amazon.ebsvolume"
        | "packer.post-processor.amazon-import" => Rule::Pairs("aws"),
        "Azure.ResourceManagement.VMImage" => Rule::Azure,
        "packer.googlecompute" => Rule::Google,
        "jetbrains.vsphere" => Rule::Vsphere,
        "packer.docker"
        | "packer.post-processor.docker-import"
        | "packer.post-processor.docker-tag"
        | "packer.post-processor.docker-save"
        | "packer.post-processor.docker-push" => Rule::Docker,
        "packer.file" => Rule::File,
        "fnoeding.null" => Rule::Null,
        _ => return None,
    })
}

/// The id that artifacts of a builder have, for those whose output does not say it, such as a manifest.
pub(crate) fn builder_id(builder_type: &str) -> String {
    let id = match builder_type {
        "amazon-ebs" => "mitchellh.amazonebs",
        "amazon-instance" => "mitchellh.amazon.instance",
        "amazon-chroot" => "mitchellh.amazon.chroot",
        "amazon-ebssurrogate" => "mitchellh.amazon.ebssurrogate",
        "amazon-ebsvolume" => "mitchellh.amazon.ebsvolume",
        "azure-arm" => "Azure.ResourceManagement.VMImage",
        "googlecompute" => "packer.googlecompute",
        "vsphere-iso" | "vsphere-clone" => "jetbrains.vsphere",
        "docker" => "packer.docker",
        "file" => "packer.file",
        "null" => "fnoeding.null",
        other => other,
    };
    id.to_owned()
}

/// What is known of a build beside its output.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints {
    /// The type of its builder, such as `amazon-ebs`.
    pub(crate) builder_type: String,
    /// Where images are whose ids do not say it.
    pub(crate) region: String,
    /// What the template says that the image is made from.
    pub(crate) source: String,
}

/// An image in one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Image {
    /// Where it is; may be empty.
    pub(crate) region: String,
    /// Its id there.
    pub(crate) id: String,
}

/// What a build is recorded with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Recorded {
    /// Such as `aws`.
    pub(crate) platform: String,
    /// Each once, in order.
    pub(crate) images: Vec<Image>,
    /// What is known of them beside that.
    pub(crate) labels: BTreeMap<String, String>,
    /// What they were made from, or empty.
    pub(crate) source: String,
}

/// What to record of a build that left this behind; nothing when `images` is empty.
pub(crate) fn recorded(outputs: &[Output], hints: &Hints) -> Recorded {
    let chosen: Vec<Output> = outputs
        .iter()
        .filter(|output| output.builder_id == ARTIFICE)
        .cloned()
        .collect();
    let outputs = if chosen.is_empty() {
        outputs
    } else {
        chosen.as_slice()
    };
    let known: Vec<(Rule, &Output)> = outputs
        .iter()
        .filter_map(|output| Some((rule(&output.builder_id)?, output)))
        .collect();
    let mut recorded = match known.first() {
        Some((Rule::Docker, _)) => docker(known.iter().map(|(_, output)| *output)),
        Some((first, _)) => {
            // Post-processors hand on what they were given, so that the same is printed for each.
            let same = known.iter().filter(|(rule, _)| rule == first);
            by_rule(*first, same.map(|(_, output)| *output), hints)
        }
        None => unknown(outputs, hints),
    };
    let mut seen = std::collections::BTreeSet::new();
    recorded.images.retain(|image| seen.insert(image.clone()));
    recorded
}

fn by_rule<'a>(rule: Rule, outputs: impl Iterator<Item = &'a Output>, hints: &Hints) -> Recorded {
    let mut recorded = Recorded {
        source: hints.source.clone(),
        ..Recorded::default()
    };
    let here = |id: &str| Image {
        region: hints.region.clone(),
        id: id.to_owned(),
    };
    for output in outputs {
        let platform = match rule {
            Rule::Pairs(platform) => {
                recorded.images.extend(output.id.split(',').map(pair));
                platform
            }
            Rule::Azure => {
                recorded.images.push(here(&output.id));
                "azure"
            }
            Rule::Google => {
                recorded.images.push(here(&output.id));
                "gce"
            }
            Rule::Vsphere => {
                recorded.images.push(here(&output.id));
                "vsphere"
            }
            Rule::File => {
                recorded
                    .images
                    .extend(output.files.iter().map(|path| files::image(path)));
                "packer.file"
            }
            Rule::Null => {
                "null".clone_into(&mut recorded.source);
                recorded.images.push(Image {
                    region: "null".to_owned(),
                    id: output.id.clone(),
                });
                "null"
            }
            Rule::Docker => "docker",
        };
        platform.clone_into(&mut recorded.platform);
    }
    if rule == Rule::File && recorded.source.is_empty() {
        // As Packer's own builder says it.
        "<no-defined-source-file>".clone_into(&mut recorded.source);
    }
    recorded
}

/// `us-east-1:ami-0a`; an id without a region has none.
fn pair(text: &str) -> Image {
    let (region, id) = text.split_once(':').unwrap_or(("", text));
    Image {
        region: region.to_owned(),
        id: id.to_owned(),
    }
}

/// The image is named by its digest; the names that it was tagged with are labels. Without a digest the name is
/// the id, and what was exported to a file is that file.
fn docker<'a>(outputs: impl Iterator<Item = &'a Output>) -> Recorded {
    let mut recorded = Recorded {
        platform: "docker".to_owned(),
        ..Recorded::default()
    };
    let mut tags: Vec<&str> = Vec::new();
    let mut exported = Vec::new();
    for output in outputs {
        let image = Image {
            region: "docker".to_owned(),
            id: output.id.clone(),
        };
        if output.id.starts_with("sha256:") {
            recorded.images.push(image);
        } else if !output.files.is_empty() {
            exported.extend(output.files.iter().map(String::as_str));
        } else if !output.id.is_empty() && !tags.contains(&output.id.as_str()) {
            tags.push(&output.id);
        }
    }
    if !tags.is_empty() {
        recorded.labels.insert("tags".to_owned(), tags.join(","));
    }
    if recorded.images.is_empty() {
        let tagged = tags.iter().map(|tag| Image {
            region: "docker".to_owned(),
            id: (*tag).to_owned(),
        });
        recorded.images.extend(tagged);
    }
    if recorded.images.is_empty() {
        recorded
            .images
            .extend(exported.iter().map(|path| files::image(path)));
        recorded.labels.extend(files::labels(exported.into_iter()));
    }
    recorded
}

/// Files if there are some, else what is reported as an id.
fn unknown(outputs: &[Output], hints: &Hints) -> Recorded {
    let mut recorded = Recorded {
        platform: hints.builder_type.clone(),
        source: hints.source.clone(),
        ..Recorded::default()
    };
    let mut paths: Vec<&str> = Vec::new();
    for path in outputs.iter().flat_map(|output| &output.files) {
        if !paths.contains(&path.as_str()) {
            paths.push(path);
        }
    }
    recorded
        .images
        .extend(paths.iter().map(|path| files::image(path)));
    recorded.labels = files::labels(paths.into_iter());
    if recorded.images.is_empty() {
        let ids = outputs.iter().filter(|output| !output.id.is_empty());
        let image = |output: &Output| Image {
            region: hints.region.clone(),
            id: output.id.clone(),
        };
        recorded.images.extend(ids.map(image));
    }
    recorded
}

#[cfg(test)]
mod tests;
