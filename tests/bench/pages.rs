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

/// For those who decide.
const DECIDING: [u16; 5] = [303, 403, 403, 200, 200];
/// A form of those who decide, which leads on.
const DECIDED: [u16; 5] = [303, 403, 403, 303, 303];
/// For those who administer.
const ADMINISTERING: [u16; 5] = [303, 403, 403, 403, 200];
/// For those who record.
const RECORDING: [u16; 5] = [303, 403, 200, 200, 200];

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
    // Whoever reaches one project alone is led to its search.
    page("/search", [303, 303, 303, 303, 200]),
    page("/p/{project}", SIGNED_IN),
    page("/p/{project}/search", SIGNED_IN),
    page("/p/{project}/activity", SIGNED_IN),
    page("/p/{project}/buckets", SIGNED_IN),
    page("/p/{project}/new-bucket", RECORDING),
    form(
        "/p/{project}/new-bucket",
        &[("name", "not a name")],
        [303, 403, 422, 422, 422],
    ),
    page("/p/{project}/revoke", DECIDING),
    form(
        "/p/{project}/revoke",
        &[("artifact", "ami-of-nobody")],
        [303, 403, 403, 422, 422],
    ),
    page("/p/{project}/buckets/{bucket}", SIGNED_IN),
    page("/p/{project}/buckets/{bucket}/versions", SIGNED_IN),
    page("/p/{project}/buckets/{bucket}/compare", SIGNED_IN),
    page("/p/{project}/buckets/{bucket}/ancestry", SIGNED_IN),
    page("/p/{project}/buckets/{bucket}/activity", SIGNED_IN),
    page("/p/{project}/buckets/{bucket}/settings", SIGNED_IN),
    form(
        "/p/{project}/buckets/{bucket}/settings",
        &[("seen", "something else")],
        [303, 403, 409, 409, 409],
    ),
    page("/p/{project}/buckets/{bucket}/delete", ADMINISTERING),
    form(
        "/p/{project}/buckets/{bucket}/delete",
        &[("typed", "{bucket}")],
        [303, 403, 403, 403, 303],
    ),
    page("/p/{project}/buckets/{bucket}/channels", SIGNED_IN),
    form(
        "/p/{project}/buckets/{bucket}/channels",
        &[("name", "new"), ("version", "base-1")],
        DECIDED,
    ),
    page(
        "/p/{project}/buckets/{bucket}/channels/{channel}",
        SIGNED_IN,
    ),
    form(
        "/p/{project}/buckets/{bucket}/channels/{channel}/assign",
        &[("version", "base-1")],
        DECIDED,
    ),
    form(
        "/p/{project}/buckets/{bucket}/channels/{channel}/promote",
        &[("source", "latest")],
        DECIDED,
    ),
    form(
        "/p/{project}/buckets/{bucket}/channels/{channel}/restricted",
        &[("restricted", "yes")],
        DECIDED,
    ),
    page(
        "/p/{project}/buckets/{bucket}/channels/{channel}/rollback",
        DECIDING,
    ),
    form(
        "/p/{project}/buckets/{bucket}/channels/{channel}/rollback",
        &[("from", "base-2"), ("to", "base-1")],
        DECIDED,
    ),
    page(
        "/p/{project}/buckets/{bucket}/channels/{channel}/delete",
        DECIDING,
    ),
    form(
        "/p/{project}/buckets/{bucket}/channels/{channel}/delete",
        &[("typed", "{channel}")],
        DECIDED,
    ),
    page(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}",
        SIGNED_IN,
    ),
    page(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/builds",
        SIGNED_IN,
    ),
    page(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/packages",
        SIGNED_IN,
    ),
    page(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/labels",
        SIGNED_IN,
    ),
    page(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/origin",
        SIGNED_IN,
    ),
    page(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/builds/{build}/sboms/{sbom}",
        // To a link that needs nobody to be signed in.
        [303; 5],
    ),
    page(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/assign",
        DECIDING,
    ),
    form(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/assign",
        &[("channel", "production")],
        DECIDED,
    ),
    page(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/revoke",
        DECIDING,
    ),
    form(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/revoke",
        &[("when", "now"), ("message", "CVE-2026-0002")],
        DECIDING,
    ),
    page(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/restore",
        DECIDING,
    ),
    form(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/restore",
        // It is not revoked.
        &[],
        [303, 403, 403, 422, 422],
    ),
    page(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/delete",
        DECIDING,
    ),
    form(
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/delete",
        &[("typed", "not its name")],
        [303, 403, 403, 422, 422],
    ),
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
    view("search-projects", "/search?q=base"),
    view("board", "/p/{project}"),
    view("board-none", "/p/{empty_project}"),
    view("search", "/p/{project}/search?q=debian"),
    view("search-empty", "/p/{project}/search"),
    view("search-nothing", "/p/{project}/search?q=zzzz"),
    view("activity", "/p/{project}/activity"),
    view("activity-none", "/p/{project}/activity?actor=nobody"),
    view("new-bucket", "/p/{project}/new-bucket"),
    view(
        "revoke-by-artifact",
        "/p/{project}/revoke?artifact=aws-0a1b2c3d4e5f60718",
    ),
    view("revoke-by-no-artifact", "/p/{project}/revoke"),
    view("versions", "/p/{project}/buckets/{bucket}/versions"),
    view(
        "versions-none",
        "/p/{project}/buckets/{empty_bucket}/versions",
    ),
    view(
        "compare",
        "/p/{project}/buckets/{bucket}/compare?from=base-1&to=base-2",
    ),
    view("ancestry", "/p/{project}/buckets/{bucket}/ancestry"),
    view(
        "ancestry-none",
        "/p/{project}/buckets/{empty_bucket}/ancestry",
    ),
    view("bucket-activity", "/p/{project}/buckets/{bucket}/activity"),
    view("settings", "/p/{project}/buckets/{bucket}/settings"),
    view("bucket-delete", "/p/{project}/buckets/{bucket}/delete"),
    view("channels", "/p/{project}/buckets/{bucket}/channels"),
    view(
        "channel",
        "/p/{project}/buckets/{bucket}/channels/{channel}",
    ),
    view(
        "channel-latest",
        "/p/{project}/buckets/{bucket}/channels/latest",
    ),
    view(
        "rollback",
        "/p/{project}/buckets/{bucket}/channels/{channel}/rollback",
    ),
    view(
        "channel-delete",
        "/p/{project}/buckets/{bucket}/channels/{channel}/delete",
    ),
    view(
        "version",
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}",
    ),
    view(
        "version-revoked",
        "/p/{project}/buckets/{bucket}/versions/{revoked_fingerprint}",
    ),
    view(
        "version-open",
        "/p/{project}/buckets/{bucket}/versions/base-4",
    ),
    view(
        "version-builds",
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/builds",
    ),
    view(
        "version-packages",
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/packages",
    ),
    view(
        "version-labels",
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/labels",
    ),
    view(
        "version-origin",
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/origin",
    ),
    view(
        "assign",
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/assign",
    ),
    view(
        "revoke",
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/revoke",
    ),
    view(
        "restore",
        "/p/{project}/buckets/{bucket}/versions/{revoked_fingerprint}/restore",
    ),
    view(
        "version-delete",
        "/p/{project}/buckets/{bucket}/versions/{fingerprint}/delete",
    ),
    view(
        "version-of-strings",
        "/p/{project}/buckets/{long_bucket}/versions/{long_fingerprint}",
    ),
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
