//! What wants attention before a version is used: that it is revoked or will be, or is not complete.

use super::Seen;
use crate::{
    domain::{build::BuildStatus, revocation::Revocation, time::Time, version::VersionStatus},
    store::builds::Build,
    web::{href, show::When},
};

/// A version by its name, with where it is shown.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) href: String,
}

/// The banner of a version that is revoked, or will be.
pub(super) struct Revoked {
    /// Whether it is in force.
    pub(super) in_force: bool,
    /// From when on it is.
    pub(super) at: When,
    /// Who revoked.
    pub(super) author: String,
    /// When that was recorded.
    pub(super) recorded: When,
    /// Why; may be empty.
    pub(super) message: String,
    /// The version that this was inherited from.
    pub(super) source: Option<Named>,
    /// Channels that hand the version out all the same.
    pub(super) holders: String,
    /// What to use instead.
    pub(super) instead: Option<Named>,
    /// The channels that hand that out.
    pub(super) through: String,
}

impl Revoked {
    fn new(revocation: &Revocation, seen: &Seen, (project, now): (&str, Time)) -> Self {
        let bucket = &seen.bucket.name;
        let source = (!revocation.own()).then(|| {
            let (bucket, version) = (
                &revocation.source_bucket_name,
                &revocation.source_version_name,
            );
            Named {
                name: format!("{bucket} {version}"),
                href: href::version(project, bucket, &revocation.source_fingerprint),
            }
        });
        let instead = seen.instead.as_ref();
        Self {
            in_force: revocation.in_force(now),
            at: When::new(revocation.revoke_at, now),
            author: revocation.author_id.clone(),
            recorded: When::new(revocation.created_at, now),
            message: revocation.message.clone(),
            source,
            holders: seen.holders(&seen.view.version.id).join(", "),
            instead: instead.map(|version| Named {
                name: format!("{bucket} {}", version.name()),
                href: href::version(project, bucket, &version.fingerprint),
            }),
            through: instead
                .map_or_else(String::new, |version| seen.holders(&version.id).join(", ")),
        }
    }
}

/// The banner of a version that has no number yet.
pub(super) struct Incomplete {
    /// The class of the banner.
    pub(super) class: &'static str,
    /// A sentence: how far it is.
    pub(super) text: String,
    /// When the running builds were heard of last.
    pub(super) heard: Option<When>,
    /// What to do; empty when waiting is enough.
    pub(super) advice: &'static str,
}

impl Incomplete {
    fn new(seen: &Seen, now: Time) -> Self {
        let builds: Vec<&Build> = seen.view.builds.iter().map(|view| &view.build).collect();
        let done = builds
            .iter()
            .filter(|build| build.status == BuildStatus::Done)
            .count();
        let heard = builds
            .iter()
            .filter(|build| build.status == BuildStatus::Running)
            .filter_map(|build| build.heartbeat_at.0)
            .max();
        let again = "Run Packer again with the same fingerprint: it repeats only the builds that are not done.";
        let (class, state, advice) = match seen.view.status(now) {
            VersionStatus::Failed => ("act", "A build failed", again),
            VersionStatus::Cancelled => ("behind", "A build was cancelled", again),
            VersionStatus::Incomplete => ("behind", "Some builds never ran", again),
            _ => ("busy", "It is being built", ""),
        };
        let count = match builds.len() {
            0 => "no build is registered yet".to_owned(),
            all => format!("{done} of {all} builds are done"),
        };
        Self {
            class,
            text: format!("{state}: {count}. A version gets its number when all of them are."),
            heard: heard.map(|at| When::new(at, now)),
            advice,
        }
    }
}

/// What stands above a version.
pub(super) enum Banner {
    /// It is revoked, or will be.
    Revoked(Box<Revoked>),
    /// It is not complete.
    Incomplete(Incomplete),
    /// Nothing.
    None,
}

impl Banner {
    /// Of a version.
    pub(super) fn of(seen: &Seen, (project, now): (&str, Time)) -> Self {
        match &seen.view.revocation {
            Some(revocation) => {
                Self::Revoked(Box::new(Revoked::new(revocation, seen, (project, now))))
            }
            None if seen.view.version.number.is_none() => {
                Self::Incomplete(Incomplete::new(seen, now))
            }
            None => Self::None,
        }
    }
}
