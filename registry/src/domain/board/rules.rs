//! The rules: from facts to reasons.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{
    ChannelFacts, Facts, Kind, LastFacts, Parent, ParentFacts, Reason, STANDSTILL, Sight, State,
    VersionFacts,
};
use crate::domain::{time::Time, version::VersionStatus};

/// The reasons of a bucket at a moment to those with this sight, the worst first, and when there may be others
/// though nothing changes.
pub fn judge(facts: &Facts, sight: Sight, now: Time) -> (Vec<Reason>, Option<Time>) {
    let channels = facts.channels.iter();
    let channels = channels.filter(|channel| !channel.restricted || sight != Sight::Public);
    let mut judge = Judge {
        facts,
        channels: channels.collect(),
        sight,
        now,
        until: None,
        reasons: Vec::new(),
    };
    judge.bucket();
    judge.channels();
    judge.versions();
    let Judge {
        mut reasons, until, ..
    } = judge;
    reasons.sort_by_key(|reason| (reason.severity, reason.kind, reason.since));
    (reasons, until)
}

struct Judge<'a> {
    facts: &'a Facts,
    channels: Vec<&'a ChannelFacts>,
    sight: Sight,
    now: Time,
    until: Option<Time>,
    reasons: Vec<Reason>,
}

impl<'a> Judge<'a> {
    /// Whether that moment has come; if not, it is when to judge again.
    fn has_come(&mut self, moment: Time) -> bool {
        let come = moment <= self.now;
        if !come {
            self.until = self.until.into_iter().chain([moment]).min();
        }
        come
    }

    fn has_passed(&mut self, since: Time, span: Duration) -> bool {
        self.has_come(since.after(span))
    }

    /// What is about the bucket as a whole.
    fn bucket(&mut self) {
        let facts = self.facts;
        match (&facts.complete, &facts.newest) {
            (None, _) => {
                let reason = Reason::new(Kind::NothingComplete, State::Unknown, None);
                self.reasons.push(reason);
            }
            (Some(complete), None) => {
                let since = complete.revocation.as_ref().map(|found| found.revoke_at);
                let message = complete
                    .revocation
                    .as_ref()
                    .map(|found| found.message.clone());
                self.reasons.push(Reason {
                    version: Some(complete.release.clone()),
                    message: message.unwrap_or_default(),
                    ..Reason::new(Kind::NothingValid, State::Act, since)
                });
            }
            _ => {}
        }
        if let Some(newest) = &facts.newest {
            self.moved_parents(newest);
        }
        if let Some(last) = &facts.last {
            self.last(last);
        }
    }

    /// The parents of the newest version whose channels have moved on.
    fn moved_parents(&mut self, newest: &VersionFacts) {
        for parent in &newest.parents {
            let Some(channel) = &parent.moved else {
                continue;
            };
            let hidden = channel.restricted && self.sight != Sight::Everything;
            self.reasons.push(Reason {
                version: Some(newest.release.clone()),
                parent: Some(Parent {
                    bucket: parent.bucket.clone(),
                    version: parent.release.clone(),
                    channel: (!hidden).then(|| channel.name.clone()),
                    now: channel.gives.clone().filter(|_| !hidden),
                }),
                restricted: channel.restricted,
                ..Reason::new(
                    Kind::ParentMoved,
                    State::Behind,
                    (!hidden).then_some(channel.since),
                )
            });
        }
    }

    /// The version that was begun last.
    fn last(&mut self, last: &LastFacts) {
        let (kind, since) = match last.status {
            VersionStatus::Failed | VersionStatus::Cancelled => {
                (Kind::BuildFailed, last.changed_at)
            }
            VersionStatus::Running | VersionStatus::Incomplete => {
                let (since, patience) = match last.heard_at {
                    Some(heard) => (heard, self.facts.heartbeat_timeout),
                    None => (last.changed_at, STANDSTILL),
                };
                if !self.has_passed(since, patience) {
                    return;
                }
                (Kind::BuildHangs, since)
            }
            _ => return,
        };
        self.reasons.push(Reason {
            version: Some(super::Release {
                name: crate::domain::version::name(None),
                fingerprint: last.fingerprint.clone(),
            }),
            message: last.why.clone(),
            ..Reason::new(kind, State::Behind, Some(since))
        });
    }

    /// What is about one channel each.
    fn channels(&mut self) {
        let newest_is_old = self.facts.newest.as_ref().is_some_and(|newest| {
            let limit = self.facts.age_limit;
            limit.is_some_and(|limit| newest.completed_at.after(limit) <= self.now)
        });
        for channel in self.channels.clone() {
            match &channel.version {
                None => self.emptied(channel),
                Some(version) => {
                    let good = self.revocation(channel, version);
                    if good && !channel.managed {
                        self.lag(channel, version);
                        if !newest_is_old {
                            self.age(version, Some(channel));
                        }
                    }
                }
            }
        }
    }

    fn about(&self, channel: &ChannelFacts, reason: Reason) -> Reason {
        let newest = self.facts.newest.as_ref();
        let held = channel.version.as_ref().map(|version| &version.release);
        let good = newest.filter(|newest| newest.revocation.is_none());
        let other = good.map(|newest| &newest.release);
        let other = other.filter(|newest| Some(*newest) != held);
        Reason {
            channel: Some(channel.name.clone()),
            restricted: channel.restricted,
            version: held.cloned().or(reason.version),
            other: reason.other.clone().or_else(|| other.cloned()),
            ..reason
        }
    }

