//! Operations on enforced blocks.

use crate::{Client, Error};
use touchmark_wire::enforced_block::{
    CreateEnforcedBlockBody, CreateEnforcedBlockResponse, CreateEnforcedBlockVersionBody,
    CreateEnforcedBlockVersionResponse, DeleteEnforcedBlockResponse,
    DeleteEnforcedBlockVersionResponse, GetEnforcedBlockLinkedBucketsResponse,
    GetEnforcedBlockResponse, GetEnforcedBlockVersionsResponse, GetEnforcedBlocksByBucketResponse,
    ListEnforcedBlocksResponse, ManageEnforcedBlockLinkedBucketsBody,
    ManageEnforcedBlockLinkedBucketsResponse, UpdateEnforcedBlockBody, UpdateEnforcedBlockResponse,
    UpdateEnforcedBlockVersionBody, UpdateEnforcedBlockVersionResponse,
};

impl Client {
    /// Creates an enforced block with its first version.
    pub async fn create_enforced_block(
        &self,
        body: &CreateEnforcedBlockBody,
    ) -> Result<CreateEnforcedBlockResponse, Error> {
        self.put(&self.scope()?.enforced_blocks(), body).await
    }

    /// Lists all enforced blocks.
    pub async fn list_enforced_blocks(&self) -> Result<ListEnforcedBlocksResponse, Error> {
        self.get(&self.scope()?.enforced_blocks()).await
    }

    /// Reads an enforced block with its newest version.
    pub async fn get_enforced_block(&self, block: &str) -> Result<GetEnforcedBlockResponse, Error> {
        self.get(&self.scope()?.enforced_block(block)).await
    }

    /// Changes an enforced block.
    pub async fn update_enforced_block(
        &self,
        block: &str,
        body: &UpdateEnforcedBlockBody,
    ) -> Result<UpdateEnforcedBlockResponse, Error> {
        self.patch(&self.scope()?.enforced_block(block), body).await
    }

    /// Removes an enforced block that no bucket is linked to.
    pub async fn delete_enforced_block(
        &self,
        block: &str,
    ) -> Result<DeleteEnforcedBlockResponse, Error> {
        self.delete(&self.scope()?.enforced_block(block), &[]).await
    }

    /// Adds a version to an enforced block.
    pub async fn create_enforced_block_version(
        &self,
        block: &str,
        body: &CreateEnforcedBlockVersionBody,
    ) -> Result<CreateEnforcedBlockVersionResponse, Error> {
        self.put(&self.scope()?.enforced_block_versions(block), body)
            .await
    }

    /// Lists the versions of an enforced block.
    pub async fn get_enforced_block_versions(
        &self,
        block: &str,
    ) -> Result<GetEnforcedBlockVersionsResponse, Error> {
        self.get(&self.scope()?.enforced_block_versions(block))
            .await
    }

    /// Changes a version of an enforced block.
    pub async fn update_enforced_block_version(
        &self,
        block: &str,
        version: &str,
        body: &UpdateEnforcedBlockVersionBody,
    ) -> Result<UpdateEnforcedBlockVersionResponse, Error> {
        self.patch(&self.scope()?.enforced_block_version(block, version), body)
            .await
    }

    /// Removes a version of an enforced block that no bucket is linked to.
    pub async fn delete_enforced_block_version(
        &self,
        block: &str,
        version: &str,
    ) -> Result<DeleteEnforcedBlockVersionResponse, Error> {
        self.delete(&self.scope()?.enforced_block_version(block, version), &[])
            .await
    }

    /// Lists the buckets that are linked to a version of an enforced block.
    pub async fn get_enforced_block_linked_buckets(
        &self,
        block: &str,
        version: &str,
    ) -> Result<GetEnforcedBlockLinkedBucketsResponse, Error> {
        self.get(&self.scope()?.enforced_block_buckets(block, version))
            .await
    }

    /// Says which buckets are linked to a version of an enforced block, and no others.
    pub async fn manage_enforced_block_linked_buckets(
        &self,
        block: &str,
        version: &str,
        body: &ManageEnforcedBlockLinkedBucketsBody,
    ) -> Result<ManageEnforcedBlockLinkedBucketsResponse, Error> {
        self.post(&self.scope()?.enforced_block_buckets(block, version), body)
            .await
    }

    /// Reads what a bucket's builds must run.
    pub async fn get_enforced_blocks_by_bucket(
        &self,
        bucket: &str,
    ) -> Result<GetEnforcedBlocksByBucketResponse, Error> {
        self.get(&self.scope()?.enforced_blocks_by_bucket(bucket))
            .await
    }
}
