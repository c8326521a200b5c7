//! Operations on service principals.

use crate::{Client, Error};
use touchmark_wire::paths;
use touchmark_wire::service_principal::{
    CreateServicePrincipalBody, CreateServicePrincipalResponse, DeleteServicePrincipalResponse,
    GetServicePrincipalResponse,
};

impl Client {
    /// Creates a service principal of `project/<uuid>` or `organization/<uuid>`, without a secret.
    pub async fn create_service_principal(
        &self,
        parent: &str,
        body: &CreateServicePrincipalBody,
    ) -> Result<CreateServicePrincipalResponse, Error> {
        self.post(&paths::service_principals(parent), body).await
    }

    /// Reads a service principal by its resource name.
    pub async fn get_service_principal(
        &self,
        resource_name: &str,
    ) -> Result<GetServicePrincipalResponse, Error> {
        self.get(&paths::resource(resource_name)).await
    }

    /// Deletes a service principal by its resource name.
    pub async fn delete_service_principal(
        &self,
        resource_name: &str,
    ) -> Result<DeleteServicePrincipalResponse, Error> {
        self.delete(&paths::resource(resource_name), &[]).await
    }
}
