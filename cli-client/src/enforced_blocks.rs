//! Reads of enforced blocks.

use crate::{Client, Error};
use touchmark_wire::enforced_block::GetEnforcedBlocksByBucketResponse;

impl Client {
    /// Reads what a bucket's builds must run.
    pub async fn get_enforced_blocks_by_bucket(
        &self,
        bucket: &str,
    ) -> Result<GetEnforcedBlocksByBucketResponse, Error> {
        self.get(&self.scope()?.enforced_blocks_by_bucket(bucket))
            .await
    }
}
