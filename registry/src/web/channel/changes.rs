//! Moving a channel, and who may see it.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::{
    super::{choice, form::Form, frame::see_after, problem::Problem, visitor::Here},
    ChannelPath, Sent, again, gives,
};
use crate::{
    domain::channel::ChannelChange,
    error::{Error, Result},
    ops::channels as ops,
    state::State,
    store::views::ChannelView,
};

/// What a channel gives after a change, and how to take it back.
fn changed(view: &ChannelView, before: &str) -> String {
    let now = view.version.as_ref();
    let now = now.map_or_else(|| "nothing".to_owned(), |view| view.version.name());
    let name = &view.channel.name;
    if now == before {
        return format!("{name} gives {now}, as it did before.");
    }
    if before == "nothing" {
        return format!("{name} gives {now} now. It gave nothing before: to undo it, unassign it.");
    }
    format!("{name} gives {now} now. It gave {before} before: to undo it, roll it back.")
}

pub(in crate::web) async fn assign(
    state: Data<State>,
    here: Here,
    path: Path<ChannelPath>,
    mut form: Form,
) -> Result<HttpResponse> {
    let clears = !form.text("clear").is_empty();
    let wanted = choice::wanted(&form).to_owned();
    let sent = Sent {
        version: form.take("version"),
        typed: form.take("typed"),
        ..Sent::default()
    };
    if !clears && wanted.is_empty() {
        let problem = Problem::new("typed", "Choose a version, or type one.");
        return again(&state, &here, &path, (sent, problem)).await;
    }
    let (access, asked) = (here.access.clone(), path.clone());
    let read = state.store.read(move |conn| {
        let (bucket, channel) = asked.decided(conn, &access)?;
        let before = gives(conn, &channel)?;
        if clears {
            return Ok((before, None));
        }
        let version = choice::meant(conn, &bucket, &wanted)?;
        Ok((before, Some(version.fingerprint)))
    });
    let done = match read.await {
        Ok((before, target)) => {
            let change = ChannelChange {
                assign: Some(target),
                restricted: None,
            };
            let done = ops::update(&state, here.access.clone(), path.parts(), change).await;
            done.map(|view| changed(&view, &before))
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(text) => see_after(&path.href(&here), text),
        Err(error) => {
            let problem = Problem::of(error, &["typed"])?;
            again(&state, &here, &path, (sent, problem)).await
        }
    }
}

pub(in crate::web) async fn promote(
    state: Data<State>,
    here: Here,
    path: Path<ChannelPath>,
    mut form: Form,
) -> Result<HttpResponse> {
    let (access, asked) = (here.access.clone(), path.clone());
    let before = state.store.read(move |conn| {
        let (_, channel) = asked.decided(conn, &access)?;
        gives(conn, &channel)
    });
    let before = before.await?;
    let source = form.take("source");
    let names = (source.clone(), path.channel.clone());
    match ops::copy(&state, here.access.clone(), path.bucket.clone(), names).await {
        Ok((_, target)) => see_after(&path.href(&here), changed(&target, &before)),
        Err(error) => {
            let problem = Problem::of(error, &["source"])?;
            let sent = Sent {
                source,
                ..Sent::default()
            };
            again(&state, &here, &path, (sent, problem)).await
        }
    }
}

pub(in crate::web) async fn restrict(
    state: Data<State>,
    here: Here,
    path: Path<ChannelPath>,
    form: Form,
) -> Result<HttpResponse> {
    let restricted = match form.text("restricted") {
        "yes" => true,
        "no" => false,
        _ => return Err(Error::invalid("restricted", "must be yes or no")),
    };
    let change = ChannelChange {
        assign: None,
        restricted: Some(restricted),
    };
    let view = ops::update(&state, here.access.clone(), path.parts(), change).await?;
    let name = view.channel.name;
    let text = if restricted {
        format!(
            "{name} is restricted: only contributors and admins see it. To undo it, open it to all again."
        )
    } else {
        format!("Everybody who may read sees {name} now. To undo it, restrict it again.")
    };
    see_after(&path.href(&here), text)
}
