//! Operations on versions.

use crate::{Client, Error, Page};
use touchmark_wire::version::{
    CreateVersionBody, CreateVersionResponse, DeleteVersionResponse, GetVersionResponse,
    ListVersionsResponse, UpdateVersionBody, UpdateVersionResponse,
};

impl Client {
    /// Creates a version.
    pub async fn create_version(
        &self,
        bucket: &str,
        body: &CreateVersionBody,
    ) -> Result<CreateVersionResponse, Error> {
        self.post(&self.scope()?.versions(bucket), body).await
    }

    /// Reads a version; one that does not exist is refused as `Aborted`.
    pub async fn get_version(
        &self,
        bucket: &str,
        fingerprint: &str,
    ) -> Result<GetVersionResponse, Error> {
        self.get(&self.scope()?.version(bucket, fingerprint)).await
    }

    /// Lists the versions of a bucket.
    pub async fn list_versions(
        &self,
        bucket: &str,
        page: &Page,
    ) -> Result<ListVersionsResponse, Error> {
        self.get_with(&self.scope()?.versions(bucket), &page.query())
            .await
    }

    /// Completes, revokes or restores a version.
    pub async fn update_version(
        &self,
        bucket: &str,
        fingerprint: &str,
        body: &UpdateVersionBody,
    ) -> Result<UpdateVersionResponse, Error> {
        self.patch(&self.scope()?.version(bucket, fingerprint), body)
            .await
    }

    /// Removes a version that no channel holds.
    pub async fn delete_version(
        &self,
        bucket: &str,
        fingerprint: &str,
    ) -> Result<DeleteVersionResponse, Error> {
        self.delete(&self.scope()?.version(bucket, fingerprint), &[])
            .await
    }

    /// Removes a version and moves the channels that hold it back.
    pub async fn delete_version_and_roll_back(
        &self,
        bucket: &str,
        fingerprint: &str,
    ) -> Result<DeleteVersionResponse, Error> {
        let query = [("rollback_channels", "true".to_owned())];
        self.delete(&self.scope()?.version(bucket, fingerprint), &query)
            .await
    }
}
