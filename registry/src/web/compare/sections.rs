//! What is compared of two versions, part by part.

use crate::{
    domain::{
        difference::{Change, Facts, changes, gathered},
        time::Time,
        version::VersionStatus,
    },
    error::Result,
    ops::Access,
    store::{
        Conn,
        buckets::Bucket,
        builds::Build,
        inventory,
        versions::Version,
        views::{self, BuildView, VersionView},
    },
    web::version::parents_of,
};

/// Changes of one part that are shown.
const SHOWN: usize = 60;
/// Packages of one version that are compared.
const PACKAGES: usize = 20_000;
/// Characters of a value that are shown.
const LONGEST: usize = 120;

/// One of the two versions, and what is compared of it.
pub(super) struct Side {
    /// The version.
    pub(super) version: Version,
    view: VersionView,
    parents: Facts,
    packages: Packages,
}

/// Versions of packages by name.
enum Packages {
    /// These.
    Known(Facts),
    /// More than are compared here.
    TooMany,
    /// It has no SBOM.
    NoSbom,
}

impl Side {
    /// Reads a version of a bucket.
    pub(super) fn read(
        conn: &mut Conn,
        access: &Access,
        (bucket, version): (&Bucket, Version),
    ) -> Result<Self> {
        let view = views::version(conn, bucket, version.clone())?;
        Ok(Self {
            parents: parents_of(conn, access, &view)?,
            packages: Packages::read(conn, &version.id)?,
            version,
            view,
        })
    }

    /// Its status at a moment.
    pub(super) fn status(&self, now: Time) -> VersionStatus {
        self.view.status(now)
    }

    /// What is compared of each build, by its component type.
    fn builds(&self, value: fn(&Build) -> &str) -> Facts {
        let builds = self.view.builds.iter().map(|view| &view.build);
        let pairs = builds.map(|build| (build.component_type.clone(), value(build).to_owned()));
        pairs.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Ids by component type, platform and region.
    fn artifacts(&self) -> Facts {
        let of_build = |view: &BuildView| {
            let build = &view.build;
            let pairs = view.artifacts.iter().map(|artifact| {
                let place = [
                    build.component_type.as_str(),
                    &build.platform,
                    &artifact.region,
                ];
                (
                    place.join(" ").trim_end().to_owned(),
                    artifact.external_identifier.clone(),
                )
            });
            pairs.collect::<Vec<_>>()
        };
        gathered(self.view.builds.iter().flat_map(of_build))
    }

    /// Values by component type and label.
    fn labels(&self) -> Facts {
        let of_build = |view: &BuildView| {
            let build = &view.build;
            let pairs = build.labels.pairs().iter();
            let pairs = pairs.map(|(label, value)| {
                let name = format!("{} {label}", build.component_type);
                (name, value.clone())
            });
            pairs.collect::<Vec<_>>()
        };
        gathered(self.view.builds.iter().flat_map(of_build))
    }
}

impl Packages {
    fn read(conn: &mut Conn, version_id: &str) -> Result<Self> {
        let named = inventory::named(conn, version_id, PACKAGES + 1)?;
        if named.len() > PACKAGES {
            return Ok(Self::TooMany);
        }
        if named.is_empty() && !inventory::exists(conn, version_id)? {
            return Ok(Self::NoSbom);
        }
        Ok(Self::Known(gathered(named)))
    }
}

/// What differs in one respect.
pub(super) struct Section {
    pub(super) title: &'static str,
    /// The address of the part within the page.
    pub(super) anchor: &'static str,
    pub(super) rows: Vec<Row>,
    /// How many changes there are in all.
    pub(super) total: usize,
    /// Why nothing is compared; empty when something is.
    pub(super) note: &'static str,
    /// Whether the rows are shown only when asked for: they differ between any two versions.
    pub(super) folded: bool,
}

/// A change.
pub(super) struct Row {
    pub(super) name: String,
    /// What happened to it.
    pub(super) word: &'static str,
    /// The sign of that.
    pub(super) sign: &'static str,
    pub(super) from: String,
    pub(super) to: String,
}

/// All parts.
pub(super) fn sections(from: Side, to: Side) -> Vec<Section> {
    let both = |facts: fn(&Side) -> Facts| changes(facts(&from), facts(&to));
    let (places, ids): (Vec<Change>, Vec<Change>) = both(Side::artifacts)
        .into_iter()
        .partition(|change| change.from.is_none() || change.to.is_none());
    let mut sections = vec![
        section(
            "Builds",
            "builds",
            both(|side| side.builds(|build| platform(build))),
        ),
        section("Platforms and regions", "places", places),
        section(
            "Built from",
            "parents",
            changes(from.parents.clone(), to.parents.clone()),
        ),
        section(
            "Source images",
            "sources",
            both(|side| side.builds(|build| &build.source_external_identifier)),
        ),
        section("Labels", "labels", both(Side::labels)),
        Section {
            folded: true,
            ..section("Ids of artifacts", "ids", ids)
        },
    ];
    sections.push(packages(from.packages, to.packages));
    sections
}

/// The provider of a build, or a dash until it is told.
fn platform(build: &Build) -> &str {
    if build.platform.is_empty() {
        "–"
    } else {
        &build.platform
    }
}

fn section(title: &'static str, anchor: &'static str, changes: Vec<Change>) -> Section {
    let total = changes.len();
    Section {
        title,
        anchor,
        rows: changes.into_iter().take(SHOWN).map(row).collect(),
        total,
        note: "",
        folded: false,
    }
}

fn packages(from: Packages, to: Packages) -> Section {
    let (changes, note) = match (from, to) {
        (Packages::Known(from), Packages::Known(to)) => (changes(from, to), ""),
        (Packages::NoSbom, Packages::NoSbom) => (
            Vec::new(),
            "Neither version has an SBOM: packages are not compared.",
        ),
        (Packages::NoSbom, _) => (
            Vec::new(),
            "The first version has no SBOM: packages are not compared.",
        ),
        (_, Packages::NoSbom) => (
            Vec::new(),
            "The second version has no SBOM: packages are not compared.",
        ),
        _ => (
            Vec::new(),
            "There are too many packages for a page. The command below compares them all.",
        ),
    };
    Section {
        note,
        ..section("Packages", "packages", changes)
    }
}

fn row(change: Change) -> Row {
    let (word, sign) = match (&change.from, &change.to) {
        (None, _) => ("added", "+"),
        (_, None) => ("removed", "−"),
        _ => ("changed", "~"),
    };
    Row {
        name: change.name,
        word,
        sign,
        from: short(change.from.unwrap_or_default()),
        to: short(change.to.unwrap_or_default()),
    }
}

fn short(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}
