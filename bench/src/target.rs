//! A registry as a client knows it: its `env` file, and a token.

use std::{collections::HashMap, path::Path};

use serde_json::Value;
use touchmark_wire::{
    oauth::CLIENT_CREDENTIALS,
    paths::{self, Scope},
};

use crate::Done;

/// Where requests go, and as whom.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    /// Host and port.
    pub(crate) address: String,
    pub(crate) token: String,
    pub(crate) organization_id: String,
    pub(crate) project_id: String,
}

impl Target {
    /// Signs in as the admin of an `env` file.
    pub(crate) async fn sign_in(address: &str, env: &Path) -> Done<Self> {
        let env = read(env)?;
        let value = |name: &str| env.get(name).cloned().unwrap_or_default();
        let answer = reqwest::Client::new()
            .post(format!("http://{address}{}", paths::TOKEN))
            .form(&[
                ("grant_type", CLIENT_CREDENTIALS),
                ("client_id", &value("HCP_CLIENT_ID")),
                ("client_secret", &value("HCP_CLIENT_SECRET")),
            ])
            .send()
            .await?
            .error_for_status()?;
        let answer: Value = serde_json::from_slice(&answer.bytes().await?)?;
        let token = answer.get("access_token").and_then(Value::as_str);
        Ok(Self {
            address: address.to_owned(),
            token: token.ok_or("an answer without a token")?.to_owned(),
            organization_id: value("HCP_ORGANIZATION_ID"),
            project_id: value("HCP_PROJECT_ID"),
        })
    }

    /// The same caller at another server.
    pub(crate) fn at(&self, address: &str) -> Self {
        Self {
            address: address.to_owned(),
            ..self.clone()
        }
    }

    /// What its paths start with.
    pub(crate) fn scope(&self) -> Scope<'_> {
        Scope::new(&self.organization_id, &self.project_id)
    }
}

/// The variables of an `env` file.
pub(crate) fn read(path: &Path) -> Done<HashMap<String, String>> {
    let text = std::fs::read_to_string(path)?;
    let pair = |line: &str| {
        let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
        Some((name.to_owned(), value.trim_matches('\'').to_owned()))
    };
    Ok(text.lines().filter_map(pair).collect())
}
