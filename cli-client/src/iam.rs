//! Who the caller is, and who others are.

use crate::{Client, Error};
use touchmark_wire::iam::{BatchGetPrincipalsResponse, GetCallerIdentityResponse, PrincipalView};
use touchmark_wire::paths;

impl Client {
    /// Tells who the caller is.
    pub async fn get_caller_identity(&self) -> Result<GetCallerIdentityResponse, Error> {
        self.get(paths::CALLER_IDENTITY).await
    }

    /// Looks principals of an organization up by their ids; those that do not exist are left out.
    pub async fn batch_get_principals(
        &self,
        organization_id: &str,
        ids: &[String],
    ) -> Result<BatchGetPrincipalsResponse, Error> {
        let ids = ids.iter().map(|id| ("principal_ids", id.clone()));
        let mut query: Vec<_> = ids.collect();
        query.push(("view", PrincipalView::Basic.to_string()));
        self.get_with(&paths::principals(organization_id), &query)
            .await
    }
}
