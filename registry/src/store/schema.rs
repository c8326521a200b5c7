//! The tables, as diesel knows them. Kept by hand beside `migrations/`; a test compares both databases with it.

diesel::table! {
    sealed_values (name) {
        name -> Text,
        sealed -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    organizations (id) {
        id -> Text,
        name -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    projects (id) {
        id -> Text,
        organization_id -> Text,
        name -> Text,
        description -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    principals (id) {
        id -> Text,
        organization_id -> Text,
        project_id -> Nullable<Text>,
        kind -> Text,
        name -> Text,
        client_id -> Text,
        disabled -> Bool,
        generation -> BigInt,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    principal_secrets (id) {
        id -> Text,
        principal_id -> Text,
        digest -> Binary,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    role_bindings (principal_id, scope, scope_id) {
        principal_id -> Text,
        scope -> Text,
        scope_id -> Text,
        role -> Text,
    }
}

diesel::table! {
    passwords (principal_id) {
        principal_id -> Text,
        hash -> Text,
        changed_at -> BigInt,
    }
}

diesel::table! {
    invitations (digest) {
        digest -> Binary,
        organization_id -> Text,
        principal_id -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        digest -> Binary,
        principal_id -> Text,
        generation -> BigInt,
        address -> Text,
        agent -> Text,
        created_at -> BigInt,
        used_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    iam_policies (bucket_id) {
        bucket_id -> Text,
        etag -> Text,
        bindings -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    run_tasks (registry_id) {
        registry_id -> Text,
        api_id -> Text,
        sealed_key -> Binary,
        on_untracked_image -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    registries (id) {
        id -> Text,
        project_id -> Text,
        activated -> Bool,
        feature_tier -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    operations (id) {
        id -> Text,
        project_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    buckets (id) {
        id -> Text,
        project_id -> Text,
        name -> Text,
        description -> Text,
        labels -> Text,
        platforms -> Text,
        revision -> BigInt,
        last_number -> BigInt,
        version_count -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        changed_at -> BigInt,
    }
}

diesel::table! {
    versions (id) {
        id -> Text,
        bucket_id -> Text,
        sequence -> BigInt,
        fingerprint -> Text,
        number -> Nullable<BigInt>,
        template_type -> Text,
        author_id -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    revocations (version_id, source_id) {
        version_id -> Text,
        source_id -> Text,
        source_bucket_name -> Text,
        source_version_name -> Text,
        source_fingerprint -> Text,
        revoke_at -> BigInt,
        author_id -> Text,
        message -> Text,
        keep_channels -> Bool,
        settled -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    builds (id) {
        id -> Text,
        version_id -> Text,
        sequence -> BigInt,
        component_type -> Text,
        status -> Text,
        status_reason -> Text,
        packer_run_uuid -> Text,
        platform -> Text,
        source_external_identifier -> Text,
        parent_version_id -> Text,
        parent_channel_id -> Text,
        labels -> Text,
        metadata -> Nullable<Text>,
        heartbeat_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    build_commits (build_id) {
        build_id -> Text,
        commit_id -> Text,
    }
}

diesel::table! {
    artifacts (id) {
        id -> Text,
        build_id -> Text,
        position -> BigInt,
        external_identifier -> Text,
        region -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    channels (id) {
        id -> Text,
        bucket_id -> Text,
        name -> Text,
        managed -> Bool,
        restricted -> Bool,
        version_id -> Nullable<Text>,
        author_id -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    bucket_parents (parent_bucket_id, bucket_id) {
        parent_bucket_id -> Text,
        bucket_id -> Text,
    }
}

diesel::table! {
    channel_history (channel_id, sequence) {
        channel_id -> Text,
        sequence -> BigInt,
        assigned_at -> BigInt,
        author_id -> Text,
        version_id -> Text,
        version_name -> Text,
        version_fingerprint -> Text,
        number -> BigInt,
    }
}

diesel::table! {
    events (sequence) {
        sequence -> BigInt,
        transaction_id -> BigInt,
        id -> Text,
        organization_id -> Text,
        project_id -> Text,
        bucket_id -> Text,
        revision -> BigInt,
        actor_kind -> Text,
        actor_id -> Text,
        actor_name -> Text,
        request_id -> Text,
        at -> BigInt,
        action -> Text,
        resource_kind -> Text,
        resource_id -> Text,
        resource_name -> Text,
        payload -> Text,
        digest -> Text,
    }
}

diesel::table! {
    sbom_documents (digest) {
        digest -> Text,
        size -> BigInt,
        compressed -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    sboms (id) {
        id -> Text,
        build_id -> Text,
        sequence -> BigInt,
        name -> Text,
        format -> Text,
        document_digest -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    sbom_packages (document_digest, position) {
        document_digest -> Text,
        position -> BigInt,
        name -> Text,
        version -> Text,
        purl -> Text,
    }
}

diesel::table! {
    enforced_blocks (id) {
        id -> Text,
        project_id -> Text,
        name -> Text,
        labels -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    enforced_block_versions (id) {
        id -> Text,
        block_id -> Text,
        sequence -> BigInt,
        label -> Text,
        content -> Text,
        template_type -> Text,
        additional_description -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    enforced_block_links (id) {
        id -> Text,
        block_id -> Text,
        version_id -> Text,
        bucket_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    freshness_rules (resource_id) {
        resource_id -> Text,
        project_id -> Text,
        bucket_id -> Nullable<Text>,
        channel_id -> Nullable<Text>,
        grace -> Nullable<BigInt>,
        age_limit -> Nullable<BigInt>,
        may_lag -> Bool,
        updated_at -> BigInt,
    }
}

diesel::joinable!(versions -> buckets (bucket_id));
diesel::joinable!(builds -> versions (version_id));
diesel::joinable!(build_commits -> builds (build_id));
diesel::joinable!(artifacts -> builds (build_id));
diesel::joinable!(channels -> buckets (bucket_id));
diesel::joinable!(revocations -> versions (version_id));
diesel::joinable!(channel_history -> channels (channel_id));
diesel::joinable!(principal_secrets -> principals (principal_id));
diesel::joinable!(role_bindings -> principals (principal_id));
diesel::joinable!(passwords -> principals (principal_id));
diesel::joinable!(sessions -> principals (principal_id));
diesel::joinable!(buckets -> projects (project_id));
diesel::joinable!(sboms -> builds (build_id));
diesel::joinable!(sboms -> sbom_documents (document_digest));
diesel::joinable!(enforced_block_versions -> enforced_blocks (block_id));
diesel::joinable!(enforced_block_links -> enforced_blocks (block_id));
diesel::joinable!(enforced_block_links -> enforced_block_versions (version_id));
diesel::joinable!(enforced_block_links -> buckets (bucket_id));
diesel::allow_tables_to_appear_in_same_query!(
    bucket_parents,
    sealed_values,
    organizations,
    projects,
    principals,
    principal_secrets,
    role_bindings,
    passwords,
    invitations,
    sessions,
    iam_policies,
    run_tasks,
    registries,
    operations,
    buckets,
    versions,
    revocations,
    builds,
    build_commits,
    artifacts,
    channels,
    channel_history,
    events,
    sbom_documents,
    sboms,
    sbom_packages,
    enforced_blocks,
    enforced_block_versions,
    enforced_block_links,
    freshness_rules,
);
