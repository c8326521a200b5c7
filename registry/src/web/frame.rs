//! What all pages have in common: who is signed in, where they are, what was done just now.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    cookie::{Cookie, SameSite, time},
    http::{StatusCode, header},
};
use askama::Template;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{
    assets, href,
    theme::Theme,
    visitor::{Here, Signed, Stranger},
};
use crate::{
    auth::session::VISITOR,
    domain::role::Action,
    error::{Error, Result},
};

/// The cookie that brings a notice to the page after this one.
const NOTICE: &str = "__Host-touchmark-notice";
/// For how long it waits for that page.
const NOTICE_LIFETIME: Duration = Duration::from_mins(1);
/// Bytes of a notice at most.
const LONGEST_NOTICE: usize = 1_024;

/// The parts of the web pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// What is outdated.
    Board,
    /// Buckets, and what is in them.
    Buckets,
    /// What happened.
    Activity,
    /// None of them.
    None,
}

/// What changed just now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Notice {
    /// A sentence.
    pub(super) text: String,
}

/// What is around the content of a page.
pub(super) struct Frame {
    /// What is before ` · Touchmark` in the title of the window.
    pub(super) title: String,
    /// Who is signed in.
    pub(super) person: Option<String>,
    /// The project.
    pub(super) project: Option<Place>,
    /// All projects to choose from.
    pub(super) projects: Vec<Place>,
    /// The part that is shown as the current one.
    pub(super) section: Section,
    /// What each form carries.
    pub(super) form_token: String,
    /// Which colours were chosen.
    pub(super) theme: Theme,
    /// What to say first.
    pub(super) notice: Option<Notice>,
    /// The path and query of this page.
    pub(super) address: String,
    /// The version of this program.
    pub(super) version: &'static str,
    /// The cookie that has to be given out.
    cookie: Option<Cookie<'static>>,
}

/// A project as the frame shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Its name.
    pub(super) name: String,
    /// Its board.
    pub(super) href: String,
    /// Whether the person administers it.
    pub(super) administers: bool,
}

impl Frame {
    /// Of a page in a project.
    pub(super) fn of(here: &Here, section: Section, title: impl Into<String>) -> Self {
        let mut frame = Self::signed(&here.signed, title);
        let name = here.access.project.name.clone();
        frame.section = section;
        frame.project = Some(Place {
            href: href::project(&name),
            administers: here.access.check(Action::Administer, None).is_ok(),
            name,
        });
        frame
    }

    /// Of a page that is in no project.
    pub(super) fn signed(signed: &Signed, title: impl Into<String>) -> Self {
        let projects = signed.projects.iter().map(|project| Place {
            href: href::project(&project.name),
            administers: false,
            name: project.name.clone(),
        });
        Self {
            person: Some(signed.visit.caller.principal.name.clone()),
            projects: projects.collect(),
            form_token: signed.token.form_token(),
            ..Self::bare(&signed.request, title)
        }
    }

    /// Of a page for whoever comes.
    pub(super) fn stranger(
        request: &HttpRequest,
        stranger: &Stranger,
        title: impl Into<String>,
    ) -> Self {
        Self {
            form_token: stranger.token.form_token(),
            cookie: stranger.is_new.then(|| stranger.token.cookie(VISITOR)),
            ..Self::bare(request, title)
        }
    }

    /// Of a page without any form.
    pub(super) fn bare(request: &HttpRequest, title: impl Into<String>) -> Self {
        let address = request.uri().path_and_query();
        Self {
            title: title.into(),
            person: None,
            project: None,
            projects: Vec::new(),
            section: Section::None,
            form_token: String::new(),
            theme: Theme::of(request),
            notice: Notice::of(request),
            address: address.map_or_else(String::new, ToString::to_string),
            version: env!("CARGO_PKG_VERSION"),
            cookie: None,
        }
    }

    /// The address of a file.
    #[expect(clippy::unused_self, reason = "templates know the frame alone")]
    pub(super) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }
}

/// A page: a template around which there is a frame.
pub(super) trait Page: Template {
    /// The frame.
    fn frame(&self) -> &Frame;

    /// The answer that shows it.
    fn show(&self) -> Result<HttpResponse> {
        self.show_with(HttpResponse::Ok())
    }

    /// The answer that shows it with another status.
    fn show_as(&self, status: StatusCode) -> Result<HttpResponse> {
        self.show_with(HttpResponse::build(status))
    }

    /// The answer that shows it, begun elsewhere.
    fn show_with(&self, mut response: HttpResponseBuilder) -> Result<HttpResponse> {
        let text = self.render().map_err(Error::internal)?;
        let frame = self.frame();
        if let Some(cookie) = &frame.cookie {
            response.cookie(cookie.clone());
        }
        if frame.notice.is_some() {
            let mut gone = Notice::cookie(String::new());
            gone.make_removal();
            response.cookie(gone);
        }
        // All of them hold the token of a form.
        Ok(response
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(text))
    }
}

impl Notice {
    fn of(request: &HttpRequest) -> Option<Self> {
        let cookie = request.cookie(NOTICE)?;
        let bytes = URL_SAFE_NO_PAD.decode(cookie.value()).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    fn cookie(value: String) -> Cookie<'static> {
        let lifetime = time::Duration::try_from(NOTICE_LIFETIME).unwrap_or_default();
        Cookie::build(NOTICE, value)
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(lifetime)
            .finish()
    }
}

/// Leads to another page by GET.
pub(super) fn see(address: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header((header::LOCATION, address))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

/// Leads to another page, which says first what changed.
pub(super) fn see_after(address: &str, changed: impl Into<String>) -> Result<HttpResponse> {
    let mut text: String = changed.into();
    text.truncate(text.floor_char_boundary(LONGEST_NOTICE));
    let notice = serde_json::to_vec(&Notice { text }).map_err(Error::internal)?;
    Ok(see(address)
        .cookie(Notice::cookie(URL_SAFE_NO_PAD.encode(notice)))
        .finish())
}
