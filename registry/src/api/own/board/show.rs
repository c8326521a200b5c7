//! The board as JSON.

use touchmark_wire::{
    own::{
        BoardBucket, BoardCounts, BoardList, BoardPage, BoardPageKind, BoardParent, BoardPlace,
        BoardReason, BoardState, ReasonKind, VersionName,
    },
    time::Timestamp,
};

use super::Filter;
use crate::{
    cache::board::{Board, Row},
    domain::board::{Kind, Page as Destination, Reason, Release, State},
    store::Page,
};

pub(super) fn page(board: &Board, filter: &Filter, page: Page<(i64, Row)>) -> BoardList {
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let wanted = board.rows.iter().filter(|row| filter.wants(row));
    BoardList {
        total: count(wanted.count()),
        buckets: page.rows.iter().map(|(_, row)| bucket(row)).collect(),
        counts: BoardCounts {
            act: count(board.counts.act),
            behind: count(board.counts.behind),
            unknown: count(board.counts.unknown),
            calm: count(board.counts.calm),
        },
        next_page_token: page.next,
    }
}

fn bucket(row: &Row) -> BoardBucket {
    let reasons = row.reasons.iter();
    BoardBucket {
        bucket_id: row.bucket_id.to_string(),
        bucket_name: row.bucket.to_string(),
        state: state(row.state),
        reasons: reasons.map(|found| reason(&row.bucket, found)).collect(),
    }
}

fn reason(bucket: &str, reason: &Reason) -> BoardReason {
    let missing = reason.missing.iter().map(|place| BoardPlace {
        platform: place.platform.clone(),
        region: place.region.clone(),
    });
    let limit = reason.limit.map(|limit| limit.as_secs());
    BoardReason {
        kind: kind(reason.kind),
        severity: state(reason.severity),
        since: reason.since.map(Timestamp::from),
        due: reason.due.map(Timestamp::from),
        channel_name: reason.channel.clone(),
        restricted: reason.restricted,
        version: reason.version.as_ref().map(version),
        other_version: reason.other.as_ref().map(version),
        parent: reason.parent.as_ref().map(|parent| BoardParent {
            bucket_name: parent.bucket.clone(),
            version: version(&parent.version),
            channel_name: parent.channel.clone(),
            now: parent.now.as_ref().map(version),
        }),
        missing: missing.collect(),
        count: reason.count,
        limit_seconds: limit.and_then(|limit| i64::try_from(limit).ok()),
        message: reason.message.clone(),
        text: reason.text(),
        command: reason.command(bucket),
        page: destination(reason.page(bucket)),
    }
}

fn version(release: &Release) -> VersionName {
    VersionName {
        name: release.name.clone(),
        fingerprint: release.fingerprint.clone(),
    }
}

fn destination(page: Destination) -> BoardPage {
    match page {
        Destination::Bucket { bucket } => BoardPage {
            kind: BoardPageKind::Bucket,
            bucket_name: bucket,
            ..BoardPage::default()
        },
        Destination::Channel { bucket, channel } => BoardPage {
            kind: BoardPageKind::Channel,
            bucket_name: bucket,
            channel_name: channel,
            ..BoardPage::default()
        },
        Destination::Version {
            bucket,
            fingerprint,
        } => BoardPage {
            kind: BoardPageKind::Version,
            bucket_name: bucket,
            fingerprint,
            ..BoardPage::default()
        },
        Destination::Compare { bucket, from, to } => BoardPage {
            kind: BoardPageKind::Compare,
            bucket_name: bucket,
            fingerprint: to,
            from_fingerprint: from,
            ..BoardPage::default()
        },
    }
}

const fn state(state: State) -> BoardState {
    match state {
        State::Act => BoardState::Act,
        State::Behind => BoardState::Behind,
        State::Unknown => BoardState::Unknown,
        State::Calm => BoardState::Calm,
    }
}

const fn kind(kind: Kind) -> ReasonKind {
    match kind {
        Kind::ChannelRevoked => ReasonKind::ChannelRevoked,
        Kind::ChannelEmptied => ReasonKind::ChannelEmptied,
        Kind::NothingValid => ReasonKind::NothingValid,
        Kind::RevocationScheduled => ReasonKind::RevocationScheduled,
        Kind::ParentRevoked => ReasonKind::ParentRevoked,
        Kind::PlaceMissing => ReasonKind::PlaceMissing,
        Kind::ChannelLags => ReasonKind::ChannelLags,
        Kind::ParentMoved => ReasonKind::ParentMoved,
        Kind::TooOld => ReasonKind::TooOld,
        Kind::BuildFailed => ReasonKind::BuildFailed,
        Kind::BuildHangs => ReasonKind::BuildHangs,
        Kind::NothingComplete => ReasonKind::NothingComplete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_kinds_have_the_same_names_inside_and_outside() {
        for each in State::ALL {
            assert_eq!(each.as_str(), state(each).as_str());
        }
        for each in Kind::ALL {
            assert_eq!(each.as_str(), kind(each).as_str());
        }
        assert_eq!(Kind::ALL.len(), ReasonKind::ALL.len());
    }
}
