//! Operations on IAM policies.

use crate::{Client, Error};
use touchmark_wire::paths;
use touchmark_wire::policy::{
    Policy, ResourceGetIamPolicyResponse, ResourceSetIamPolicyRequest, ResourceSetIamPolicyResponse,
};

impl Client {
    /// Reads the policy of a resource, such as `packer/project/<project>/bucket/<bucket>`.
    pub async fn get_iam_policy(
        &self,
        resource_name: &str,
    ) -> Result<ResourceGetIamPolicyResponse, Error> {
        let query = [("resource_name", resource_name.to_owned())];
        self.get_with(paths::IAM_POLICY, &query).await
    }

    /// Writes the policy of a resource in place of the one before.
    pub async fn set_iam_policy(
        &self,
        resource_name: &str,
        policy: Policy,
    ) -> Result<ResourceSetIamPolicyResponse, Error> {
        let body = ResourceSetIamPolicyRequest {
            policy: Some(policy),
            resource_id: String::new(),
            resource_name: resource_name.to_owned(),
        };
        self.put(paths::IAM_POLICY, &body).await
    }
}
