//! Revoking versions, after a look at what that touches: `…/versions/{fingerprint}/revoke` for one, and
//! `/p/{project}/revoke` for those that hold some artifacts.

mod how;
mod touches;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    bucket::visible,
    choice::{VersionPath, called},
    form::{Form, Query},
    frame::{Frame, Page, Section, see_after},
    href,
    problem::Problem,
    visitor::Here,
};
use crate::{
    domain::{
        role::Action,
        selection::{Selection, SelectionFields},
    },
    error::{Error, Kind, Result},
    ops::{
        Access,
        revocations::{self as ops, Many},
    },
    state::State,
    store::versions,
};
use how::How;
use touches::Touches;

#[derive(Template)]
#[template(path = "revoke.html")]
struct Revoke {
    frame: Frame,
    heading: String,
    /// The bucket and the version, with their pages.
    crumbs: Vec<(String, String)>,
    /// Ids of artifacts, one a line, on the page that begins with them.
    artifacts: Option<String>,
    action: String,
    /// Where one goes who leaves everything as it is.
    back: String,
    how: How,
    touches: Option<Touches>,
    typed: String,
    problem: Problem,
}

impl Page for Revoke {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Revoke {
    /// Whether there is anything to revoke: not when the artifacts are unknown, or all of it is revoked.
    fn is_possible(&self) -> bool {
        match &self.touches {
            Some(touches) => !touches.targets.is_empty(),
            None => self.problem.at("at") || self.problem.at("message"),
        }
    }
}

/// What is to be revoked.
enum Subject {
    /// A version, and what people call it.
    Version(VersionPath, String),
    /// The versions that hold these artifacts, one a line.
    Artifacts(String),
}

impl Subject {
    /// The version of a path, if the caller may revoke it.
    async fn version(state: &State, here: &Here, path: VersionPath) -> Result<Self> {
        let (access, asked) = (here.access.clone(), path.clone());
        let read = state.store.read(move |conn| {
            let bucket = visible(conn, &access, &asked.bucket)?;
            access.check(Action::Decide, Some(&bucket.id))?;
            let version = versions::existing(conn, &bucket.id, &asked.fingerprint)?;
            Ok(called(&version.name(), &version.fingerprint).to_owned())
        });
        Ok(Self::Version(path, read.await?))
    }

    /// These artifacts, if the caller may revoke anything at all.
    fn artifacts(access: &Access, text: &str) -> Result<Self> {
        let mut roles = access.roles.iter();
        if !roles.any(|(_, role)| Action::Decide.check(Some(*role)).is_ok()) {
            access.check(Action::Decide, None)?;
        }
        Ok(Self::Artifacts(text.replace('\r', "").trim().to_owned()))
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Artifacts(text) if text.is_empty())
    }

    fn selection(&self) -> Result<Selection> {
        let fields = match self {
            Self::Version(path, _) => SelectionFields {
                versions: Some(vec![(path.bucket.clone(), path.fingerprint.clone())]),
                ..SelectionFields::default()
            },
            Self::Artifacts(text) => {
                let lines = text.lines().map(|line| line.trim().to_owned());
                SelectionFields {
                    artifacts: Some(lines.filter(|line| !line.is_empty()).collect()),
                    ..SelectionFields::default()
                }
            }
        };
        fields.parse()
    }

    /// The page of what is to be revoked, before anything is known of what that touches.
    fn page(self, here: &Here, how: How) -> Revoke {
        let project = &here.access.project.name;
        let (heading, crumbs, artifacts, action, back) = match self {
            Self::Version(path, name) => {
                let version = href::version(project, &path.bucket, &path.fingerprint);
                let bucket = href::bucket(project, &path.bucket);
                (
                    format!("Revoke {} {name}", path.bucket),
                    vec![(path.bucket, bucket), (name, version.clone())],
                    None,
                    format!("{version}/revoke"),
                    version,
                )
            }
            Self::Artifacts(text) => (
                "Revoke what holds an artifact".to_owned(),
                Vec::new(),
                Some(text),
                href::revoke_artifacts(project, ""),
                href::buckets(project),
            ),
        };
        Revoke {
            frame: Frame::of(here, Section::Buckets, heading.clone()),
            heading,
            crumbs,
            artifacts,
            action,
            back,
            how,
            touches: None,
            typed: String::new(),
            problem: Problem::none(),
        }
    }
}

