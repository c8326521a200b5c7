-- The foundation: who there is (organizations, projects, principals), what is recorded
-- (buckets, versions, builds, artifacts, channels, revocations) and the log of every change.
--
-- Times are microseconds since 1970 (UTC). ids are ULIDs, those of organizations and projects UUIDs.
-- The twin of this file for the other database has the same tables and columns.

-- What must be read back (token keys, the certificate authority), sealed with the master key.
CREATE TABLE sealed_values (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE organizations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE projects (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, name)
);

-- People and services. `generation` goes up when what their tokens may do ends at once.
CREATE TABLE principals (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    project_id TEXT COLLATE "C" REFERENCES projects (id) ON DELETE CASCADE,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('service', 'user')),
    name TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL UNIQUE,
    disabled BOOLEAN NOT NULL,
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    UNIQUE (organization_id, name)
);

-- At most two live secrets a principal; only the SHA-256 of the random secret is kept.
CREATE TABLE principal_secrets (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    principal_id TEXT COLLATE "C" NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    digest BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX principal_secrets_by_principal ON principal_secrets (principal_id);

CREATE TABLE role_bindings (
    principal_id TEXT COLLATE "C" NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    scope TEXT COLLATE "C" NOT NULL CHECK (scope IN ('organization', 'project', 'bucket')),
    scope_id TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('viewer', 'builder', 'contributor', 'admin')),
    PRIMARY KEY (principal_id, scope, scope_id)
);

CREATE TABLE registries (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES projects (id) ON DELETE CASCADE,
    activated BOOLEAN NOT NULL,
    feature_tier TEXT COLLATE "C" NOT NULL CHECK (feature_tier IN ('UNSET', 'STANDARD', 'PLUS')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Finished operations of the HCP face; nothing here is asynchronous, so each is DONE from birth.
CREATE TABLE operations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);

-- `revision` goes up with every change below the bucket, and taking it is the bucket's lock.
-- `changed_at` is the time of that change and never goes back. `last_number` is the number
-- last given to a version; a number never comes back.
CREATE TABLE buckets (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    labels TEXT COLLATE "C" NOT NULL,
    platforms TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    version_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    UNIQUE (project_id, name)
);
CREATE INDEX buckets_by_age ON buckets (project_id, created_at, id);

-- A version is complete when it has a number. `sequence` is the bucket's revision at creation.
CREATE TABLE versions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    bucket_id TEXT COLLATE "C" NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    number BIGINT,
    template_type TEXT COLLATE "C" NOT NULL CHECK (template_type IN ('UNSET', 'HCL2', 'JSON')),
    author_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (bucket_id, fingerprint),
    UNIQUE (bucket_id, number),
    UNIQUE (bucket_id, sequence)
);

-- Own (source_id = version_id) or inherited from the version `source_id`, of which the row keeps
-- copies, since the source may be deleted. The earliest revoke_at decides. `settled` says that
-- what happens when it comes into force (channels rolled back) has been done.
CREATE TABLE revocations (
    version_id TEXT COLLATE "C" NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    source_id TEXT COLLATE "C" NOT NULL,
    source_bucket_name TEXT COLLATE "C" NOT NULL,
    source_version_name TEXT COLLATE "C" NOT NULL,
    source_fingerprint TEXT COLLATE "C" NOT NULL,
    revoke_at BIGINT NOT NULL,
    author_id TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    keep_channels BOOLEAN NOT NULL,
    settled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (version_id, source_id)
);
CREATE INDEX revocations_by_source ON revocations (source_id);
CREATE INDEX revocations_due ON revocations (revoke_at) WHERE NOT settled;

-- The parent fields have no foreign key: a parent that is not known here is kept as it was told.
CREATE TABLE builds (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version_id TEXT COLLATE "C" NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    component_type TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL CHECK (status IN ('UNSET', 'RUNNING', 'DONE', 'CANCELLED', 'FAILED')),
    status_reason TEXT COLLATE "C" NOT NULL,
    packer_run_uuid TEXT COLLATE "C" NOT NULL,
    platform TEXT COLLATE "C" NOT NULL,
    source_external_identifier TEXT COLLATE "C" NOT NULL,
    parent_version_id TEXT COLLATE "C" NOT NULL,
    parent_channel_id TEXT COLLATE "C" NOT NULL,
    labels TEXT COLLATE "C" NOT NULL,
    metadata TEXT COLLATE "C",
    heartbeat_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (version_id, component_type),
    UNIQUE (version_id, sequence)
);
CREATE INDEX builds_by_parent ON builds (parent_version_id, version_id) WHERE parent_version_id <> '';
CREATE INDEX builds_running ON builds (heartbeat_at) WHERE status = 'RUNNING';

CREATE TABLE artifacts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    build_id TEXT COLLATE "C" NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    external_identifier TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (build_id, position)
);
CREATE INDEX artifacts_by_identifier ON artifacts (external_identifier, id);

CREATE TABLE channels (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    bucket_id TEXT COLLATE "C" NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    managed BOOLEAN NOT NULL,
    restricted BOOLEAN NOT NULL,
    version_id TEXT COLLATE "C" REFERENCES versions (id),
    author_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (bucket_id, name)
);
CREATE INDEX channels_by_version ON channels (version_id);

-- One row for each assignment; an empty version_id says that the channel was cleared. Name and
-- fingerprint are copies, since a version may be deleted. `sequence` is the bucket's revision.
CREATE TABLE channel_history (
    channel_id TEXT COLLATE "C" NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    assigned_at BIGINT NOT NULL,
    author_id TEXT COLLATE "C" NOT NULL,
    version_id TEXT COLLATE "C" NOT NULL,
    version_name TEXT COLLATE "C" NOT NULL,
    version_fingerprint TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (channel_id, sequence)
);

-- One row for each changed resource, in the transaction of the change. `transaction_id` is that of
-- PostgreSQL: numbers of `sequence` become visible out of order there, and a reader that must see
-- each row once keeps to transactions older than every open one.
CREATE TABLE events (
    sequence BIGSERIAL PRIMARY KEY,
    transaction_id BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    organization_id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    bucket_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C" NOT NULL,
    actor_name TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    resource_kind TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    resource_name TEXT COLLATE "C" NOT NULL,
    payload TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL
);
CREATE INDEX events_by_bucket ON events (bucket_id, sequence);
CREATE INDEX events_by_project ON events (project_id, sequence);
