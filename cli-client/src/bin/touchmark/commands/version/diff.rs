//! `touchmark version diff`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;
use touchmark_client::{Client, wire::version::Version};

use crate::address::Address;
use crate::completion::{Named, names};
use crate::exit::{Failure, Result};
use crate::listing;
use crate::output::{Report, shown};
use crate::session::Session;
use crate::words;

use super::{find, named};

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The version that is compared
    #[arg(value_name = "BUCKET:VERSION", add = names(Named::VersionAddress))]
    from: Address,
    /// The version that it is compared to
    #[arg(value_name = "BUCKET:VERSION", add = names(Named::VersionAddress))]
    to: Address,
    /// Exit with 1 when they differ
    #[arg(long)]
    exit_code: bool,
}

/// What differs between two versions.
#[derive(Debug, Serialize)]
struct Differences {
    from: Side,
    to: Side,
    /// Whether anything below does.
    different: bool,
    /// Platforms by component type.
    builds: Vec<Change>,
    /// Ids by component type, platform and region.
    artifacts: Vec<Change>,
    /// Values by component type and label.
    labels: Vec<Change>,
    /// Source images by component type.
    sources: Vec<Change>,
    /// Versions by package; null when one of the two versions has no SBOM.
    packages: Option<Vec<Change>>,
}

/// One of the two versions.
#[derive(Debug, Serialize)]
struct Side {
    bucket_name: String,
    name: String,
    fingerprint: String,
}

/// What differs under a name: added if there is no `from`, removed if there is no `to`.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Change {
    name: String,
    from: Option<String>,
    to: Option<String>,
}

/// What is to be compared, by name.
type Facts = BTreeMap<String, String>;

/// Compares two versions.
pub(super) async fn run(session: &Session, client: &Client, arguments: Diff) -> Result<Report> {
    let from = find(client, &arguments.from).await?;
    let to = find(client, &arguments.to).await?;
    let packages = (packages(client, &from).await?, packages(client, &to).await?);
    for (version, packages) in [(&from, &packages.0), (&to, &packages.1)] {
        if packages.is_none() {
            let said = format!("{} has no SBOM: packages are not compared", named(version));
            session.terminal.say(&shown(&said));
        }
    }
    let compare = |facts: fn(&Version) -> Facts| changes(facts(&from), facts(&to));
    let mut differences = Differences {
        builds: compare(builds),
        artifacts: compare(artifacts),
        labels: compare(labels),
        sources: compare(sources),
        packages: packages.0.zip(packages.1).map(|(a, b)| changes(a, b)),
        from: side(&from),
        to: side(&to),
        different: false,
    };
    differences.different = sections(&differences)
        .iter()
        .any(|(_, changes)| !changes.is_empty());
    let failure = arguments.exit_code && differences.different;
    let text = text(&differences, (&from, &to));
    let report = Report::new(&differences, text)?;
    Ok(report.but(failure.then(|| Failure::of_program(1))))
}

fn side(version: &Version) -> Side {
    Side {
        bucket_name: version.bucket_name.clone(),
        name: version.name.clone(),
        fingerprint: version.fingerprint.clone(),
    }
}

fn changes(from: Facts, mut to: Facts) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, before) in from {
        let after = to.remove(&name);
        if after.as_ref() != Some(&before) {
            changes.push(Change {
                name,
                from: Some(before),
                to: after,
            });
        }
    }
    changes.extend(to.into_iter().map(|(name, after)| Change {
        name,
        from: None,
        to: Some(after),
    }));
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    changes
}

fn builds(version: &Version) -> Facts {
    let builds = version.builds.iter();
    builds
        .map(|build| {
            (
                build.component_type.clone(),
                words::or_dash(&build.platform),
            )
        })
        .collect()
}

fn sources(version: &Version) -> Facts {
    let builds = version.builds.iter();
    let builds = builds.filter(|build| !build.source_external_identifier.is_empty());
    builds
        .map(|build| {
            let source = build.source_external_identifier.clone();
            (build.component_type.clone(), source)
        })
        .collect()
}

fn labels(version: &Version) -> Facts {
    let mut facts = Facts::new();
    for build in &version.builds {
        for (label, value) in &build.labels {
            facts.insert(format!("{} {label}", build.component_type), value.clone());
        }
    }
    facts
}

fn artifacts(version: &Version) -> Facts {
    let mut ids: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for build in &version.builds {
        for artifact in &build.artifacts {
            let place = format!(
                "{} {}/{}",
                build.component_type, build.platform, artifact.region
            );
            ids.entry(place)
                .or_default()
                .insert(&artifact.external_identifier);
        }
    }
    joined(ids)
}

/// The versions of all packages of a version by name; none without an SBOM.
async fn packages(client: &Client, version: &Version) -> Result<Option<Facts>> {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut has_sbom = false;
    for build in &version.builds {
        let (bucket, fingerprint) = (&version.bucket_name, &version.fingerprint);
        let sboms = client.list_sboms(bucket, fingerprint, &build.id).await?;
        if sboms.sboms.is_empty() {
            continue;
        }
        has_sbom = true;
        let build = (bucket.as_str(), fingerprint.as_str(), build.id.as_str());
        for package in listing::packages(client, build).await? {
            let found = versions.entry(package.name).or_default();
            found.insert(words::or_dash(&package.version));
        }
    }
    Ok(has_sbom.then(|| joined(versions)))
}

fn joined<T: Ord + AsRef<str>>(values: BTreeMap<String, BTreeSet<T>>) -> Facts {
    let join = |values: BTreeSet<T>| {
        let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        values.join(", ")
    };
    let values = values.into_iter();
    values.map(|(name, values)| (name, join(values))).collect()
}

fn sections(differences: &Differences) -> [(&'static str, &[Change]); 5] {
    [
        ("Builds", &differences.builds),
        ("Artifacts", &differences.artifacts),
        ("Labels", &differences.labels),
        ("Source images", &differences.sources),
        (
            "Packages",
            differences.packages.as_deref().unwrap_or_default(),
        ),
    ]
}

fn text(differences: &Differences, (from, to): (&Version, &Version)) -> String {
    let mut text = format!("{} -> {}\n", named(from), named(to));
    if !differences.different {
        text.push_str("They do not differ.\n");
    }
    for (title, changes) in sections(differences) {
        if !changes.is_empty() {
            let _ = writeln!(text, "\n{title}");
        }
        for change in changes {
            let line = match (&change.from, &change.to) {
                (Some(from), Some(to)) => format!("~ {}: {from} -> {to}", change.name),
                (Some(from), None) => format!("- {}: {from}", change.name),
                (None, to) => format!("+ {}: {}", change.name, to.as_deref().unwrap_or_default()),
            };
            let _ = writeln!(text, "  {}", shown(&line));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Change, Facts, changes};

    fn facts(pairs: &[(&str, &str)]) -> Facts {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn changes_are_added_removed_or_other() {
        let change = |name: &str, from: Option<&str>, to: Option<&str>| Change {
            name: name.to_owned(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        let from = facts(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let to = facts(&[("b", "2"), ("c", "1"), ("aa", "1")]);
        assert_eq!(
            changes(from.clone(), to),
            [
                change("a", Some("1"), None),
                change("aa", None, Some("1")),
                change("b", Some("1"), Some("2")),
            ]
        );
        assert_eq!(changes(from.clone(), from), []);
    }
}
