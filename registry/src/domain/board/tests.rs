//! The rules as a table: what a bucket is like, and what is said of it.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc, time::Duration};

use super::*;
use crate::domain::{revocation::Revocation, time::Time, version::VersionStatus};

const DAY: u64 = 86_400;

fn day(day: u64) -> Time {
    Time::from_micros(0).after(Duration::from_secs(day * DAY))
}

fn days(days: u64) -> Duration {
    Duration::from_secs(days * DAY)
}

fn release(number: u64) -> Release {
    Release {
        name: format!("v{number}"),
        fingerprint: format!("f{number}"),
    }
}

fn places(regions: &[&str]) -> BTreeSet<Place> {
    let place = |region: &&str| Place {
        platform: "aws".into(),
        region: (*region).to_owned(),
    };
    regions.iter().map(place).collect()
}

/// A version that was complete on the day of its number.
fn version(number: u64) -> VersionFacts {
    VersionFacts {
        release: release(number),
        completed_at: day(number),
        revocation: None,
        places: places(&["eu", "us"]),
        previous: Some((release(number - 1), places(&["eu"]))),
        parents: Vec::new(),
    }
}

fn revoked(mut version: VersionFacts, at: Time, source: &str) -> VersionFacts {
    version.revocation = Some(revocation(at, source));
    version
}

fn revocation(at: Time, source: &str) -> Revocation {
    Revocation {
        version_id: "version".into(),
        source_id: source.into(),
        source_bucket_name: "base".into(),
        source_version_name: "v3".into(),
        source_fingerprint: "b3".into(),
        revoke_at: at,
        author_id: "admin".into(),
        message: "CVE".into(),
        keep_channels: true,
        settled: true,
        created_at: day(1),
    }
}

fn channel(name: &str, version: VersionFacts) -> ChannelFacts {
    ChannelFacts {
        name: name.into(),
        managed: name == "latest",
        restricted: name == "latest" || name == "secret",
        may_lag: false,
        version: Some(Arc::new(version)),
        ahead: None,
        emptied: None,
    }
}

/// Channel `name` of this version, behind by one since this day.
fn behind(name: &str, version: VersionFacts, since: u64) -> ChannelFacts {
    ChannelFacts {
        ahead: Some(Ahead {
            count: 1,
            since: day(since),
            newest: release(since),
        }),
        ..channel(name, version)
    }
}

/// A bucket whose newest version is this, with other channels than `latest`.
fn bucket(newest: VersionFacts, channels: Vec<ChannelFacts>) -> Facts {
    let mut all = channels;
    all.push(channel("latest", newest.clone()));
    let newest = Arc::new(newest);
    Facts {
        bucket: "app".into(),
        channels: all,
        complete: Some(Arc::clone(&newest)),
        newest: Some(newest),
        last: None,
        grace: days(7),
        age_limit: None,
        heartbeat_timeout: Duration::from_mins(15),
    }
}

fn last(status: VersionStatus, heard: Option<u64>) -> LastFacts {
    LastFacts {
        fingerprint: "new".into(),
        status,
        changed_at: day(19),
        heard_at: heard.map(day),
        why: String::new(),
    }
}

fn parent(moved: Option<ParentChannel>, revocation: Option<Revocation>) -> ParentFacts {
    ParentFacts {
        bucket: "base".into(),
        release: release(3),
        revocation,
        moved,
    }
}

fn moved(restricted: bool, gives: Option<Release>) -> ParentChannel {
    ParentChannel {
        name: "prod".into(),
        restricted,
        gives,
        since: day(12),
    }
}

fn child(parent: ParentFacts) -> VersionFacts {
    VersionFacts {
        parents: vec![parent],
        ..version(10)
    }
}

