//! Operations on run tasks.

use crate::{Client, Error};
use touchmark_wire::run_task::{
    GetRegistryTFCRunTaskAPIResponse, GetRunTaskConfigResponse, RegenerateTFCRunTaskHmacKeyBody,
    RegenerateTFCRunTaskHmacKeyResponse, UpdateRunTaskConfigBody, UpdateRunTaskConfigResponse,
};

impl Client {
    /// Reads the run task's address; the only type is `validation`.
    pub async fn get_registry_tfc_run_task_api(
        &self,
        task_type: &str,
    ) -> Result<GetRegistryTFCRunTaskAPIResponse, Error> {
        self.get(&self.scope()?.run_task(task_type)).await
    }

    /// Replaces the key of the run task's signature.
    pub async fn regenerate_tfc_run_task_hmac_key(
        &self,
    ) -> Result<RegenerateTFCRunTaskHmacKeyResponse, Error> {
        let body = RegenerateTFCRunTaskHmacKeyBody::default();
        self.patch(&self.scope()?.run_task_hmac(), &body).await
    }

    /// Reads the run task's settings.
    pub async fn get_run_task_config(&self) -> Result<GetRunTaskConfigResponse, Error> {
        self.get(&self.scope()?.run_task_config()).await
    }

    /// Changes the run task's settings.
    pub async fn update_run_task_config(
        &self,
        body: &UpdateRunTaskConfigBody,
    ) -> Result<UpdateRunTaskConfigResponse, Error> {
        self.patch(&self.scope()?.run_task_config(), body).await
    }
}
