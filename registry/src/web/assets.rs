//! Style sheet, scripts and pictures, part of the program. Their addresses hold a hash of what is in them, so
//! that browsers may keep them for ever.

use std::sync::LazyLock;

use actix_web::{HttpResponse, http::header, web::Path};
use sha2::{Digest as _, Sha256};

use crate::{
    error::{Error, Kind, Result},
    ops::hex,
};

/// A file.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    body: &'static [u8],
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: [Asset; 4] = [
    Asset {
        name: "touchmark.css",
        media_type: CSS,
        body: include_bytes!("../../../web/static/touchmark.css"),
    },
    Asset {
        name: "touchmark.js",
        media_type: SCRIPT,
        body: include_bytes!("../../../web/static/touchmark.js"),
    },
    Asset {
        name: "htmx.js",
        media_type: SCRIPT,
        body: include_bytes!("../../../web/static/vendor/htmx-2.0.11.min.js"),
    },
    Asset {
        name: "mark.svg",
        media_type: "image/svg+xml",
        body: include_bytes!("../../../web/static/mark.svg"),
    },
];

/// One hash over all of them: they belong together.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for asset in &ASSETS {
        hash.update(asset.name);
        hash.update(asset.body);
    }
    hash.finalize().get(..8).map(hex).unwrap_or_default()
});

/// The address of a file.
pub(super) fn address(name: &str) -> String {
    format!("/static/{}/{name}", *HASH)
}

pub(super) async fn get(path: Path<(String, String)>) -> Result<HttpResponse> {
    let (hash, name) = path.into_inner();
    let missing = || Error::Missing(Kind::Route, format!("GET /static/{hash}/{name}"));
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let asset = asset.ok_or_else(missing)?;
    // A page of another version, which a node behind the same balancer gave out, works as well.
    let lasts = if hash == *HASH {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, asset.media_type))
        .insert_header((header::CACHE_CONTROL, lasts))
        .body(asset.body))
}
