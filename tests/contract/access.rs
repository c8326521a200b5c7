//! The part of the story that is about service principals, the policy of a bucket and the run task.

use serde_json::json;

use crate::{story::text, teller::Teller};

/// A service principal that gets a role on a bucket; gives its resource name.
pub(crate) async fn bucket_policy(teller: &mut Teller<'_>) -> String {
    let parent = format!("project/{}", teller.server.project.id);
    let call = "ServicePrincipalsService_CreateServicePrincipal";
    let parent = [("parent_resource_name", parent.as_str())];
    let answer = teller.tell(call, &parent, json!({"name": "ci"})).await;
    let id = text(&answer, "/service_principal/id");
    let name = text(&answer, "/service_principal/resource_name");
    let call = "ServicePrincipalsService_GetServicePrincipal";
    let found = teller.look(call, &[("resource_name", &name)]).await;
    assert_eq!(found["service_principal"]["id"], id);
    assert_eq!(found["keys"], json!([]));
    let admin = teller.look("IamService_GetCallerIdentity", &[]).await;
    let admin = text(&admin, "/principal/service/resource_name");
    let found = teller.look(call, &[("resource_name", &admin)]).await;
    assert_eq!(found["keys"][0]["state"], "ACTIVE");
    let query = format!("principal_ids={id}&principal_ids=none&view=PRINCIPAL_VIEW_BASIC");
    let call = format!("IamService_BatchGetPrincipals?{query}");
    let found = teller.look(&call, &[]).await;
    assert_eq!(found["principals"][0]["type"], "PRINCIPAL_TYPE_SERVICE");

    let etag = policy(teller, 0).await;
    let members = json!([{"member_id": id, "member_type": "SERVICE_PRINCIPAL"}]);
    let bindings = json!([{"role_id": "roles/contributor", "members": members}]);
    let body = json!({"resource_name": base(teller),
        "policy": {"bindings": bindings, "etag": etag}});
    let answer = teller.tell("ResourceService_SetIamPolicy", &[], body).await;
    assert_eq!(answer["policy"]["bindings"], bindings);
    policy(teller, 1).await;
    name
}

/// The resource name of the bucket `base`.
fn base(teller: &Teller<'_>) -> String {
    format!("packer/project/{}/bucket/base", teller.server.project.id)
}

/// Reads the policy of the bucket `base`, which has so many bindings; gives its etag.
pub(crate) async fn policy(teller: &mut Teller<'_>, bindings: usize) -> String {
    let call = format!(
        "ResourceService_GetIamPolicy?resource_name={}",
        base(teller)
    );
    let answer = teller.look(&call, &[]).await;
    let found = answer["policy"]["bindings"].as_array().map(Vec::len);
    assert_eq!(found, Some(bindings));
    text(&answer, "/policy/etag")
}

/// Reads and changes the run task of the registry.
pub(crate) async fn run_task(teller: &mut Teller<'_>) {
    teller.look("GetRunTaskConfig", &[]).await;
    let validation = [("task_type", "validation")];
    let call = "GetRegistryTFCRunTaskAPI";
    let first = teller.look(call, &validation).await;
    let answer = teller
        .tell("RegenerateTFCRunTaskHmacKey", &[], json!({}))
        .await;
    let second = teller.look(call, &validation).await;
    assert_eq!(answer["hmac_key"], second["hmac_key"]);
    assert_ne!(first["hmac_key"], second["hmac_key"]);
    let body = json!({"on_untracked_image": "FAIL"});
    teller.tell("UpdateRunTaskConfig", &[], body).await;
    let registry = teller.look("GetRegistry", &[]).await;
    let config = &registry["registry"]["config"]["tfc_run_task_config"];
    assert_eq!(config["on_untracked_image"], "FAIL");
}
