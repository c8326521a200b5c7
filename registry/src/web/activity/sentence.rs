//! An event as a sentence, without who it was: "moved prod of app-server from v11 to v12".

use super::{super::href, known::Known};
use crate::{domain::event::OPEN_KINDS, store::events::Entry};

/// Words of a sentence, and where they lead.
pub(super) struct Part {
    pub(super) text: String,
    pub(super) href: Option<String>,
}

/// Something that happens, and how it is told. In braces: `name` of the resource, its `bucket`, its `version`,
/// what a channel gave `from` and `to`.
pub(super) struct Told {
    pub(super) name: &'static str,
    text: &'static str,
}

impl Told {
    /// Whether everybody sees it who reads the project.
    pub(super) fn open(&self) -> bool {
        let kind = self.name.split('.').next().unwrap_or_default();
        OPEN_KINDS.contains(&kind)
    }
}

macro_rules! told {
    ($($name:literal: $text:literal,)*) => {
        /// Everything that is told in a way of its own.
        pub(super) const ACTIONS: &[Told] = &[$(Told { name: $name, text: $text },)*];
    };
}

told! {
    "bucket.created": "created bucket {bucket}",
    "bucket.updated": "changed bucket {bucket}",
    "bucket.deleted": "deleted bucket {bucket}",
    "version.created": "began version {version} of {bucket}",
    "version.completed": "completed {version} of {bucket}",
    "version.revoked": "revoked {version} of {bucket}",
    "version.revocation_scheduled": "scheduled the revocation of {version} of {bucket}",
    "version.revocation_inherited": "revoked {version} of {bucket} with what it was built from",
    "version.restored": "restored {version} of {bucket}",
    "version.deleted": "deleted {version} of {bucket}",
    "build.created": "registered build {name} of {version} of {bucket}",
    "build.started": "started build {name} of {version} of {bucket}",
    "build.updated": "changed build {name} of {version} of {bucket}",
    "build.done": "finished build {name} of {version} of {bucket}",
    "build.failed": "failed build {name} of {version} of {bucket}",
    "build.cancelled": "cancelled build {name} of {version} of {bucket}",
    "build.deleted": "deleted build {name} of {bucket}",
    "sbom.uploaded": "uploaded SBOM {name} for {bucket}",
    "channel.created": "created channel {name} of {bucket}",
    "channel.assigned": "moved {name} of {bucket}{from}{to}",
    "channel.rolled_back": "rolled {name} of {bucket} back{from}{to}",
    "channel.cleared": "cleared {name} of {bucket}{from}",
    "channel.updated": "changed channel {name} of {bucket}",
    "channel.deleted": "deleted channel {name} of {bucket}",
    "project.created": "created project {name}",
    "project.deleted": "deleted project {name}",
    "registry.created": "switched the registry of the project on",
    "registry.updated": "changed the registry of the project",
    "registry.deleted": "deleted the registry of the project",
    "organization.created": "created organization {name}",
    "organization.deleted": "deleted organization {name}",
    "principal.created": "created {name}",
    "principal.invited": "invited {name}",
    "principal.granted": "gave {name} a role",
    "principal.revoked": "took a role from {name}",
    "principal.enabled": "enabled {name}",
    "principal.disabled": "disabled {name}",
    "principal.rotated": "gave {name} another secret",
    "principal.secret_deleted": "deleted a secret of {name}",
    "principal.password_set": "set the password of {name}",
    "principal.recovered": "recovered access as {name}",
    "principal.deleted": "deleted {name}",
    "policy.set": "set who may do what in {bucket}",
    "run_task.created": "created the run task",
    "run_task.updated": "changed the run task",
    "run_task.key_regenerated": "made a new key of the run task",
    "enforced_block.created": "created enforced block {name}",
    "enforced_block.updated": "changed enforced block {name}",
    "enforced_block.deleted": "deleted enforced block {name}",
    "enforced_block_version.created": "created version {name} of an enforced block",
    "enforced_block_version.updated": "changed version {name} of an enforced block",
    "enforced_block_version.deleted": "deleted version {name} of an enforced block",
    "enforced_block_link.updated": "linked {bucket} to another version of an enforced block",
    "enforced_block_link.created": "linked {bucket} to an enforced block",
    "enforced_block_link.deleted": "unlinked {bucket} from an enforced block",
    "events.archived": "archived old events",
}

/// The sentence of an event.
pub(super) fn of(entry: &Entry, known: &Known, project: &str) -> Vec<Part> {
    let mut told = ACTIONS.iter();
    let Some(told) = told.find(|told| told.name == entry.action) else {
        // Something that a later program wrote.
        let (action, name) = (&entry.action, &entry.resource_name);
        return vec![plain(format!("{action} {name}"))];
    };
    let mut parts = Vec::new();
    let mut rest = told.text;
    while let Some((before, field)) = rest.split_once('{') {
        let (field, after) = field.split_once('}').unwrap_or((field, ""));
        if !before.is_empty() {
            parts.push(plain(before.to_owned()));
        }
        parts.extend(fill(field, entry, (known, project)));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(plain(rest.to_owned()));
    }
    parts
}

fn plain(text: String) -> Part {
    Part { text, href: None }
}

fn fill(field: &str, entry: &Entry, (known, project): (&Known, &str)) -> Option<Part> {
    match field {
        "bucket" => Some(bucket(entry, (known, project))),
        "version" => Some(version(entry, (known, project))),
        "from" => {
            let moved = known.moved(entry)?;
            let from = moved.from.as_deref().filter(|name| !name.is_empty())?;
            Some(plain(format!(" from {from}")))
        }
        "to" => {
            let moved = known.moved(entry)?;
            let to = Some(moved.to.as_str()).filter(|name| !name.is_empty())?;
            Some(plain(format!(" to {to}")))
        }
        _ => Some(plain(entry.resource_name.clone())),
    }
}

fn bucket(entry: &Entry, (known, project): (&Known, &str)) -> Part {
    match known.bucket(entry) {
        Some(name) => Part {
            href: Some(href::bucket(project, name)),
            text: name.to_owned(),
        },
        None if entry.resource_kind == "bucket" => plain(entry.resource_name.clone()),
        None => plain("a bucket that is gone".to_owned()),
    }
}

fn version(entry: &Entry, (known, project): (&Known, &str)) -> Part {
    let (text, fingerprint) = known.version(entry);
    let href = known
        .bucket(entry)
        .zip(fingerprint)
        .map(|(bucket, fingerprint)| href::version(project, bucket, fingerprint));
    Part { text, href }
}