/// On day 20: the state, and a line for each reason; then on which day to look again.
fn told(facts: &Facts, sight: Sight) -> String {
    let (reasons, until) = judge(facts, sight, day(20));
    let mut text = State::of(&reasons).as_str().to_owned();
    for reason in &reasons {
        let since = reason.since.map(|at| at.seconds().div_euclid(86_400));
        let since = since.map_or("-".to_owned(), |day| day.to_string());
        let (kind, severity) = (reason.kind.as_str(), reason.severity.as_str());
        write!(text, "\n{severity} {kind} {since}: {}", reason.text()).unwrap();
        write!(text, "\n  {}", reason.command(&facts.bucket)).unwrap();
        write!(text, "\n  {:?}", reason.page(&facts.bucket)).unwrap();
    }
    if let Some(until) = until {
        write!(text, "\nuntil {}", until.seconds().div_euclid(86_400)).unwrap();
    }
    text
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one table of buckets")]
fn each_rule_says_what_is_wrong_since_when_and_what_mends_it() {
    let prod = |version| vec![channel("prod", version)];
    let eu = |number| VersionFacts {
        places: places(&["eu"]),
        previous: Some((release(number - 1), places(&["eu", "us"]))),
        ..version(number)
    };
    let empty = ChannelFacts {
        version: None,
        emptied: Some(Emptied {
            at: day(18),
            release: Some(release(9)),
        }),
        ..channel("canary", version(9))
    };
    let incomplete = Facts {
        newest: None,
        complete: None,
        channels: Vec::new(),
        ..bucket(version(10), Vec::new())
    };
    let none_valid = Facts {
        newest: None,
        complete: Some(Arc::new(revoked(version(10), day(15), "version"))),
        ..incomplete.clone()
    };
    let old = |limit| Facts {
        age_limit: Some(days(limit)),
        ..bucket(version(10), prod(version(5)))
    };
    let begun = |last| Facts {
        last: Some(last),
        ..bucket(version(10), Vec::new())
    };
    let table = [
        ("nothing", bucket(version(10), prod(version(10)))),
        (
            "revoked",
            bucket(version(10), prod(revoked(version(9), day(15), "version"))),
        ),
        (
            "inherited, to come",
            bucket(
                revoked(version(10), day(25), "base"),
                prod(revoked(version(10), day(25), "base")),
            ),
        ),
        (
            "to come, with a way out",
            bucket(version(10), prod(revoked(version(9), day(25), "version"))),
        ),
        ("emptied", bucket(version(10), vec![empty])),
        ("none valid", none_valid),
        (
            "lags",
            bucket(version(13), vec![behind("prod", version(9), 13)]),
        ),
        (
            "in grace",
            bucket(version(14), vec![behind("prod", version(9), 14)]),
        ),
        ("missing, given", bucket(eu(10), prod(eu(10)))),
        ("missing, not given", bucket(eu(10), Vec::new())),
        (
            "parent moved",
            bucket(
                child(parent(Some(moved(false, Some(release(5)))), None)),
                Vec::new(),
            ),
        ),
        (
            "parent's channel is empty",
            bucket(child(parent(Some(moved(false, None)), None)), Vec::new()),
        ),
        (
            "parent revoked, given",
            bucket(
                version(11),
                prod(child(parent(None, Some(revocation(day(15), "version"))))),
            ),
        ),
        (
            "parent to be revoked",
            bucket(
                child(parent(None, Some(revocation(day(30), "x")))),
                Vec::new(),
            ),
        ),
        ("the newest is too old", old(10)),
        ("a channel is too old", old(15)),
        ("nothing is too old yet", old(16)),
        ("failed", begun(last(VersionStatus::Failed, None))),
        ("silent", begun(last(VersionStatus::Running, Some(19)))),
        ("stands still", begun(last(VersionStatus::Incomplete, None))),
        ("runs", begun(last(VersionStatus::Running, Some(20)))),
        ("nothing complete", incomplete),
    ];
    let told =
        table.map(|(name, facts)| format!("# {name}\n{}\n", told(&facts, Sight::Everything)));
    let expected = include_str!("table.txt");
    assert_eq!(told.join("\n"), expected);
}

#[test]
fn a_channel_that_may_lag_never_does_and_latest_neither() {
    let mut facts = bucket(version(13), vec![behind("prod", version(9), 13)]);
    facts.channels = facts
        .channels
        .into_iter()
        .map(|channel| ChannelFacts {
            may_lag: true,
            ..channel
        })
        .collect();
    assert_eq!(told(&facts, Sight::Everything), "calm");
    let facts = bucket(version(13), vec![behind("latest", version(9), 13)]);
    assert_eq!(told(&facts, Sight::Everything), "calm");
}

#[test]
fn what_is_about_restricted_channels_is_for_those_who_see_them() {
    let state = |facts: &Facts, sight| State::of(&judge(facts, sight, day(20)).0);
    let secret = vec![channel("secret", revoked(version(9), day(15), "version"))];
    let facts = bucket(version(10), secret);
    assert_eq!(state(&facts, Sight::Everything), State::Act);
    assert_eq!(state(&facts, Sight::Bucket), State::Act);
    assert_eq!(state(&facts, Sight::Public), State::Calm);
    let hidden = child(parent(Some(moved(true, Some(release(5)))), None));
    let facts = bucket(hidden, Vec::new());
    for (sight, text) in [
        (Sight::Everything, "built on base v3; its prod is v5"),
        (Sight::Bucket, "built on base v3, which has moved on"),
        (Sight::Public, "built on base v3, which has moved on"),
    ] {
        let (reasons, _) = judge(&facts, sight, day(20));
        let [reason] = reasons.as_slice() else {
            panic!("{reasons:?}");
        };
        assert_eq!(reason.text(), text);
        assert_eq!(reason.since.is_some(), sight == Sight::Everything);
    }
}

#[test]
fn names_are_stable_and_can_be_read() {
    for state in State::ALL {
        assert_eq!(State::parse(state.as_str()), Some(state));
    }
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
    }
    assert_eq!(Kind::parse("none"), None);
}

#[test]
fn many_places_are_counted() {
    let many: Vec<Place> = places(&["a", "b", "c", "d", "e"]).into_iter().collect();
    let text = Missing(&many).to_string();
    assert_eq!(text, "aws a, aws b, aws c and 2 more");
}
