//! HCL2 templates: a file, or all of a folder. Values are known as far as they follow from literals, variables and
//! locals; whatever else an expression needs is Packer's business.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hcl::eval::{Context, Evaluate};
use hcl::{Block, Body, Expression, Value};
use touchmark_client::wire::version::TemplateType;

use super::hcl_json;
use super::{Component, PackerArguments, RegistryBlock, Template, unreadable};
use crate::exit::{Failure, Result};

/// Reads a file or a folder.
pub(super) fn read(path: &Path, arguments: &PackerArguments) -> Result<Template> {
    let mut blocks: Vec<Block> = Vec::new();
    for file in files(path)? {
        let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
        blocks.extend(parse(&file, &text)?.into_blocks());
    }
    let context = context(&blocks, path, arguments);
    let sources = sources(&blocks, &context);
    let builds: Vec<&Block> = named(&blocks, "build").collect();
    let top = named(&blocks, "hcp_packer_registry").next();
    let mut inner = builds.iter().flat_map(|build| build.body.blocks());
    let block = top.or_else(|| inner.rfind(|block| is(block, "hcp_packer_registry")));
    let of_only = |name: &str| match builds.as_slice() {
        [only] => text(&only.body, name, &context).unwrap_or_default(),
        _ => String::new(),
    };
    let mut registry = block.map(|block| registry(block, &context));
    if let Some(block) = registry
        .as_mut()
        .filter(|block| top.is_none() && block.description.is_empty())
    {
        block.description = of_only("description");
    }
    Ok(Template {
        kind: TemplateType::Hcl2,
        registry,
        components: components(&builds, &sources, &context),
        build_name: of_only("name"),
        has_several: builds.len() > 1,
    })
}

fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let files = files_like(path, is_template).map_err(|error| unreadable(path, &error))?;
    if files.is_empty() {
        return Err(Failure::usage(format!(
            "there is no template in {}",
            path.display()
        )));
    }
    Ok(files)
}

/// The files of a folder whose names are like that, in their order.
fn files_like(folder: &Path, is_one: impl Fn(&str) -> bool) -> std::io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| is_one(&file.to_string_lossy()))
        .collect();
    files.sort();
    Ok(files)
}

fn is_template(name: &str) -> bool {
    name.ends_with(".pkr.hcl") || name.ends_with(".pkr.json")
}

fn parse(file: &Path, text: &str) -> Result<Body> {
    let is_json = file
        .extension()
        .is_some_and(|extension| extension == "json");
    let body = if is_json {
        hcl_json::parse(text).map_err(|error| error.to_string())
    } else {
        hcl::parse(text).map_err(|error| error.to_string())
    };
    body.map_err(|error| {
        Failure::usage(format!("{} cannot be understood: {error}", file.display()))
    })
}

fn is(block: &Block, name: &str) -> bool {
    block.identifier.as_str() == name
}

fn named<'a>(blocks: &'a [Block], name: &'static str) -> impl Iterator<Item = &'a Block> {
    blocks.iter().filter(move |block| is(block, name))
}

fn label(block: &Block, at: usize) -> Option<&str> {
    block.labels.get(at).map(hcl::BlockLabel::as_str)
}

/// `var` and `local`, as far as their values are known.
fn context<'a>(blocks: &[Block], path: &Path, arguments: &PackerArguments) -> Context<'a> {
    let mut variables: BTreeMap<String, Value> = BTreeMap::new();
    for block in named(blocks, "variable") {
        let Some(name) = label(block, 0) else {
            continue;
        };
        let default = attribute(&block.body, "default")
            .and_then(|value| value.evaluate(&Context::new()).ok());
        let given = std::env::vars().find(|(key, _)| *key == format!("PKR_VAR_{name}"));
        let value = given.map(|(_, value)| Value::from(value)).or(default);
        variables.extend(value.map(|value| (name.to_owned(), value)));
    }
    let given = arguments.variable_files.iter().map(PathBuf::from);
    for file in variable_files(path).into_iter().chain(given) {
        let body = std::fs::read_to_string(&file)
            .ok()
            .and_then(|text| hcl::parse(&text).ok());
        for attribute in body.iter().flat_map(Body::attributes) {
            let value = attribute.expr.evaluate(&Context::new()).ok();
            variables.extend(value.map(|value| (attribute.key.to_string(), value)));
        }
    }
    let flags = arguments.variables.iter().cloned();
    variables.extend(flags.map(|(name, value)| (name, Value::from(value))));

    let mut context = Context::new();
    context.declare_var("var", object(&variables));
    let mut locals: BTreeMap<String, Value> = BTreeMap::new();
    // Locals may name each other in any order.
    for _ in 0..3 {
        for attribute in named(blocks, "locals").flat_map(|block| block.body.attributes()) {
            let value = attribute.expr.evaluate(&context).ok();
            locals.extend(value.map(|value| (attribute.key.to_string(), value)));
        }
        context.declare_var("local", object(&locals));
    }
    context
}

