//! `/account`: the password and the sessions of whoever is signed in.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;

use super::{
    form::Form,
    frame::{Frame, Page, see_after},
    show::When,
    visitor::{Signed, origin},
};
use crate::{
    auth::{password::SHORTEST, secret::Secret},
    error::{Error, Result},
    ops::people::{self, Seen},
    state::State,
};

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    frame: Frame,
    sessions: Vec<Row>,
    shortest: usize,
    problem: String,
    /// The field that it is about.
    field: String,
}

impl Page for Account {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// A session.
struct Row {
    id: String,
    agent: String,
    address: String,
    begun: When,
    used: When,
    current: bool,
}

impl Account {
    async fn new(state: &State, signed: &Signed) -> Result<Self> {
        let now = state.clock.now();
        let sessions = people::list(state, &signed.visit).await?;
        let row = |Seen { session, current }| Row {
            id: session.id,
            agent: session.agent,
            address: session.address,
            begun: When::micros(session.created_at, now),
            used: When::micros(session.used_at, now),
            current,
        };
        Ok(Self {
            frame: Frame::signed(signed, "Your account"),
            sessions: sessions.into_iter().map(row).collect(),
            shortest: SHORTEST,
            problem: String::new(),
            field: String::new(),
        })
    }
}

pub(super) async fn show(state: Data<State>, signed: Signed) -> Result<HttpResponse> {
    Account::new(&state, &signed).await?.show()
}

pub(super) async fn change_password(
    state: Data<State>,
    signed: Signed,
    mut form: Form,
) -> Result<HttpResponse> {
    let new = form.take("password");
    let changed = if new == form.text("repeated") {
        let who = (&signed.visit, origin(&signed.request, &state));
        let words = (Secret::new(form.take("current")), Secret::new(new));
        people::change_password(&state, who, words).await
    } else {
        Err(Error::invalid("repeated", "is not the same password"))
    };
    match changed {
        Ok(()) => see_after(
            "/account",
            "Your password is changed, and your other sessions have ended.",
        ),
        Err(Error::Invalid { field, problem }) => {
            let page = Account {
                problem: problem.into_owned(),
                field: field.into_owned(),
                ..Account::new(&state, &signed).await?
            };
            page.show_as(StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other),
    }
}

pub(super) async fn end(
    state: Data<State>,
    signed: Signed,
    session: Path<String>,
    _form: Form,
) -> Result<HttpResponse> {
    people::end(&state, &signed.visit, session.into_inner()).await?;
    see_after("/account", "The session has ended.")
}
