//! Operations on builds.

use crate::{Client, Error, Page};
use touchmark_wire::build::{
    CreateBuildBody, CreateBuildResponse, DeleteBuildResponse, GetBuildResponse,
    ListBuildsResponse, UpdateBuildBody, UpdateBuildResponse,
};

impl Client {
    /// Registers a build.
    pub async fn create_build(
        &self,
        bucket: &str,
        fingerprint: &str,
        body: &CreateBuildBody,
    ) -> Result<CreateBuildResponse, Error> {
        self.post(&self.scope()?.builds(bucket, fingerprint), body)
            .await
    }

    /// Reads a build.
    pub async fn get_build(
        &self,
        bucket: &str,
        fingerprint: &str,
        id: &str,
    ) -> Result<GetBuildResponse, Error> {
        self.get(&self.scope()?.build(bucket, fingerprint, id))
            .await
    }

    /// Lists the builds of a version.
    pub async fn list_builds(
        &self,
        bucket: &str,
        fingerprint: &str,
        page: &Page,
    ) -> Result<ListBuildsResponse, Error> {
        self.get_with(&self.scope()?.builds(bucket, fingerprint), &page.query())
            .await
    }

    /// Changes a build.
    pub async fn update_build(
        &self,
        bucket: &str,
        fingerprint: &str,
        id: &str,
        body: &UpdateBuildBody,
    ) -> Result<UpdateBuildResponse, Error> {
        self.patch(&self.scope()?.build(bucket, fingerprint, id), body)
            .await
    }

    /// Removes a build.
    pub async fn delete_build(
        &self,
        bucket: &str,
        fingerprint: &str,
        id: &str,
    ) -> Result<DeleteBuildResponse, Error> {
        self.delete(&self.scope()?.build(bucket, fingerprint, id), &[])
            .await
    }
}
