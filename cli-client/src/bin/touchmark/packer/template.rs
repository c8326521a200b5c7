//! Templates, as far as a recording needs them: which builds there are and what they are called, what the block
//! `hcp_packer_registry` says, and literals that say where images come to be.

mod hcl2;
mod hcl_json;
mod json;

use std::collections::BTreeMap;
use std::path::Path;

use touchmark_client::wire::version::TemplateType;

use super::arguments::PackerArguments;
use crate::exit::{Failure, Result};

/// What a template says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Template {
    /// The language.
    pub(crate) kind: TemplateType,
    /// The block `hcp_packer_registry`, if there is one.
    pub(crate) registry: Option<RegistryBlock>,
    /// The builds, in order.
    pub(crate) components: Vec<Component>,
    /// The name of the only `build` block, or empty.
    pub(crate) build_name: String,
    /// Whether there are several `build` blocks, which Packer does not record by itself.
    pub(crate) has_several: bool,
}

/// The block `hcp_packer_registry`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RegistryBlock {
    /// The bucket; empty if it is not said, or not by literals and variables.
    pub(crate) bucket_name: String,
    /// Of the bucket.
    pub(crate) description: String,
    /// Of the bucket.
    pub(crate) bucket_labels: BTreeMap<String, String>,
    /// Of every build.
    pub(crate) build_labels: BTreeMap<String, String>,
    /// Channels that are to hold the version.
    pub(crate) channels: Vec<String>,
}

/// A build of a template.
#[expect(
    clippy::struct_field_names,
    reason = "that is what the protocol calls it"
)]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Component {
    /// What the registry calls it.
    pub(crate) component_type: String,
    /// What Packer calls it in its output, which depends on its version.
    pub(crate) targets: Vec<String>,
    /// The builder, such as `amazon-ebs`.
    pub(crate) builder_type: String,
    /// The source without its type.
    pub(crate) source_name: String,
    /// Attributes of the source whose values are known.
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Component {
    /// Where images of this builder come to be whose ids do not say it.
    pub(crate) fn region(&self) -> &str {
        let names: &[&str] = match self.builder_type.as_str() {
            "googlecompute" => &["zone"],
            "vsphere-iso" | "vsphere-clone" | "vsphere-iso-supervisor" => &["datacenter"],
            "azure-arm" => &["location", "build_resource_group_name"],
            _ => &["region", "location", "zone"],
        };
        let mut values = names.iter().filter_map(|name| self.attributes.get(*name));
        values.next().map_or("", String::as_str)
    }

    /// What the template says that the image is made from.
    pub(crate) fn source(&self) -> &str {
        let names: &[&str] = match self.builder_type.as_str() {
            "file" => &["source"],
            "googlecompute" => &["source_image"],
            "vsphere-clone" => &["template"],
            "vsphere-iso" => &["iso_url", "iso_paths"],
            "docker" => &["image"],
            _ => &["source_ami", "source_image", "iso_url"],
        };
        let mut values = names.iter().filter_map(|name| self.attributes.get(*name));
        values.next().map_or("", String::as_str)
    }
}

impl Template {
    /// Reads the template that the arguments name.
    ///
    /// # Errors
    /// A usage failure when it cannot be read or is no template.
    pub(crate) fn read(arguments: &PackerArguments) -> Result<Self> {
        let path = Path::new(&arguments.template);
        let name = arguments.template.as_str();
        let is_hcl = path.extension().is_some_and(|extension| extension == "hcl");
        if path.is_dir() || is_hcl || name.ends_with(".pkr.json") {
            return hcl2::read(path, arguments);
        }
        json::read(path, arguments)
    }

    /// The build that Packer calls so.
    pub(crate) fn component(&self, target: &str) -> Option<&Component> {
        let mut components = self.components.iter();
        components.find(|component| component.targets.iter().any(|known| known == target))
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{} cannot be read: {error}", path.display()))
}

#[cfg(test)]
mod tests;
