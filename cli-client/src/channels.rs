//! Operations on channels.

use crate::{Client, Error, Page};
use touchmark_wire::channel::{
    AssignChannelVersionBody, AssignChannelVersionResponse, CreateChannelBody,
    CreateChannelResponse, DeleteChannelResponse, GetChannelResponse,
    ListChannelAssignmentHistoryResponse, ListChannelsResponse, UpdateChannelBody,
    UpdateChannelResponse,
};

impl Client {
    /// Creates a channel.
    pub async fn create_channel(
        &self,
        bucket: &str,
        body: &CreateChannelBody,
    ) -> Result<CreateChannelResponse, Error> {
        self.post(&self.scope()?.channels(bucket), body).await
    }

    /// Reads a channel with the version it points to.
    pub async fn get_channel(
        &self,
        bucket: &str,
        channel: &str,
    ) -> Result<GetChannelResponse, Error> {
        self.get(&self.scope()?.channel(bucket, channel)).await
    }

    /// Lists the channels of a bucket.
    pub async fn list_channels(&self, bucket: &str) -> Result<ListChannelsResponse, Error> {
        self.get(&self.scope()?.channels(bucket)).await
    }

    /// Changes a channel.
    pub async fn update_channel(
        &self,
        bucket: &str,
        channel: &str,
        body: &UpdateChannelBody,
    ) -> Result<UpdateChannelResponse, Error> {
        self.patch(&self.scope()?.channel(bucket, channel), body)
            .await
    }

    /// Removes a channel.
    pub async fn delete_channel(
        &self,
        bucket: &str,
        channel: &str,
    ) -> Result<DeleteChannelResponse, Error> {
        self.delete(&self.scope()?.channel(bucket, channel), &[])
            .await
    }

    /// Assigns the version of one channel to another.
    pub async fn assign_channel_version(
        &self,
        bucket: &str,
        body: &AssignChannelVersionBody,
    ) -> Result<AssignChannelVersionResponse, Error> {
        self.post(&self.scope()?.channel_assign(bucket), body).await
    }

    /// Lists what a channel pointed to.
    pub async fn list_channel_assignment_history(
        &self,
        bucket: &str,
        channel: &str,
        page: &Page,
    ) -> Result<ListChannelAssignmentHistoryResponse, Error> {
        self.get_with(
            &self.scope()?.channel_history(bucket, channel),
            &page.query(),
        )
        .await
    }
}
