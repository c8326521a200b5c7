//! `/invitations/{link}`: where somebody who was invited sets their password.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;

use super::{
    form::Form,
    frame::{Frame, Page},
    sign_in::begin,
    visitor::{Stranger, origin},
};
use crate::{
    auth::{password::SHORTEST, secret::Secret},
    error::{Error, Result},
    ops::people::{self, Choice, Invitee},
    state::State,
};

#[derive(Template)]
#[template(path = "invitation.html")]
struct Invitation {
    frame: Frame,
    /// The name; to be chosen when there is none.
    fixed: Option<String>,
    name: String,
    shortest: usize,
    problem: String,
    /// The field that it is about.
    field: String,
}

impl Page for Invitation {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Invitation {
    fn new(request: &HttpRequest, invitee: Invitee) -> Result<Self> {
        let stranger = Stranger::of(request)?;
        Ok(Self {
            frame: Frame::stranger(request, &stranger, "Welcome"),
            fixed: match invitee {
                Invitee::First => None,
                Invitee::Person(name) => Some(name),
            },
            name: String::new(),
            shortest: SHORTEST,
            problem: String::new(),
            field: String::new(),
        })
    }
}

fn gone() -> Error {
    Error::Absent(
        "This link has been used, or is older than three days. An admin can make a new one with \
         `touchmark-registry user invite`."
            .into(),
    )
}

pub(super) async fn show(
    state: Data<State>,
    request: HttpRequest,
    link: Path<String>,
) -> Result<HttpResponse> {
    let invitee = people::invitee(&state, &link).await?.ok_or_else(gone)?;
    Invitation::new(&request, invitee)?.show()
}

pub(super) async fn accept(
    state: Data<State>,
    request: HttpRequest,
    link: Path<String>,
    mut form: Form,
) -> Result<HttpResponse> {
    let name = form.take("name").trim().to_owned();
    let password = form.take("password");
    let repeated = password == form.text("repeated");
    let choice = Choice {
        name: name.clone(),
        password: Secret::new(password),
    };
    let invitee = people::invitee(&state, &link).await?.ok_or_else(gone)?;
    let accepted = if repeated {
        people::accept(&state, &link, choice, origin(&request, &state)).await
    } else {
        Err(Error::invalid("repeated", "is not the same password"))
    };
    let (field, problem) = match accepted {
        Ok(started) => return Ok(begin(&started, "/")),
        Err(Error::Invalid { field, problem }) => (field, problem),
        Err(Error::Exists(..)) => ("name".into(), "is taken: choose another one".into()),
        Err(other) => return Err(other),
    };
    let page = Invitation {
        name,
        problem: problem.into_owned(),
        field: field.into_owned(),
        ..Invitation::new(&request, invitee)?
    };
    page.show_as(StatusCode::UNPROCESSABLE_ENTITY)
}
