//! `resources/iam-policy`: the IAM policies of buckets.

use actix_web::web::Data;
use touchmark_wire::policy::{
    Policy, PolicyBinding, PolicyBindingMember, ResourceGetIamPolicyResponse,
    ResourceSetIamPolicyRequest, ResourceSetIamPolicyResponse,
};

use super::{
    answer::{Answer, Json},
    request::{Body, Query},
};
use crate::{
    auth::caller::Caller,
    domain::{
        policy::{Binding, Bindings, Member},
        resource_name::BucketName,
    },
    error::Error,
    ops::policies::{self, Set},
    state::State,
    store::policies as rows,
};

pub(super) async fn get(
    state: Data<State>,
    caller: Caller,
    query: Query,
) -> Answer<ResourceGetIamPolicyResponse> {
    let name = BucketName::parse("query.resource_name", query.get("resource_name"))?;
    let access = caller.into_project(&state, name.project_id).await?;
    let get = move |conn: &mut _| policies::get(conn, &access, &name.bucket);
    Ok(Json(ResourceGetIamPolicyResponse {
        policy: Some(show(state.store.read(get).await?)),
    }))
}

pub(super) async fn set(
    state: Data<State>,
    caller: Caller,
    body: Body,
) -> Answer<ResourceSetIamPolicyResponse> {
    let body: ResourceSetIamPolicyRequest = body.json().await?;
    let name = BucketName::parse("body.resource_name", &body.resource_name)?;
    let policy = body
        .policy
        .ok_or_else(|| Error::invalid("body.policy", "is required"))?;
    let access = caller.into_project(&state, name.project_id).await?;
    let set = Set {
        etag: policy.etag,
        bindings: Bindings(policy.bindings.into_iter().map(read).collect()),
    };
    let policy = policies::set(&state, access, name.bucket, set).await?;
    Ok(Json(ResourceSetIamPolicyResponse {
        policy: Some(show(policy)),
    }))
}

fn read(binding: PolicyBinding) -> Binding {
    let member = |member: PolicyBindingMember| Member {
        member_id: member.member_id,
        member_type: member.member_type,
    };
    Binding {
        role_id: binding.role_id,
        members: binding.members.into_iter().map(member).collect(),
    }
}

fn show(policy: rows::Policy) -> Policy {
    let member = |member: Member| PolicyBindingMember {
        member_id: member.member_id,
        member_type: member.member_type,
    };
    let binding = |binding: Binding| PolicyBinding {
        members: binding.members.into_iter().map(member).collect(),
        role_id: binding.role_id,
    };
    Policy {
        bindings: policy.bindings.0.into_iter().map(binding).collect(),
        etag: policy.etag,
    }
}
