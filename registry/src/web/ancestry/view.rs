//! How a family is told and drawn to somebody: states, reasons, addresses.

use super::{
    super::{
        href,
        show::{Id, State as Shown, When, distance},
    },
    End, Fold, Graph, Line, Mark, Node, Row,
    layout::{Drawing, draw},
    walk::Family,
};
use crate::{
    domain::{ancestry::Freshness, time::Time, version::VersionStatus},
    ops::Access,
    store::{ancestry::Relation, buckets::Bucket, channels::Channel, outlines::Outline},
};

/// Versions that are drawn one by one.
const DRAWN: usize = 40;
/// Characters of a name in the drawing.
const NAME: usize = 22;

/// What is needed to show a family.
pub(super) struct View<'a> {
    pub(super) access: &'a Access,
    pub(super) bucket: &'a Bucket,
    pub(super) family: &'a Family,
    pub(super) now: Time,
}

impl View<'_> {
    fn outline(&self, id: &str) -> Option<&Outline> {
        self.family.outlines.get(id)
    }

    /// The channel of a relation, if the caller may know it.
    fn channel<'a>(&self, relation: &'a Relation) -> Option<&'a Channel> {
        let channel = relation.channel.as_ref();
        channel.filter(|channel| self.access.sees(channel))
    }

    fn is_own(&self, id: &str) -> bool {
        let outline = self.outline(id);
        outline.is_some_and(|outline| outline.version.bucket_id == self.bucket.id)
    }

    fn href(&self, outline: &Outline) -> String {
        let project = &self.access.project.name;
        href::version(project, &outline.bucket_name, &outline.version.fingerprint)
    }

    /// How the relation stands: shape, word and colour.
    fn mark(&self, relation: &Relation) -> Mark {
        let parent = self.outline(&relation.link.parent_id);
        let revoked = parent.filter(|parent| parent.status(self.now) == VersionStatus::Revoked);
        if revoked.is_some() {
            return mark("revoked", "✕", "parent revoked");
        }
        match relation.freshness {
            Freshness::UpToDate => mark("calm", "●", "up to date"),
            Freshness::OutOfDate => mark("behind", "▲", "outdated"),
            Freshness::Undetermined => mark("unknown", "○", "undetermined"),
        }
    }

    /// Why a relation stands as it does, and since when.
    fn why(&self, relation: &Relation) -> (String, Option<Time>) {
        let parent = self.outline(&relation.link.parent_id);
        let revocation = parent.and_then(|parent| parent.revocation.as_ref());
        if let Some(revocation) = revocation.filter(|revocation| revocation.in_force(self.now)) {
            return (revocation.message.clone(), Some(revocation.revoke_at));
        }
        match (relation.freshness, self.channel(relation)) {
            (Freshness::UpToDate, _) => (String::new(), None),
            (Freshness::OutOfDate, Some(channel)) => {
                let held = channel.version_id.as_ref().and_then(|id| self.outline(id));
                let held = held.map_or("nothing".to_owned(), |held| held.version.name());
                (
                    format!("{} gives {held}", channel.name),
                    Some(channel.updated_at),
                )
            }
            (Freshness::OutOfDate, None) => ("its channel has moved on".to_owned(), None),
            (Freshness::Undetermined, _) => {
                let why = if relation.parent.is_none() {
                    "the parent is not known here"
                } else if relation.link.channel_id.is_empty() {
                    "no channel was recorded"
                } else {
                    "the channel is gone"
                };
                (why.to_owned(), None)
            }
        }
    }

    /// The first line: how the bucket stands to its parents, and how many stand on it.
    pub(super) fn lead(&self) -> String {
        let relations = &self.family.relations;
        let own = relations
            .iter()
            .filter(|relation| self.is_own(&relation.link.child_id));
        let worst = own.max_by_key(|relation| {
            let revoked = self.mark(relation).class == "revoked";
            (revoked, relation.freshness)
        });
        let parents = match worst {
            None => format!(
                "The latest version of {} has no parent here.",
                self.bucket.name
            ),
            Some(worst) => self.stands(worst),
        };
        let mut children: Vec<&str> = relations
            .iter()
            .filter(|relation| self.is_own(&relation.link.parent_id))
            .filter_map(|relation| self.outline(&relation.link.child_id))
            .map(|child| child.bucket_name.as_str())
            .collect();
        children.sort_unstable();
        children.dedup();
        match children.len() {
            0 => format!("{parents} No bucket is built on it."),
            1 => format!("{parents} One bucket is built on it."),
            count => format!("{parents} {count} buckets are built on it."),
        }
    }

    fn stands(&self, relation: &Relation) -> String {
        let end = self.end(&relation.link.parent_id);
        let (child, parent) = (&self.bucket.name, format!("{} {}", end.bucket, end.version));
        let (why, since) = self.why(relation);
        let since = since.map(|since| distance(since, self.now));
        let why = [why, since.unwrap_or_default()];
        let why: Vec<&str> = why
            .iter()
            .map(String::as_str)
            .filter(|text| !text.is_empty())
            .collect();
        let why = why.join(", ");
        match self.mark(relation).class {
            "revoked" => {
                format!("{child} is built on {parent}, which is revoked ({why}): rebuild it.")
            }
            "behind" => format!(
                "{child} falls behind: it is built on {parent}, and {why}. Rebuild it to move on."
            ),
            "calm" => format!("{child} is up to date: {parent} is what its channel gives."),
            _ => format!("Whether {child} is up to date cannot be told: {why}."),
        }
    }

    fn end(&self, id: &str) -> End {
        match self.outline(id) {
            Some(outline) => End {
                bucket: outline.bucket_name.clone(),
                version: outline.version.name(),
                href: Some(self.href(outline)),
                id: None,
            },
            None => End {
                bucket: "unknown".to_owned(),
                version: String::new(),
                href: None,
                id: Some(Id::new(id.to_owned())),
            },
        }
    }

    pub(super) fn row(&self, relation: &Relation) -> Row {
        let (why, since) = self.why(relation);
        Row {
            parent: self.end(&relation.link.parent_id),
            child: self.end(&relation.link.child_id),
            channel: self
                .channel(relation)
                .map(|channel| channel.name.clone())
                .unwrap_or_default(),
            state: self.mark(relation),
            why,
            since: since.map(|since| When::new(since, self.now)),
        }
    }

    pub(super) fn graph(&self) -> Graph {
        let ids: Vec<&str> = self.family.near.keys().map(String::as_str).collect();
        let near: Vec<i64> = self.family.near.values().copied().collect();
        let place = |id: &str| ids.binary_search(&id).ok();
        let drawn: Vec<(&Relation, (usize, usize))> = self
            .family
            .relations
            .iter()
            .filter_map(|relation| {
                let link = &relation.link;
                Some((relation, (place(&link.parent_id)?, place(&link.child_id)?)))
            })
            .collect();
        let edges: Vec<(usize, usize)> = drawn.iter().map(|(_, edge)| *edge).collect();
        let Drawing {
            spots,
            lines,
            width,
            height,
        } = draw(&near, &edges, DRAWN);
        let mut graph = Graph {
            width,
            height,
            nodes: Vec::new(),
            folds: Vec::new(),
            lines: Vec::new(),
        };
        for spot in &spots {
            let (x, y) = (spot.x, spot.y);
            match spot.node.and_then(|node| ids.get(node)) {
                Some(id) => graph.nodes.push(self.node(id, (x, y))),
                None => graph.folds.push(Fold {
                    x,
                    y,
                    count: spot.count,
                }),
            }
        }
        for line in lines {
            let Some((relation, _)) = drawn.get(line.edge) else {
                continue;
            };
            let (x, y) = line.middle;
            let channel = self
                .channel(relation)
                .map(|channel| short(&channel.name, 12));
            graph.lines.push(Line {
                path: line.path,
                x,
                y,
                channel: channel.unwrap_or_default(),
                class: self.mark(relation).class,
            });
        }
        graph
    }

    fn node(&self, id: &str, (x, y): (i64, i64)) -> Node {
        let end = self.end(id);
        let state = self.state(id);
        let version = match end.id {
            Some(_) => short(id, NAME - 4),
            None => end.version.clone(),
        };
        Node {
            x,
            y,
            name: short(&end.bucket, NAME),
            title: format!("{} {version}, {}", end.bucket, state.word),
            version,
            href: end.href,
            state,
            current: self.is_own(id),
        }
    }

    /// How a version stands: by itself, and if nothing is wrong with it, to its parents.
    fn state(&self, id: &str) -> Mark {
        let Some(outline) = self.outline(id) else {
            return mark("unknown", "○", "not known here");
        };
        let status = outline.status(self.now);
        if status != VersionStatus::Active {
            let state = Shown::of(status);
            return mark(state.class(), state.shape(), state.word());
        }
        let parents = self.family.relations.iter();
        let mut parents = parents.filter(|relation| relation.link.child_id == id);
        if parents.any(|relation| relation.freshness == Freshness::OutOfDate) {
            return mark("behind", "▲", "outdated");
        }
        mark("calm", "●", "active")
    }
}

const fn mark(class: &'static str, shape: &'static str, word: &'static str) -> Mark {
    Mark { class, shape, word }
}

/// A text that fits, shortened at its end.
fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    kept + "…"
}
