//! The variables with which a CI job reaches the registry as one of its principals.

use std::fs;

use zeroize::Zeroizing;

use super::{Registry, Where};
use crate::{
    auth::secret::Secret,
    envfile::{Address, EnvFile},
    error::{Error, Result},
    folder::failed,
    ops::principals::Old,
};

/// What a CI job needs.
#[derive(Debug, Clone)]
pub struct Variables {
    content: EnvFile,
}

impl Variables {
    /// The lines for a shell.
    ///
    /// # Errors
    /// [`Error::Refused`] when a value cannot stand in them.
    pub fn text(&self) -> Result<Zeroizing<String>> {
        let lines = self.content.lines();
        lines.map_err(|error| Error::refused(error.to_string()))
    }

    /// Names and values, those that must not be set with `null`.
    ///
    /// # Errors
    /// As [`Variables::text`].
    pub fn pairs(&self) -> Result<Vec<(String, Option<String>)>> {
        let pairs = self.content.pairs();
        pairs.map_err(|error| Error::refused(error.to_string()))
    }

    /// The files that have to be on the machine where the job runs.
    pub fn files(&self) -> Vec<String> {
        let trust = self.content.address.trust.iter();
        trust
            .flat_map(|trust| [&trust.bundle, &trust.authority])
            .map(|path| path.display().to_string())
            .collect()
    }
}

impl Registry<'_> {
    /// Makes a new secret for a principal, and the variables with it.
    ///
    /// # Errors
    /// [`Error::Refused`] when nobody knows where the server listens; then no secret is made.
    pub async fn variables(&self, place: &Where, name: &str, old: Old) -> Result<Variables> {
        let address = self.address()?;
        let principal = self.show_principal(place, name).await?;
        let (organization, _) = self.organization(&place.organization).await?;
        let project_id = match principal.project_id {
            Some(id) => id,
            None => self.in_project(place).await?.project.id.clone(),
        };
        let new = self.renew(place, name, old).await?;
        let content = EnvFile {
            address,
            client_id: new.client_id,
            client_secret: Secret::new(new.client_secret),
            organization_id: organization.id,
            project_id,
        };
        Ok(Variables { content })
    }

    /// How clients reach the server: as the settings say, or as the `env` file of the data folder does, which
    /// the server keeps up to date.
    fn address(&self) -> Result<Address> {
        let settled = self.settings.public_url.is_some();
        let path = self.folder.env_file();
        if !settled && path.exists() {
            let text = fs::read_to_string(&path).map_err(failed("read", &path))?;
            if let Some(address) = Address::found_in(&Zeroizing::new(text)) {
                return Ok(address);
            }
        }
        if !settled && self.settings.listen.port() == 0 {
            return Err(Error::refused(
                "nobody knows where the server listens: start it once, or set --public-url",
            ));
        }
        Ok(self.folder.address(self.settings, self.settings.listen))
    }
}
