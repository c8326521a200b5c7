//! `/p/{project}/buckets/{bucket}/compare?from=&to=`: what differs between two versions of a bucket.

mod sections;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use self::sections::{Section as Part, Side, sections};
use super::{
    bucket::{BucketPath, visible},
    form::Query,
    frame::{Frame, Page, Section},
    href,
    show::{State as Shown, When},
    version::missing,
    visitor::Here,
};
use crate::{
    domain::time::Time,
    error::Result,
    ops::Access,
    state::State,
    store::{
        Conn, PageRequest,
        buckets::Bucket,
        page::{Listing, Wanted},
        versions::{self, Version},
    },
};

/// Versions to choose from: the newest.
const CHOICES: Listing = Listing {
    size: 50,
    ..versions::COMPLETE
};

#[derive(Template)]
#[template(path = "compare.html")]
struct Compare {
    frame: Frame,
    bucket: Link,
    versions: Link,
    buckets: String,
    /// Where the form is sent to.
    address: String,
    choices: Vec<Choice>,
    compared: Option<Compared>,
    first_command: String,
}

impl Page for Compare {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

struct Link {
    name: String,
    href: String,
}

/// A version to choose.
struct Choice {
    fingerprint: String,
    name: String,
    is_from: bool,
    is_to: bool,
}

/// Two versions, and what differs.
struct Compared {
    from: Shape,
    to: Shape,
    /// The page that compares them the other way round.
    turned: String,
    sections: Vec<Part>,
    different: bool,
    command: String,
}

/// A version above the comparison.
struct Shape {
    name: String,
    href: String,
    state: Shown,
    created: When,
}

/// What was read.
struct Found {
    bucket: Bucket,
    choices: Vec<Version>,
    sides: Sides,
}

/// Which versions are compared.
enum Sides {
    /// These.
    Two(Box<(Side, Side)>),
    /// The bucket has none of this fingerprint.
    Missing(String),
    /// There are fewer than two complete ones, and none was asked for.
    None,
}

impl Found {
    fn read(
        conn: &mut Conn,
        access: &Access,
        (bucket, from, to): (&str, &str, &str),
    ) -> Result<Self> {
        let bucket = visible(conn, access, bucket)?;
        let request = PageRequest::parse(&Wanted::default(), &CHOICES)?;
        let mut choices = versions::complete(conn, &bucket.id, &request)?.rows;
        let mut chosen = Vec::new();
        for asked in [to, from] {
            match find(conn, &bucket, asked)? {
                None if !asked.is_empty() => {
                    let sides = Sides::Missing(asked.to_owned());
                    return Ok(Self {
                        bucket,
                        choices,
                        sides,
                    });
                }
                found => chosen.push(found),
            }
        }
        let from = chosen.pop().flatten();
        let to = chosen.pop().flatten();
        let sides = match pair(conn, (from, to), &choices)? {
            Some((from, to)) => {
                for side in [&from, &to] {
                    if !choices.iter().any(|choice| choice.id == side.id) {
                        choices.push(side.clone());
                    }
                }
                let from = Side::read(conn, access, (&bucket, from))?;
                let to = Side::read(conn, access, (&bucket, to))?;
                Sides::Two(Box::new((from, to)))
            }
            None => Sides::None,
        };
        Ok(Self {
            bucket,
            choices,
            sides,
        })
    }
}

/// The version of this fingerprint or of this name.
fn find(conn: &mut Conn, bucket: &Bucket, asked: &str) -> Result<Option<Version>> {
    if asked.is_empty() {
        return Ok(None);
    }
    if let Some(version) = versions::find(conn, &bucket.id, asked)? {
        return Ok(Some(version));
    }
    let number = asked.strip_prefix('v').and_then(|text| text.parse().ok());
    match number {
        Some(number) => versions::by_number(conn, &bucket.id, number),
        None => Ok(None),
    }
}

/// The two versions that are compared. What is not asked for is the newest complete one, and the complete one
/// before the other.
fn pair(
    conn: &mut Conn,
    (from, to): (Option<Version>, Option<Version>),
    newest: &[Version],
) -> Result<Option<(Version, Version)>> {
    let Some(to) = to.or_else(|| newest.first().cloned()) else {
        return Ok(None);
    };
    let from = match (from, to.number) {
        (Some(from), _) => Some(from),
        (None, Some(number)) => {
            let before = crate::store::resolve::before(conn, &to.bucket_id, number)?;
            before.into_iter().next()
        }
        (None, None) => newest.first().cloned(),
    };
    Ok(from.map(|from| (from, to)))
}

pub(super) async fn show(
    state: Data<State>,
    here: Here,
    path: Path<BucketPath>,
    query: Query,
) -> Result<HttpResponse> {
    let access = here.access.clone();
    let read = state.store.read(move |conn| {
        let asked = (path.bucket.as_str(), query.text("from"), query.text("to"));
        Found::read(conn, &access, asked)
    });
    let found = read.await?;
    let name = &found.bucket.name;
    let sides = match found.sides {
        Sides::Missing(fingerprint) => return missing(&here, name, &fingerprint),
        Sides::Two(sides) => Some(sides),
        Sides::None => None,
    };
    let (now, project) = (state.clock.now(), &here.access.project.name);
    let chosen = sides.as_deref();
    let is = |of: fn(&(Side, Side)) -> &Side, version: &Version| {
        chosen.is_some_and(|sides| of(sides).version.id == version.id)
    };
    let choices = found.choices.iter().map(|version| Choice {
        name: choice(version),
        is_from: is(|sides| &sides.0, version),
        is_to: is(|sides| &sides.1, version),
        fingerprint: version.fingerprint.clone(),
    });
    let choices = choices.collect();
    let compared = sides.map(|sides| compared(*sides, (project, name, now)));
    let title = compared.as_ref().map_or_else(
        || format!("Compare versions of {name}"),
        |compared| format!("{name} {} and {}", compared.from.name, compared.to.name),
    );
    let page = Compare {
        frame: Frame::of(&here, Section::Buckets, title),
        buckets: href::buckets(project),
        bucket: Link {
            name: name.clone(),
            href: href::bucket(project, name),
        },
        versions: Link {
            name: "Versions".to_owned(),
            href: href::versions(project, name),
        },
        address: href::compare(project, name, ("", "")),
        choices,
        compared,
        first_command: format!("touchmark build --bucket {name} template.pkr.hcl"),
    };
    page.show()
}

/// A version as it is called where one is chosen.
fn choice(version: &Version) -> String {
    match version.number {
        Some(_) => version.name(),
        None => format!("{} ({})", version.name(), version.fingerprint),
    }
}

fn compared((from, to): (Side, Side), (project, bucket, now): (&str, &str, Time)) -> Compared {
    let shape = |side: &Side| Shape {
        name: choice(&side.version),
        href: href::version(project, bucket, &side.version.fingerprint),
        state: Shown::of(side.status(now)),
        created: When::new(side.version.created_at, now),
    };
    let address = |version: &Version| format!("{bucket}:{}", version.fingerprint);
    let (left, right) = (&from.version, &to.version);
    let turned = (right.fingerprint.as_str(), left.fingerprint.as_str());
    let (turned, command) = (
        href::compare(project, bucket, turned),
        format!(
            "touchmark version diff {} {}",
            address(left),
            address(right)
        ),
    );
    let (from_shape, to_shape) = (shape(&from), shape(&to));
    let sections = sections(from, to);
    Compared {
        from: from_shape,
        to: to_shape,
        turned,
        different: sections.iter().any(|section| section.total > 0),
        sections,
        command,
    }
}
