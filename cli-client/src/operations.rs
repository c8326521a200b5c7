//! Reads of operations.

use crate::{Client, Error};
use touchmark_wire::operation::{GetResponse, WaitResponse};

impl Client {
    /// Reads an operation.
    pub async fn get_operation(&self, id: &str) -> Result<GetResponse, Error> {
        self.get(&self.scope()?.operation(id)).await
    }

    /// Waits until an operation is finished, but no longer than the timeout.
    pub async fn wait_operation(
        &self,
        id: &str,
        timeout: std::time::Duration,
    ) -> Result<WaitResponse, Error> {
        let query = [("timeout", format!("{}ms", timeout.as_millis()))];
        self.get_with(&self.scope()?.operation_wait(id), &query)
            .await
    }
}
