//! Who the caller is.

use crate::{Client, Error};
use touchmark_wire::iam::GetCallerIdentityResponse;
use touchmark_wire::paths;

impl Client {
    /// Tells who the caller is.
    pub async fn get_caller_identity(&self) -> Result<GetCallerIdentityResponse, Error> {
        self.get(paths::CALLER_IDENTITY).await
    }
}
