//! Operations on the project's registry.

use crate::{Client, Error};
use touchmark_wire::registry::{
    CreateRegistryBody, CreateRegistryResponse, DeleteRegistryResponse, GetRegistryResponse,
    UpdateRegistryBody, UpdateRegistryResponse,
};

impl Client {
    /// Creates the registry.
    pub async fn create_registry(
        &self,
        body: &CreateRegistryBody,
    ) -> Result<CreateRegistryResponse, Error> {
        self.put(&self.scope()?.registry(), body).await
    }

    /// Reads the registry.
    pub async fn get_registry(&self) -> Result<GetRegistryResponse, Error> {
        self.get(&self.scope()?.registry()).await
    }

    /// Changes the registry.
    pub async fn update_registry(
        &self,
        body: &UpdateRegistryBody,
    ) -> Result<UpdateRegistryResponse, Error> {
        self.patch(&self.scope()?.registry(), body).await
    }

    /// Removes the registry with everything in it.
    pub async fn delete_registry(&self) -> Result<DeleteRegistryResponse, Error> {
        self.delete(&self.scope()?.registry(), &[]).await
    }
}
