//! Operations on software bills of material.

use crate::{Client, Error};
use touchmark_wire::sbom::{
    GetSbomResponse, ListSbomsResponse, UploadSbomBody, UploadSbomResponse,
};

impl Client {
    /// Uploads an SBOM of a build.
    pub async fn upload_sbom(
        &self,
        bucket: &str,
        fingerprint: &str,
        build_id: &str,
        body: &UploadSbomBody,
    ) -> Result<UploadSbomResponse, Error> {
        self.put(&self.scope()?.sboms(bucket, fingerprint, build_id), body)
            .await
    }

    /// Lists the SBOMs of a build.
    pub async fn list_sboms(
        &self,
        bucket: &str,
        fingerprint: &str,
        build_id: &str,
    ) -> Result<ListSbomsResponse, Error> {
        self.get(&self.scope()?.sboms(bucket, fingerprint, build_id))
            .await
    }

    /// Asks where the document of an SBOM can be read.
    pub async fn get_sbom(
        &self,
        bucket: &str,
        fingerprint: &str,
        build_id: &str,
        name: &str,
    ) -> Result<GetSbomResponse, Error> {
        self.get(&self.scope()?.sbom(bucket, fingerprint, build_id, name))
            .await
    }

    /// Reads the document of an SBOM, as it was uploaded.
    pub async fn download_sbom(
        &self,
        bucket: &str,
        fingerprint: &str,
        build_id: &str,
        name: &str,
    ) -> Result<Vec<u8>, Error> {
        let answer = self.get_sbom(bucket, fingerprint, build_id, name).await?;
        // Its address carries a signature and takes no token.
        let response = self.http.get(answer.download_url).send().await?;
        Ok(response.error_for_status()?.bytes().await?.to_vec())
    }
}
