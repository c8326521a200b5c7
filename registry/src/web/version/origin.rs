//! `…/versions/{fingerprint}/origin`: how a version was built, as its builds told.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde_json::{Map, Value};

use super::{Head, Seen, Tab, VersionPath, banner::Banner, framed, metadata, missing, see};
use crate::{
    domain::version::TemplateType,
    error::Result,
    state::State,
    web::{
        frame::{Frame, Page},
        visitor::Here,
    },
};

/// Different accounts that are shown.
const GROUPS: usize = 5;
/// Facts of one part that are shown.
const FACTS: usize = 40;
/// Characters of a value that are shown.
const LONGEST: usize = 300;
/// Bytes of JSON that are shown, over all groups.
const RAW: usize = 20_000;

#[derive(Template)]
#[template(path = "version_origin.html")]
struct Origin {
    frame: Frame,
    head: Head,
    template: &'static str,
    groups: Vec<Group>,
    /// How many more accounts there are.
    more: usize,
    /// What prints everything.
    command: String,
}

impl Page for Origin {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// What some builds told alike.
struct Group {
    components: String,
    parts: Vec<(&'static str, Vec<Fact>)>,
    /// All of it as JSON; `None` when it is too long for a page.
    raw: Option<String>,
}

/// A value under a name.
#[derive(Debug, PartialEq, Eq)]
struct Fact {
    name: String,
    value: String,
    href: Option<String>,
}

impl Fact {
    fn new(name: &str, value: impl Into<String>) -> Self {
        let mut value: String = value.into();
        let href = metadata::web_address(&value).map(String::from);
        if let Some((end, _)) = value.char_indices().nth(LONGEST) {
            value.truncate(end);
            value.push('…');
        }
        Self {
            name: name.to_owned(),
            value,
            href,
        }
    }
}

pub(in crate::web) async fn show(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
) -> Result<HttpResponse> {
    let Some((seen, ())) = see(&state, &here, &path, |_, _, _| Ok(())).await? else {
        return missing(&here, &path.bucket, &path.fingerprint);
    };
    let (frame, head) = framed(&here, &seen, (Tab::Origin, state.clock.now()));
    let (groups, more) = groups(&seen);
    let version = &seen.view.version;
    let name = version
        .number
        .map_or_else(|| version.fingerprint.clone(), |_| version.name());
    let page = Origin {
        frame,
        head,
        template: match version.template_type {
            TemplateType::Hcl2 => "an HCL2 template",
            TemplateType::Json => "a JSON template",
            TemplateType::Unset => "a template of a kind that was not told",
        },
        groups,
        more,
        command: format!(
            "touchmark version show {}:{name} --json=builds",
            seen.bucket.name
        ),
    };
    page.show()
}

/// What builds told, those that told the same together; and how many accounts were left out.
fn groups(seen: &Seen) -> (Vec<Group>, usize) {
    let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for view in &seen.view.builds {
        if let Some(json) = &view.build.metadata {
            let builds = told.entry(json).or_default();
            builds.push(&view.build.component_type);
        }
    }
    let more = told.len().saturating_sub(GROUPS);
    let mut room = RAW;
    let groups = told.into_iter().take(GROUPS).map(|(json, components)| {
        let value: Value = serde_json::from_str(json).unwrap_or_default();
        let raw = serde_json::to_string_pretty(&value).ok();
        let raw = raw.filter(|raw| raw.len() <= room);
        room -= raw.as_ref().map_or(0, String::len);
        Group {
            components: Fact::new("", components.join(", ")).value,
            parts: parts(&value),
            raw,
        }
    });
    (groups.collect(), more)
}

/// The parts of what a build told that have something to show.
fn parts(metadata: &Value) -> Vec<(&'static str, Vec<Fact>)> {
    let parts = [
        ("Packer", packer(&metadata["packer"])),
        ("Source", source(metadata)),
        ("CI", ci(&metadata["cicd"])),
    ];
    let parts = parts.into_iter().filter(|(_, facts)| !facts.is_empty());
    parts
        .map(|(name, mut facts)| {
            facts.truncate(FACTS);
            (name, facts)
        })
        .collect()
}

/// Version, plugins, options and system; and whatever else another builder told.
fn packer(packer: &Value) -> Vec<Fact> {
    let Some(fields) = packer.as_object() else {
        return Vec::new();
    };
    let mut facts = Vec::new();
    if let Some(version) = metadata::text(packer, "/version") {
        facts.push(Fact::new("Version", version));
    }
    facts.extend(plugins(&packer["plugins"]));
    if let Some(options) = packer["options"].as_object() {
        facts.extend(options.iter().filter_map(option));
    }
    facts.extend(system(&packer["os"]));
    let known = ["version", "plugins", "options", "os"];
    let others = fields
        .iter()
        .filter(|(key, _)| !known.contains(&key.as_str()));
    facts.extend(others.filter_map(|(key, value)| Some(Fact::new(key, scalar(value)?))));
    facts
}

fn plugins(plugins: &Value) -> Option<Fact> {
    let names = plugins.as_array()?.iter().filter_map(|plugin| {
        let version = metadata::text(plugin, "/version").unwrap_or_default();
        let name = metadata::text(plugin, "/name")?;
        Some(format!("{name} {version}").trim_end().to_owned())
    });
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| Fact::new("Plugins", names.join(", ")))
}

/// An option that was given; those that are off say nothing.
fn option((name, value): (&String, &Value)) -> Option<Fact> {
    let text = match value {
        Value::Bool(false) | Value::Null => return None,
        Value::Bool(true) => "yes".to_owned(),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().filter_map(scalar).collect();
            values.join(", ")
        }
        other => scalar(other)?,
    };
    (!text.is_empty()).then(|| Fact::new(&format!("Option {name}"), text))
}

