//! How far channels are behind, and which of them were emptied.

use std::collections::HashMap;

use diesel::{
    dsl::{count_star, exists, max, min, not},
    prelude::*,
};

use crate::{
    domain::{
        board::{Emptied, Release},
        channel::SERVICE_AUTHOR,
        time::Time,
    },
    error::Result,
    store::{
        Conn, on,
        prepared::any_of,
        schema::{channel_history, channels, revocations, versions},
        steps::in_steps,
    },
};

/// The good versions that are newer than what a channel holds.
#[derive(Debug)]
pub(super) struct Ahead {
    pub(super) count: i64,
    /// The one that was begun first.
    pub(super) first_id: String,
    /// The one that was begun last.
    pub(super) last_id: String,
}

/// What is ahead of the channels of some buckets that people manage, by channel. A version that will be revoked is
/// none to go to.
pub(super) fn ahead(conn: &mut Conn, bucket_ids: &[String]) -> Result<HashMap<String, Ahead>> {
    let newer = diesel::alias!(versions as newer);
    let rows: Vec<(String, i64, Option<String>, Option<String>)> = in_steps(bucket_ids, |ids| {
        let revoked =
            revocations::table.filter(revocations::version_id.eq(newer.field(versions::id)));
        let after = newer
            .field(versions::bucket_id)
            .eq(channels::bucket_id)
            .and(newer.field(versions::number).gt(versions::number));
        let query = channels::table
            .inner_join(versions::table.on(channels::version_id.eq(versions::id.nullable())))
            .inner_join(newer.on(after))
            .filter(any_of(channels::bucket_id, ids))
            .filter(channels::managed.eq(false))
            .filter(not(exists(revoked)))
            .group_by(channels::id)
            .select((
                channels::id,
                count_star(),
                min(newer.field(versions::id)),
                max(newer.field(versions::id)),
            ));
        Ok(on!(conn, |c| query.load(c))?)
    })?;
    let ahead = rows
        .into_iter()
        .filter_map(|(channel, count, first, last)| {
            let (first_id, last_id) = (first?, last?);
            let ahead = Ahead {
                count,
                first_id,
                last_id,
            };
            Some((channel, ahead))
        });
    Ok(ahead.collect())
}

#[derive(Queryable)]
struct Last {
    channel_id: String,
    author_id: Option<String>,
    assigned_at: Option<i64>,
    name: Option<String>,
    fingerprint: Option<String>,
}

/// The channels of some buckets that hold nothing since the registry itself took it away, by channel.
pub(super) fn emptied(conn: &mut Conn, bucket_ids: &[String]) -> Result<HashMap<String, Emptied>> {
    let rows: Vec<Last> = in_steps(bucket_ids, |ids| {
        let of = || {
            channel_history::table
                .filter(channel_history::channel_id.eq(channels::id))
                .order(channel_history::sequence.desc())
                .limit(1)
        };
        let held = || {
            channel_history::table
                .filter(channel_history::channel_id.eq(channels::id))
                .filter(channel_history::version_id.ne(""))
                .order(channel_history::sequence.desc())
                .limit(1)
        };
        let query = channels::table
            .filter(any_of(channels::bucket_id, ids))
            .filter(channels::managed.eq(false))
            .filter(channels::version_id.is_null())
            .select((
                channels::id,
                of().select(channel_history::author_id).single_value(),
                of().select(channel_history::assigned_at).single_value(),
                held().select(channel_history::version_name).single_value(),
                held()
                    .select(channel_history::version_fingerprint)
                    .single_value(),
            ));
        Ok(on!(conn, |c| query.load(c))?)
    })?;
    let emptied = rows.into_iter().filter_map(|row| {
        let at = Time::from_micros(row.assigned_at?);
        let release = row.name.zip(row.fingerprint);
        let release = release.map(|(name, fingerprint)| Release { name, fingerprint });
        (row.author_id? == SERVICE_AUTHOR).then_some((row.channel_id, Emptied { at, release }))
    });
    Ok(emptied.collect())
}

/// Since when channels hold what they hold, by channel.
pub(super) fn assigned(conn: &mut Conn, channel_ids: &[String]) -> Result<HashMap<String, Time>> {
    let rows: Vec<(String, Option<i64>)> = in_steps(channel_ids, |ids| {
        let last = channel_history::table
            .filter(channel_history::channel_id.eq(channels::id))
            .order(channel_history::sequence.desc())
            .select(channel_history::assigned_at)
            .limit(1);
        let query = channels::table
            .filter(any_of(channels::id, ids))
            .select((channels::id, last.single_value()));
        Ok(on!(conn, |c| query.load(c))?)
    })?;
    let known = rows
        .into_iter()
        .filter_map(|(channel, at)| Some((channel, Time::from_micros(at?))));
    Ok(known.collect())
}
