//! What can be done to a version, as links to the pages that do it.

use super::Link;
use crate::{domain::role::Action, ops::Access, store::views::VersionView, web::href};

/// The actions that make sense for a version, for whoever may take them.
pub(super) fn actions(access: &Access, view: &VersionView) -> Vec<Link> {
    let version = &view.version;
    if access
        .check(Action::Decide, Some(&version.bucket_id))
        .is_err()
    {
        return Vec::new();
    }
    let address = href::version(
        &access.project.name,
        &view.bucket_name,
        &version.fingerprint,
    );
    let link = |shown: bool, name: &str, path: &str| {
        shown.then(|| Link {
            name: name.to_owned(),
            href: format!("{address}/{path}"),
            current: false,
        })
    };
    let revocation = view.revocation.as_ref();
    // What is to come can still be brought forward or put off; until then the version is as good as any.
    let in_use = revocation.is_none_or(|revocation| !revocation.settled);
    let links = [
        link(
            in_use && version.number.is_some(),
            "Assign to a channel",
            "assign",
        ),
        link(in_use, "Revoke", "revoke"),
        link(revocation.is_some(), "Restore", "restore"),
        link(true, "Delete", "delete"),
    ];
    links.into_iter().flatten().collect()
}
