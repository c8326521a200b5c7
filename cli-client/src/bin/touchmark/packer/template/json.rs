//! JSON templates, in the form of before HCL2.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use touchmark_client::wire::version::TemplateType;

use super::{Component, PackerArguments, Template, unreadable};
use crate::exit::{Failure, Result};

#[derive(Deserialize)]
struct Document {
    builders: Vec<Map<String, Value>>,
    #[serde(default)]
    variables: Map<String, Value>,
}

/// Reads a file.
pub(super) fn read(path: &Path, arguments: &PackerArguments) -> Result<Template> {
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let document: Document = serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "{} is no template of Packer: {error}",
            path.display()
        ))
    })?;
    let variables = variables(&document, arguments)?;
    let components = document.builders.iter();
    Ok(Template {
        kind: TemplateType::Json,
        components: components
            .filter_map(|builder| component(builder, &variables))
            .collect(),
        ..Template::default()
    })
}

/// Defaults, then files, then flags.
fn variables(document: &Document, arguments: &PackerArguments) -> Result<BTreeMap<String, String>> {
    let mut variables = strings(&document.variables);
    for file in &arguments.variable_files {
        let path = Path::new(file);
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        // In another form it is Packer's to refuse.
        let values: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
        variables.extend(strings(&values));
    }
    variables.extend(arguments.variables.iter().cloned());
    Ok(variables)
}

fn strings(values: &Map<String, Value>) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let values = values.iter();
    values
        .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
        .collect()
}

fn component(
    builder: &Map<String, Value>,
    variables: &BTreeMap<String, String>,
) -> Option<Component> {
    let attributes: BTreeMap<String, String> = strings(builder)
        .into_iter()
        .filter_map(|(name, value)| Some((name, expanded(&value, variables)?)))
        .collect();
    let builder_type = attributes.get("type")?.clone();
    let name = attributes.get("name").filter(|name| **name != builder_type);
    let component_type = name.map_or_else(
        || builder_type.clone(),
        |name| format!("{builder_type}.{name}"),
    );
    // Before it knew registries, Packer called builds by their names only.
    let short = name.unwrap_or(&builder_type).clone();
    Some(Component {
        targets: vec![component_type.clone(), short.clone()],
        component_type,
        source_name: short,
        builder_type,
        attributes,
    })
}

/// The text with `{{user `name`}}` replaced; `None` if it needs more than that.
fn expanded(text: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}")?;
        let name = inside.trim().strip_prefix("user")?.trim();
        let name = name.trim_matches(['`', '"', '\'']);
        done.push_str(before);
        done.push_str(variables.get(name)?);
        rest = after;
    }
    done.push_str(rest);
    Some(done)
}
