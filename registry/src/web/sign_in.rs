//! `/sign-in` and `/sign-out`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;

use super::{
    form::{Form, Query},
    frame::{Frame, Page, see, see_after},
    href,
    visitor::{Signed, Stranger, origin},
};
use crate::{
    auth::{
        secret::Secret,
        session::{SESSION, VISITOR, no_cookie},
    },
    error::{Error, Result},
    ops::people::{self, Credentials, Started},
    state::State,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    name: String,
    next: String,
    problem: String,
}

impl Page for SignIn {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// The form; or the page that is asked for, when somebody is signed in already.
pub(super) async fn show(
    request: HttpRequest,
    query: Query,
    signed: Option<Signed>,
) -> Result<HttpResponse> {
    let next = href::own(query.text("next")).to_owned();
    if signed.is_some() {
        return Ok(see(&next).finish());
    }
    let stranger = Stranger::of(&request)?;
    let page = SignIn {
        frame: Frame::stranger(&request, &stranger, "Sign in"),
        name: String::new(),
        next,
        problem: String::new(),
    };
    page.show()
}

pub(super) async fn enter(
    state: Data<State>,
    request: HttpRequest,
    mut form: Form,
) -> Result<HttpResponse> {
    let next = href::own(form.text("next")).to_owned();
    let name = form.take("name").trim().to_owned();
    let credentials = Credentials {
        name: name.clone(),
        password: Secret::new(form.take("password")),
    };
    let problem = match people::sign_in(&state, credentials, origin(&request, &state)).await {
        Ok(started) => return Ok(begin(&started, &next)),
        Err(Error::Unauthenticated(_)) => {
            "The name or the password is wrong. An admin can make a new link with `touchmark-registry user invite`."
                .to_owned()
        }
        Err(Error::TooMany(wait)) => {
            format!("Too many failed attempts: wait {} s.", wait.as_secs().max(1))
        }
        Err(other) => return Err(other),
    };
    let stranger = Stranger::of(&request)?;
    let page = SignIn {
        frame: Frame::stranger(&request, &stranger, "Sign in"),
        name,
        next,
        problem,
    };
    page.show_as(StatusCode::UNPROCESSABLE_ENTITY)
}

/// Gives the cookie of a session out and leads on.
pub(super) fn begin(started: &Started, next: &str) -> HttpResponse {
    see(next)
        .cookie(started.token.cookie(SESSION))
        .cookie(no_cookie(VISITOR))
        .finish()
}

pub(super) async fn leave(state: Data<State>, signed: Signed, _form: Form) -> Result<HttpResponse> {
    people::sign_out(&state, &signed.token).await?;
    let mut response = see_after("/sign-in", "You are signed out.")?;
    let gone = response.add_cookie(&no_cookie(SESSION));
    gone.map_err(|error| Error::internal(error.to_string()))?;
    Ok(response)
}