fn system(os: &Value) -> Option<Fact> {
    let parts = ["/type", "/details/arch", "/details/version"];
    let parts: Vec<&str> = parts
        .iter()
        .filter_map(|pointer| metadata::text(os, pointer))
        .collect();
    (!parts.is_empty()).then(|| Fact::new("System", parts.join(" ")))
}

/// Commit, branch and author.
fn source(told: &Value) -> Vec<Fact> {
    let vcs = &told["vcs"];
    let mut facts = Vec::new();
    if let Some(commit) = metadata::text(vcs, "/details/commit") {
        let mut fact = Fact::new("Commit", commit);
        fact.href = metadata::commit_page(told, commit);
        facts.push(fact);
    }
    for (name, pointer) in [
        ("Branch", "/details/ref"),
        ("Author", "/details/author"),
        ("Repository", "/details/remote"),
    ] {
        facts.extend(metadata::text(vcs, pointer).map(|text| Fact::new(name, text)));
    }
    if vcs.pointer("/details/has_uncommitted_changes") == Some(&Value::Bool(true)) {
        facts.push(Fact::new("Uncommitted changes", "yes"));
    }
    facts
}

/// The system, then its variables: those that lead somewhere first.
fn ci(cicd: &Value) -> Vec<Fact> {
    let system = metadata::text(cicd, "/type").map(|text| Fact::new("System", text));
    let none = Map::new();
    let details = cicd["details"].as_object().unwrap_or(&none);
    let details = details.iter();
    let mut details: Vec<Fact> = details
        .filter_map(|(name, value)| Some(Fact::new(name, scalar(value)?)))
        .filter(|fact| !fact.value.is_empty())
        .collect();
    details.sort_by_key(|fact| fact.href.is_none());
    system.into_iter().chain(details).collect()
}

/// A single value as text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whatever_a_builder_tells_is_read() {
        for odd in [
            json!(null),
            json!("text"),
            json!({"packer": [1], "vcs": 3, "cicd": {"details": []}}),
            json!({"packer": {"plugins": {}, "options": [], "os": "linux"}}),
        ] {
            assert_eq!(parts(&odd).len(), 0, "{odd}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let told = json!({"cicd": {"type": "generic", "details": {
            "A": "javascript:alert(1)", "BUILD_URL": "https://ci.example.com/7"}}});
        let links: Vec<_> = ci(&told["cicd"]).into_iter().map(|f| f.href).collect();
        assert_eq!(
            links,
            [None, Some("https://ci.example.com/7".to_owned()), None]
        );
    }
}
