//! `…/versions/{fingerprint}/labels`: what is said of the bucket and of the builds of a version.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{Head, Tab, VersionPath, banner::Banner, framed, missing, see};
use crate::{
    error::Result,
    state::State,
    store::views::BuildView,
    web::{
        frame::{Frame, Page},
        href,
        visitor::Here,
    },
};

/// Labels of builds that are shown.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "version_labels.html")]
struct Labels {
    frame: Frame,
    head: Head,
    bucket_name: String,
    bucket_href: String,
    bucket: BTreeMap<String, String>,
    /// Labels that all builds have with the same value.
    common: BTreeMap<String, String>,
    /// The others.
    builds: Vec<Row>,
    /// How many more there are.
    more: usize,
}

impl Page for Labels {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// A label of a build.
struct Row {
    component: String,
    key: String,
    value: String,
}

pub(in crate::web) async fn show(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
) -> Result<HttpResponse> {
    let Some((seen, ())) = see(&state, &here, &path, |_, _, _| Ok(())).await? else {
        return missing(&here, &path.bucket, &path.fingerprint);
    };
    let (frame, head) = framed(&here, &seen, (Tab::Labels, state.clock.now()));
    let (common, mut builds) = apart(&seen.view.builds);
    let more = builds.len().saturating_sub(SHOWN);
    builds.truncate(SHOWN);
    let page = Labels {
        frame,
        head,
        bucket_href: href::bucket(&here.access.project.name, &seen.bucket.name),
        bucket: seen.bucket.labels.pairs().clone(),
        bucket_name: seen.bucket.name,
        common,
        builds,
        more,
    };
    page.show()
}

/// What all builds have in common, and what is left of each.
fn apart(builds: &[BuildView]) -> (BTreeMap<String, String>, Vec<Row>) {
    let mut labels = builds.iter().map(|view| view.build.labels.pairs());
    let first: BTreeSet<_> = labels.next().into_iter().flatten().collect();
    let common = labels.fold(first, |common, labels| {
        let has = |(key, value): &(&String, &String)| labels.get(*key) == Some(*value);
        common.into_iter().filter(has).collect()
    });
    let left = builds.iter().flat_map(|view| {
        let pairs = view.build.labels.pairs().iter();
        let own = pairs.filter(|pair| !common.contains(pair));
        own.map(|(key, value)| Row {
            component: view.build.component_type.clone(),
            key: key.clone(),
            value: value.clone(),
        })
    });
    let left = left.collect();
    let common = common.into_iter();
    let common = common.map(|(key, value)| (key.clone(), value.clone()));
    (common.collect(), left)
}
