//! What `--dry-run` prints instead of sending it.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use touchmark_client::Method;

use crate::exit::{Context, Result};
use crate::output::Report;

/// The flag of commands that change something.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct DryRun {
    /// Print the request instead of sending it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// The flags of commands whose effect cannot be taken back.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Severe {
    /// Do not ask for a confirmation
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) dry: DryRun,
}

/// A request that would be sent.
#[derive(Debug, Serialize)]
pub(crate) struct Request {
    method: String,
    path: String,
    body: Option<Value>,
}

impl Request {
    /// A request with this body.
    pub(crate) fn new(method: &Method, path: String, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_value(body).context(|| "the body is no JSON".to_owned())?;
        Ok(Self {
            body: Some(body),
            ..Self::bare(method, path)
        })
    }

    /// A request without a body.
    pub(crate) fn bare(method: &Method, path: String) -> Self {
        Self {
            method: method.to_string(),
            path,
            body: None,
        }
    }

    /// The report of a dry run that would send this.
    pub(crate) fn report(self) -> Result<Report> {
        reports(&[self])
    }
}

/// The report of a dry run that would send these, in this order.
pub(crate) fn reports(requests: &[Request]) -> Result<Report> {
    let mut text = String::new();
    for request in requests {
        let _ = writeln!(text, "{} {}", request.method, request.path);
        if let Some(body) = &request.body {
            let _ = writeln!(text, "{body:#}");
        }
    }
    Report::new(&requests, text)
}
