//! Light, dark, or as the system has it.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
};

use super::{form::Form, frame::see, href};
use crate::error::Result;

const COOKIE: &str = "__Host-touchmark-theme";

/// Which colours were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    /// Those of the system.
    System,
    /// Dark ink on light paper.
    Light,
    /// Light ink on dark paper.
    Dark,
}

impl Theme {
    /// All there are.
    pub(super) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// As it is sent, kept and shown.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn named(name: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|theme| theme.as_str() == name)
            .unwrap_or(Self::System)
    }

    /// The one that was chosen in this browser.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let cookie = request.cookie(COOKIE);
        cookie.map_or(Self::System, |cookie| Self::named(cookie.value()))
    }
}

pub(super) async fn choose(form: Form) -> Result<HttpResponse> {
    let theme = Theme::named(form.text("theme"));
    let cookie = Cookie::build(COOKIE, theme.as_str())
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::days(365))
        .finish();
    Ok(see(href::own(form.text("next"))).cookie(cookie).finish())
}
