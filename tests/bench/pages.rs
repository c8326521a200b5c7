//! The web pages: every route there is, who gets what there, and what each looks like in a filled registry.
//!
//! [`ROUTES`] is held against the routes of the server, [`VIEWS`] against [`ROUTES`]: whoever adds a page adds
//! a line to each. All tests of pages walk over these two.

mod filled;

pub use filled::Filled;

/// Who asks, in the order of [`Route::statuses`].
pub const CALLERS: [&str; 5] = ["anonymous", "viewer", "builder", "contributor", "admin"];

/// A page (`GET`), or what a form is sent to (`POST`).
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its pattern, as in the route table of the server.
    pub pattern: &'static str,
    /// What is behind the `?`, or in the form; `{…}` is filled in as in a pattern.
    pub fields: &'static [(&'static str, &'static str)],
    /// The status for each of [`CALLERS`]. A 303 to somebody who is not signed in leads to the sign-in page.
    pub statuses: [u16; 5],
}

const fn page(pattern: &'static str, statuses: [u16; 5]) -> Route {
    Route {
        method: "GET",
        pattern,
        fields: &[],
        statuses,
    }
}

const fn form(
    pattern: &'static str,
    fields: &'static [(&'static str, &'static str)],
    statuses: [u16; 5],
) -> Route {
    Route {
        method: "POST",
        pattern,
        fields,
        statuses,
    }
}

/// For everybody.
const OPEN: [u16; 5] = [200; 5];
/// For whoever is signed in.
const SIGNED_IN: [u16; 5] = [303, 200, 200, 200, 200];

/// All routes of pages. A form that succeeds changes what is filled in for its caller alone: each gets a
/// bucket and links of its own.
pub const ROUTES: &[Route] = &[
    page("/static/{hash}/{name}", OPEN),
    // Whoever reaches one project alone is led there.
    page("/", [303, 303, 303, 303, 200]),
    page("/sign-in", [200, 303, 303, 303, 303]),
    form(
        "/sign-in",
        &[("name", "nobody"), ("password", "wrong")],
        [422; 5],
    ),
    page("/invitations/{link}", OPEN),
    form(
        "/invitations/{link}",
        &[
            ("password", "correct horse battery"),
            ("repeated", "correct horse battery"),
        ],
        [303; 5],
    ),
    form(
        "/theme",
        &[("theme", "dark"), ("next", "/account")],
        [303; 5],
    ),
    page("/account", SIGNED_IN),
    form(
        "/account/password",
        &[
            ("current", "wrong"),
            ("password", "correct horse battery"),
            ("repeated", "correct horse battery"),
        ],
        [303, 422, 422, 422, 422],
    ),
    form(
        "/account/sessions/{session}/end",
        &[],
        [303, 303, 303, 303, 303],
    ),
    page("/p/{project}", [303; 5]),
    page("/p/{project}/buckets", SIGNED_IN),
    page("/p/{project}/buckets/{bucket}", SIGNED_IN),
    // The last, since it ends the session.
    form("/sign-out", &[], [303; 5]),
];

/// A page as somebody sees it.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Its name, which is that of its screenshots.
    pub name: &'static str,
    /// The pattern of its address, with a query.
    pub address: &'static str,
    /// The status.
    pub status: u16,
    /// Whether the admin looks at it; else somebody who is not signed in.
    pub signed_in: bool,
}

const fn view(name: &'static str, address: &'static str) -> View {
    View {
        name,
        address,
        status: 200,
        signed_in: true,
    }
}

const fn outside(name: &'static str, address: &'static str) -> View {
    View {
        signed_in: false,
        ..view(name, address)
    }
}

/// Everything there is to see.
pub const VIEWS: &[View] = &[
    outside("sign-in", "/sign-in?next=%2Faccount"),
    outside("invitation", "/invitations/{link}"),
    outside("invitation-first", "/invitations/{first}"),
    view("projects", "/"),
    view("account", "/account"),
    view("buckets", "/p/{project}/buckets"),
    view("buckets-none", "/p/{empty_project}/buckets"),
    view("bucket", "/p/{project}/buckets/{bucket}"),
    view("bucket-of-strings", "/p/{project}/buckets/{long_bucket}"),
    view("bucket-empty", "/p/{project}/buckets/{empty_bucket}"),
    View {
        status: 404,
        ..view("not-found", "/p/{project}/buckets/missing")
    },
];
