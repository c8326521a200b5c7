//! What differs between a complete version and a document that claims to be it.

use std::collections::BTreeSet;

use touchmark_client::wire::version::Version;

use super::document::{BuildDocument, Document};
use crate::output::shown;

/// One line per difference; labels that only the registry has are none.
pub(super) fn differences(version: &Version, document: &Document) -> Vec<String> {
    let mut lines = Vec::new();
    for build in &document.builds {
        let name = &build.component_type;
        match version
            .builds
            .iter()
            .find(|known| known.component_type == *name)
        {
            None => lines.push(format!("{name}: not in the recorded version")),
            Some(known) => lines.extend(build_differences(known, build)),
        }
    }
    for known in &version.builds {
        let name = &known.component_type;
        if !document
            .builds
            .iter()
            .any(|build| build.component_type == *name)
        {
            lines.push(format!("{name}: only in the recorded version"));
        }
    }
    lines.iter().map(|line| shown(line)).collect()
}

fn build_differences(
    known: &touchmark_client::wire::build::Build,
    build: &BuildDocument,
) -> Vec<String> {
    let name = &build.component_type;
    let mut lines = Vec::new();
    if known.platform != build.platform {
        lines.push(format!(
            "{name}: platform {} was {}",
            build.platform, known.platform
        ));
    }
    let recorded: BTreeSet<(&str, &str)> = known
        .artifacts
        .iter()
        .map(|artifact| {
            (
                artifact.region.as_str(),
                artifact.external_identifier.as_str(),
            )
        })
        .collect();
    let given: BTreeSet<(&str, &str)> = build
        .artifacts
        .iter()
        .map(|artifact| {
            (
                artifact.region.as_str(),
                artifact.external_identifier.as_str(),
            )
        })
        .collect();
    lines.extend(
        given
            .difference(&recorded)
            .map(|(region, id)| format!("{name}: + {region} {id}")),
    );
    lines.extend(
        recorded
            .difference(&given)
            .map(|(region, id)| format!("{name}: - {region} {id}")),
    );
    for (key, value) in &build.labels {
        match known.labels.get(key) {
            Some(recorded) if recorded == value => {}
            Some(recorded) => lines.push(format!("{name}: label {key}={value} was {recorded}")),
            None => lines.push(format!("{name}: label {key}={value} is new")),
        }
    }
    let source = &build.source_external_identifier;
    if !source.is_empty() && build.parent.is_none() && *source != known.source_external_identifier {
        lines.push(format!(
            "{name}: source {source} was {}",
            known.source_external_identifier
        ));
    }
    lines
}
