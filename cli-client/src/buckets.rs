//! Operations on buckets.

use crate::{Client, Error, Page};
use touchmark_wire::bucket::{
    CreateBucketBody, CreateBucketResponse, DeleteBucketResponse, GetBucketResponse,
    ListBucketsResponse, UpdateBucketBody, UpdateBucketResponse,
};

impl Client {
    /// Creates a bucket.
    pub async fn create_bucket(
        &self,
        body: &CreateBucketBody,
    ) -> Result<CreateBucketResponse, Error> {
        self.put(&self.scope()?.buckets(), body).await
    }

    /// Reads a bucket.
    pub async fn get_bucket(&self, bucket: &str) -> Result<GetBucketResponse, Error> {
        self.get(&self.scope()?.bucket(bucket)).await
    }

    /// Lists the buckets of the project.
    pub async fn list_buckets(&self, page: &Page) -> Result<ListBucketsResponse, Error> {
        self.get_with(&self.scope()?.buckets(), &page.query()).await
    }

    /// Changes a bucket.
    pub async fn update_bucket(
        &self,
        bucket: &str,
        body: &UpdateBucketBody,
    ) -> Result<UpdateBucketResponse, Error> {
        self.patch(&self.scope()?.bucket(bucket), body).await
    }

    /// Removes a bucket with everything in it.
    pub async fn delete_bucket(&self, bucket: &str) -> Result<DeleteBucketResponse, Error> {
        self.delete(&self.scope()?.bucket(bucket), &[]).await
    }
}
