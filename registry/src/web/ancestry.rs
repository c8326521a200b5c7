//! `/p/{project}/buckets/{bucket}/ancestry`: what a bucket was built from and what was built from it, as a
//! drawing and as a table.

mod layout;
mod view;
mod walk;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use self::{
    layout::{HEIGHT, WIDTH},
    view::View,
    walk::walk,
};
use super::{
    bucket::{BucketPath, Head, Tab, visible},
    frame::{Frame, Page, Section},
    show::{Id, When},
    visitor::Here,
};
use crate::{error::Result, state::State};

/// Rows of the table.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "ancestry.html")]
struct Ancestry {
    frame: Frame,
    head: Head,
    lead: String,
    graph: Option<Graph>,
    rows: Vec<Row>,
    /// Rows that are left out.
    left: usize,
}

impl Page for Ancestry {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// The drawing.
struct Graph {
    width: i64,
    height: i64,
    nodes: Vec<Node>,
    folds: Vec<Fold>,
    lines: Vec<Line>,
}

/// A version in the drawing.
struct Node {
    x: i64,
    y: i64,
    name: String,
    version: String,
    /// All of it in words.
    title: String,
    href: Option<String>,
    state: Mark,
    current: bool,
}

struct Fold {
    x: i64,
    y: i64,
    count: usize,
}

struct Line {
    path: String,
    x: i64,
    y: i64,
    channel: String,
    class: &'static str,
}

/// A state: a shape, a word and a colour.
#[derive(Clone, Copy)]
struct Mark {
    class: &'static str,
    shape: &'static str,
    word: &'static str,
}

/// A relation in the table.
struct Row {
    parent: End,
    child: End,
    channel: String,
    state: Mark,
    why: String,
    since: Option<When>,
}

/// One end of a relation.
struct End {
    bucket: String,
    version: String,
    href: Option<String>,
    /// When it is not known here.
    id: Option<Id>,
}

pub(super) async fn show(
    state: Data<State>,
    here: Here,
    path: Path<BucketPath>,
) -> Result<HttpResponse> {
    let access = here.access.clone();
    let read = state.store.read(move |conn| {
        let bucket = visible(conn, &access, &path.bucket)?;
        let family = walk(conn, &access, &bucket)?;
        Ok((bucket, family))
    });
    let (bucket, family) = read.await?;
    let view = View {
        access: &here.access,
        bucket: &bucket,
        family: &family,
        now: state.clock.now(),
    };
    let all = family.relations.len();
    let page = Ancestry {
        frame: Frame::of(
            &here,
            Section::Buckets,
            format!("Ancestry of {}", bucket.name),
        ),
        head: Head::new(&here.access.project.name, &bucket, Tab::Ancestry),
        lead: view.lead(),
        graph: (all > 0).then(|| view.graph()),
        rows: family
            .relations
            .iter()
            .take(ROWS)
            .map(|relation| view.row(relation))
            .collect(),
        left: all.saturating_sub(ROWS),
    };
    page.show()
}
