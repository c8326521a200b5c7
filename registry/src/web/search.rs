//! `/p/{project}/search` and `/search`: what in a project has to do with a text.

mod find;
mod known;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web::Data,
};
use askama::Template;

use self::find::{Found, Only};
use super::{
    form::Query,
    frame::{Frame, Page, Section, see},
    href,
    visitor::{Here, Signed},
};
use crate::{
    domain::{role::Action, search::Sought},
    error::{Error, Result},
    state::State,
};

/// What is searched for.
const TEXT: &str = "q";
/// The group that is shown alone.
const ONLY: &str = "in";

#[derive(Template)]
#[template(path = "search.html")]
struct Search {
    frame: Frame,
    results: Results,
}

impl Page for Search {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// The content of the page, which is all that a script asks for.
#[derive(Template)]
#[template(path = "search_results.html")]
struct Results {
    text: String,
    found: Found,
    examples: Vec<Example>,
    /// The same search, not narrowed to a group.
    all: String,
    /// Whether it comes into a page that is shown already.
    fragment: bool,
}

/// What can be searched for.
struct Example {
    what: &'static str,
    text: &'static str,
    href: String,
}

const EXAMPLES: [(&str, &str); 7] = [
    ("a bucket", "app-server"),
    ("a version or a channel of one", "app-server v12"),
    ("what a channel gives", "app-server:prod"),
    ("an artifact, by its whole id", "ami-0f1e2d3c4b5a69788"),
    ("a label", "team=core"),
    ("a commit, or the first seven digits of one", "9fceb02"),
    ("a package, or how its name begins", "openssl"),
];

pub(super) async fn show(
    state: Data<State>,
    request: HttpRequest,
    here: Here,
    query: Query,
) -> Result<HttpResponse> {
    here.access.check(Action::Read, None)?;
    let sought = Sought::parse(query.text(TEXT));
    let (text, only) = (sought.text.clone(), Only::of(query.text(ONLY)));
    let found = if text.is_empty() {
        Found::default()
    } else {
        let (access, now) = (here.access.clone(), state.clock.now());
        let read = state
            .store
            .read(move |conn| find::find(conn, &access, (&sought, only), now));
        read.await?
    };
    let project = &here.access.project.name;
    let examples = EXAMPLES.map(|(what, text)| Example {
        what,
        text,
        href: href::search(project, text),
    });
    let results = Results {
        fragment: wants_fragment(request.headers()),
        found,
        examples: examples.into(),
        all: href::search(project, &text),
        text,
    };
    if results.fragment {
        return fragment(&request, &results, project);
    }
    let frame = Frame::of(&here, Section::None, "Search");
    Search { frame, results }.show()
}

/// Whether a script asks, to put the answer into the page that is shown. When it restores a page that it left
/// it needs the whole.
fn wants_fragment(headers: &HeaderMap) -> bool {
    let says = |name: &str| headers.get(name).is_some_and(|value| value == "true");
    says("hx-request") && !says("hx-history-restore-request")
}

/// The answer to a script. One search is one step to go back, however many letters were typed.
fn fragment(request: &HttpRequest, results: &Results, project: &str) -> Result<HttpResponse> {
    let address = href::search(project, &results.text);
    let from = request.headers().get("hx-current-url");
    let from = from.and_then(|value| value.to_str().ok());
    let from = from.and_then(|from| url::Url::parse(from).ok());
    let moved = if from.is_some_and(|from| from.path() == request.path()) {
        "HX-Replace-Url"
    } else {
        "HX-Push-Url"
    };
    let text = results.render().map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((moved, address))
        .body(text))
}

#[derive(Template)]
#[template(path = "search_projects.html")]
struct Projects {
    frame: Frame,
    text: String,
    /// Their names, and where they are searched.
    choices: Vec<(String, String)>,
}

impl Page for Projects {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// Leads to the search of the only project, or lets one choose.
pub(super) async fn choose(signed: Signed, query: Query) -> Result<HttpResponse> {
    let text = query.text(TEXT);
    if let [only] = signed.projects.as_slice() {
        return Ok(see(&href::search(&only.name, text)).finish());
    }
    let projects = signed.projects.iter();
    let projects =
        projects.map(|project| (project.name.clone(), href::search(&project.name, text)));
    let page = Projects {
        choices: projects.collect(),
        text: text.to_owned(),
        frame: Frame::signed(&signed, "Search"),
    };
    page.show()
}