    fn emptied(&mut self, channel: &ChannelFacts) {
        let Some(emptied) = channel.emptied.as_ref().filter(|_| !channel.managed) else {
            return;
        };
        let reason = Reason {
            version: emptied.release.clone(),
            ..Reason::new(Kind::ChannelEmptied, State::Act, Some(emptied.at))
        };
        self.reasons.push(self.about(channel, reason));
    }

    /// Whether the version of a channel is not revoked, nor about to be.
    fn revocation(&mut self, channel: &ChannelFacts, version: &VersionFacts) -> bool {
        let Some(revocation) = &version.revocation else {
            return true;
        };
        let reason = if self.has_come(revocation.revoke_at) {
            let since = Some(revocation.revoke_at);
            Reason::new(Kind::ChannelRevoked, State::Act, since)
        } else {
            let since = Some(revocation.created_at);
            Reason {
                due: Some(revocation.revoke_at),
                ..Reason::new(Kind::RevocationScheduled, State::Act, since)
            }
        };
        let reason = Reason {
            message: revocation.message.clone(),
            parent: (!revocation.own()).then(|| Parent {
                bucket: revocation.source_bucket_name.clone(),
                version: super::Release {
                    name: revocation.source_version_name.clone(),
                    fingerprint: revocation.source_fingerprint.clone(),
                },
                channel: None,
                now: None,
            }),
            ..reason
        };
        self.reasons.push(self.about(channel, reason));
        false
    }

    fn lag(&mut self, channel: &ChannelFacts, version: &VersionFacts) {
        let Some(ahead) = channel.ahead.as_ref().filter(|_| !channel.may_lag) else {
            return;
        };
        if self.has_passed(ahead.since, self.facts.grace) {
            let reason = Reason {
                version: Some(version.release.clone()),
                other: Some(ahead.newest.clone()),
                count: Some(ahead.count),
                ..Reason::new(Kind::ChannelLags, State::Behind, Some(ahead.since))
            };
            self.reasons.push(self.about(channel, reason));
        }
    }

    fn age(&mut self, version: &VersionFacts, channel: Option<&ChannelFacts>) {
        let Some(limit) = self.facts.age_limit else {
            return;
        };
        if !self.has_passed(version.completed_at, limit) {
            return;
        }
        let reason = Reason {
            version: Some(version.release.clone()),
            limit: Some(limit),
            ..Reason::new(Kind::TooOld, State::Behind, Some(version.completed_at))
        };
        let reason = match channel {
            Some(channel) => self.about(channel, reason),
            None => reason,
        };
        self.reasons.push(reason);
    }

    /// What is about versions that are in use, or the newest, each once.
    fn versions(&mut self) {
        let newest = self.facts.newest.as_ref();
        let mut seen = BTreeSet::new();
        let channels = self.channels.clone();
        for channel in channels {
            let Some(version) = &channel.version else {
                continue;
            };
            // That `latest` holds the newest matters to nobody who may not ask it.
            let gives = !channel.managed || !channel.restricted;
            if gives && seen.insert(version.release.fingerprint.clone()) {
                self.version(version, Some(channel));
            }
        }
        if let Some(newest) = newest {
            self.age(newest, None);
            if !seen.contains(&newest.release.fingerprint) {
                self.version(newest, None);
            }
        }
    }

    /// A version that a channel gives, or the newest.
    fn version(&mut self, version: &Arc<VersionFacts>, channel: Option<&'a ChannelFacts>) {
        let severity = match channel {
            Some(_) => State::Act,
            None => State::Behind,
        };
        let told = |reason: Reason| Reason {
            channel: channel.map(|channel| channel.name.clone()),
            restricted: channel.is_some_and(|channel| channel.restricted),
            version: Some(version.release.clone()),
            ..reason
        };
        if version.revocation.is_none() {
            let mut seen = BTreeSet::new();
            for parent in &version.parents {
                let Some(since) = self.revoked_since(parent) else {
                    continue;
                };
                if !seen.insert((&parent.bucket, &parent.release.fingerprint)) {
                    continue;
                }
                let message = parent
                    .revocation
                    .as_ref()
                    .map(|found| found.message.clone());
                self.reasons.push(told(Reason {
                    parent: Some(Parent {
                        bucket: parent.bucket.clone(),
                        version: parent.release.clone(),
                        channel: None,
                        now: None,
                    }),
                    message: message.unwrap_or_default(),
                    ..Reason::new(Kind::ParentRevoked, severity, Some(since))
                }));
            }
        }
        let Some((previous, places)) = &version.previous else {
            return;
        };
        let missing: Vec<_> = places.difference(&version.places).cloned().collect();
        if !missing.is_empty() {
            self.reasons.push(told(Reason {
                other: Some(previous.clone()),
                missing,
                ..Reason::new(Kind::PlaceMissing, severity, Some(version.completed_at))
            }));
        }
    }

    fn revoked_since(&mut self, parent: &ParentFacts) -> Option<Time> {
        let revoke_at = parent.revocation.as_ref()?.revoke_at;
        self.has_come(revoke_at).then_some(revoke_at)
    }
}
