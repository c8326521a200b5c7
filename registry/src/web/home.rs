//! `/`: leads to the board of a project.

use actix_web::HttpResponse;
use askama::Template;

use super::{
    frame::{Frame, Page, see},
    href,
    visitor::Signed,
};
use crate::error::Result;

#[derive(Template)]
#[template(path = "projects.html")]
struct Projects {
    frame: Frame,
}

impl Page for Projects {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// Leads to the only project there is, or lets one choose.
pub(super) async fn get(signed: Signed) -> Result<HttpResponse> {
    if let [only] = signed.projects.as_slice() {
        return Ok(see(&href::project(&only.name)).finish());
    }
    let frame = Frame::signed(&signed, "Projects");
    Projects { frame }.show()
}