/// Fields of the form; the first is the form itself.
const FIELDS: [&str; 3] = ["", "at", "message"];

/// What is wrong with what was asked for, as the page tells it.
fn problem(error: Error) -> Result<Problem> {
    match error {
        Error::Missing(Kind::Artifact, id) => Ok(Problem::new(
            "artifact",
            format!("No version in this project holds {id}."),
        )),
        other => Problem::of(other, &FIELDS),
    }
}

/// What revoking it does, as of now.
async fn look(state: &State, here: &Here, subject: &Subject, how: &How) -> Result<Touches> {
    let many = Many {
        selection: subject.selection()?,
        how: how.parse()?,
        digest: None,
    };
    let keeps = many.how.keep_channels;
    let forecast = ops::preview(state, here.access.clone(), many).await?;
    let now = state.clock.now();
    Ok(Touches::new(
        forecast,
        &here.access.project.name,
        (keeps, now),
    ))
}

/// The page with what revoking would do.
async fn preview(state: &State, here: &Here, subject: Subject, how: How) -> Result<Revoke> {
    if subject.is_empty() {
        return Ok(subject.page(here, how));
    }
    let looked = look(state, here, &subject, &how).await;
    let page = subject.page(here, how);
    match looked {
        Ok(touches) => Ok(Revoke {
            touches: Some(touches),
            ..page
        }),
        Err(error) => Ok(Revoke {
            problem: problem(error)?,
            ..page
        }),
    }
}

pub(super) async fn ask(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
) -> Result<HttpResponse> {
    let subject = Subject::version(&state, &here, path.into_inner()).await?;
    preview(&state, &here, subject, How::default())
        .await?
        .show()
}

pub(super) async fn ask_by_artifact(
    state: Data<State>,
    here: Here,
    query: Query,
) -> Result<HttpResponse> {
    let subject = Subject::artifacts(&here.access, query.text("artifact"))?;
    let page = preview(&state, &here, subject, How::default()).await?;
    page.show_as(page.problem.status())
}

pub(super) async fn submit(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
    form: Form,
) -> Result<HttpResponse> {
    let after = href::version(&here.access.project.name, &path.bucket, &path.fingerprint);
    let subject = Subject::version(&state, &here, path.into_inner()).await?;
    answer(&state, &here, (subject, after), form).await
}

pub(super) async fn submit_by_artifact(
    state: Data<State>,
    here: Here,
    form: Form,
) -> Result<HttpResponse> {
    let artifacts = form.text("artifact");
    let after = href::revoke_artifacts(&here.access.project.name, artifacts);
    let subject = Subject::artifacts(&here.access, artifacts)?;
    answer(&state, &here, (subject, after), form).await
}

/// Shows what the form would do, or does it.
async fn answer(
    state: &State,
    here: &Here,
    (subject, after): (Subject, String),
    mut form: Form,
) -> Result<HttpResponse> {
    let how = How::of(&form);
    let selection = subject.selection();
    let mut page = preview(state, here, subject, how).await?;
    let Some(touches) = page
        .touches
        .as_ref()
        .filter(|_| form.text("do") == "revoke")
    else {
        return page.show_as(page.problem.status());
    };
    page.typed = form.take("typed");
    if page.typed.trim() != touches.expected {
        let text = format!(
            "This is not the {}'s name, {}.",
            touches.place, touches.expected
        );
        page.problem = Problem::new("typed", text);
        return page.show_as(page.problem.status());
    }
    let many = Many {
        selection: selection?,
        how: page.how.parse()?,
        digest: Some(form.take("digest")),
    };
    match ops::revoke_many(state, here.access.clone(), many).await {
        Ok(done) => see_after(&after, touches::told(&done, state.clock.now())),
        Err(Error::Stale(_)) => {
            page.problem = Problem::stale(
                "Nothing was revoked: what it touches is not what you were shown. This is how it stands now.",
            );
            page.show_as(page.problem.status())
        }
        Err(error) => {
            page.problem = problem(error)?;
            page.show_as(page.problem.status())
        }
    }
}
