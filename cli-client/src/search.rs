//! Search for artifacts.

use crate::{Client, Error, Page};
use reqwest::Method;
use touchmark_wire::search::{SearchExternalArtifactRequestBody, SearchExternalArtifactResponse};

impl Client {
    /// Finds the builds that an artifact comes from.
    pub async fn search_external_artifact(
        &self,
        body: &SearchExternalArtifactRequestBody,
        page: &Page,
    ) -> Result<SearchExternalArtifactResponse, Error> {
        let path = self.scope()?.search_external_artifact();
        self.write(Method::POST, &path, &page.query(), body).await
    }
}