/// Those that Packer reads without being told.
fn variable_files(path: &Path) -> Vec<PathBuf> {
    let is_one = |name: &str| name.ends_with(".auto.pkrvars.hcl");
    // A single file has none.
    files_like(path, is_one).unwrap_or_default()
}

fn object(values: &BTreeMap<String, Value>) -> Value {
    values
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn attribute<'a>(body: &'a Body, name: &str) -> Option<&'a Expression> {
    let mut attributes = body.attributes();
    attributes
        .find(|attribute| attribute.key.as_str() == name)
        .map(|attribute| &attribute.expr)
}

fn value(body: &Body, name: &str, context: &Context<'_>) -> Option<Value> {
    attribute(body, name)?.evaluate(context).ok()
}

fn text(body: &Body, name: &str, context: &Context<'_>) -> Option<String> {
    plain(&value(body, name, context)?)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn registry(block: &Block, context: &Context<'_>) -> RegistryBlock {
    let body = &block.body;
    let labels = |name: &str| match value(body, name, context) {
        Some(Value::Object(labels)) => labels
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), plain(value)?)))
            .collect(),
        _ => BTreeMap::new(),
    };
    let mut bucket_labels = labels("bucket_labels");
    if bucket_labels.is_empty() {
        // The name of before.
        bucket_labels = labels("labels");
    }
    RegistryBlock {
        bucket_name: text(body, "bucket_name", context).unwrap_or_default(),
        description: text(body, "description", context).unwrap_or_default(),
        bucket_labels,
        build_labels: labels("build_labels"),
        channels: match value(body, "channels", context) {
            Some(Value::Array(names)) => names.iter().filter_map(plain).collect(),
            _ => Vec::new(),
        },
    }
}

/// Attributes by `type.name`.
type Sources = BTreeMap<String, BTreeMap<String, String>>;

fn attributes(body: &Body, context: &Context<'_>) -> BTreeMap<String, String> {
    let attributes = body.attributes();
    let known = attributes.filter_map(|attribute| {
        let value = attribute.expr.evaluate(context).ok()?;
        Some((attribute.key.to_string(), plain(&value)?))
    });
    known.collect()
}

fn sources(blocks: &[Block], context: &Context<'_>) -> Sources {
    let sources = named(blocks, "source").filter_map(|block| {
        let name = format!("{}.{}", label(block, 0)?, label(block, 1)?);
        Some((name, attributes(&block.body, context)))
    });
    sources.collect()
}

/// A source that a `build` block uses.
struct Use {
    build: String,
    /// `type.name`, where the block may give another name.
    name: String,
    attributes: BTreeMap<String, String>,
}

fn uses(build: &Block, sources: &Sources, context: &Context<'_>) -> Vec<Use> {
    let build_name = text(&build.body, "name", context).unwrap_or_default();
    let mut uses = Vec::new();
    let known = |name: &str| sources.get(name).cloned().unwrap_or_default();
    for name in listed(&build.body, context) {
        let name = name.trim_start_matches("source.");
        uses.push(Use {
            build: build_name.clone(),
            name: name.to_owned(),
            attributes: known(name),
        });
    }
    for block in build.body.blocks().filter(|block| is(block, "source")) {
        let Some(source) = label(block, 0).map(|label| label.trim_start_matches("source.")) else {
            continue;
        };
        let mut all = known(source);
        all.extend(attributes(&block.body, context));
        let name = match (text(&block.body, "name", context), source.split_once('.')) {
            (Some(name), Some((kind, _))) => format!("{kind}.{name}"),
            _ => source.to_owned(),
        };
        uses.push(Use {
            build: build_name.clone(),
            name,
            attributes: all,
        });
    }
    uses
}

/// The names in `sources = […]`, which are strings or, in the way of references, `source.type.name`.
fn listed(body: &Body, context: &Context<'_>) -> Vec<String> {
    let Some(Expression::Array(entries)) = attribute(body, "sources") else {
        return Vec::new();
    };
    let name = |entry: &Expression| match entry.evaluate(context) {
        Ok(value) => plain(&value),
        Err(_) => Some(entry.to_string()),
    };
    entries.iter().filter_map(name).collect()
}

fn components(builds: &[&Block], sources: &Sources, context: &Context<'_>) -> Vec<Component> {
    let uses: Vec<Use> = builds
        .iter()
        .flat_map(|build| uses(build, sources, context))
        .collect();
    let several = |name: &str| uses.iter().filter(|other| other.name == name).count() > 1;
    let component = |used: &Use| {
        let (kind, name) = used.name.split_once('.')?;
        let long = if used.build.is_empty() {
            used.name.clone()
        } else {
            format!("{}.{}", used.build, used.name)
        };
        // The same source in two build blocks is told apart by their names.
        let component_type = if several(&used.name) {
            long.clone()
        } else {
            used.name.clone()
        };
        let mut targets = vec![long, component_type.clone()];
        targets.dedup();
        Some(Component {
            component_type,
            targets,
            builder_type: kind.to_owned(),
            source_name: name.to_owned(),
            attributes: used.attributes.clone(),
        })
    };
    uses.iter().filter_map(component).collect()
}
