-- The foundation: who there is (organizations, projects, principals), what is recorded
-- (buckets, versions, builds, artifacts, channels, revocations) and the log of every change.
--
-- Times are microseconds since 1970 (UTC). ids are ULIDs, those of organizations and projects UUIDs.
-- The twin of this file for the other database has the same tables and columns.

-- What must be read back (token keys, the certificate authority), sealed with the master key.
CREATE TABLE sealed_values (
    name TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE projects (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (organization_id, name)
) STRICT;

-- People and services. `generation` goes up when what their tokens may do ends at once.
CREATE TABLE principals (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('service', 'user')),
    name TEXT NOT NULL,
    client_id TEXT NOT NULL UNIQUE,
    disabled INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    UNIQUE (organization_id, name)
) STRICT;

-- At most two live secrets a principal; only the SHA-256 of the random secret is kept.
CREATE TABLE principal_secrets (
    id TEXT NOT NULL PRIMARY KEY,
    principal_id TEXT NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    digest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;
CREATE INDEX principal_secrets_by_principal ON principal_secrets (principal_id);

CREATE TABLE role_bindings (
    principal_id TEXT NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    scope TEXT NOT NULL CHECK (scope IN ('organization', 'project', 'bucket')),
    scope_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'builder', 'contributor', 'admin')),
    PRIMARY KEY (principal_id, scope, scope_id)
) STRICT;

CREATE TABLE registries (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL UNIQUE REFERENCES projects (id) ON DELETE CASCADE,
    activated INTEGER NOT NULL,
    feature_tier TEXT NOT NULL CHECK (feature_tier IN ('UNSET', 'STANDARD', 'PLUS')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Finished operations of the HCP face; nothing here is asynchronous, so each is DONE from birth.
CREATE TABLE operations (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT;

-- `revision` goes up with every change below the bucket, and taking it is the bucket's lock.
-- `changed_at` is the time of that change and never goes back. `last_number` is the number
-- last given to a version; a number never comes back.
CREATE TABLE buckets (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    labels TEXT NOT NULL,
    platforms TEXT NOT NULL,
    revision INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    version_count INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT;
CREATE INDEX buckets_by_age ON buckets (project_id, created_at, id);

-- A version is complete when it has a number. `sequence` is the bucket's revision at creation.
CREATE TABLE versions (
    id TEXT NOT NULL PRIMARY KEY,
    bucket_id TEXT NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    number INTEGER,
    template_type TEXT NOT NULL CHECK (template_type IN ('UNSET', 'HCL2', 'JSON')),
    author_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (bucket_id, fingerprint),
    UNIQUE (bucket_id, number),
    UNIQUE (bucket_id, sequence)
) STRICT;

-- Own (source_id = version_id) or inherited from the version `source_id`, of which the row keeps
-- copies, since the source may be deleted. The earliest revoke_at decides. `settled` says that
-- what happens when it comes into force (channels rolled back) has been done.
CREATE TABLE revocations (
    version_id TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    source_id TEXT NOT NULL,
    source_bucket_name TEXT NOT NULL,
    source_version_name TEXT NOT NULL,
    source_fingerprint TEXT NOT NULL,
    revoke_at INTEGER NOT NULL,
    author_id TEXT NOT NULL,
    message TEXT NOT NULL,
    keep_channels INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (version_id, source_id)
) STRICT;
CREATE INDEX revocations_by_source ON revocations (source_id);
CREATE INDEX revocations_due ON revocations (revoke_at) WHERE settled = 0;

-- The parent fields have no foreign key: a parent that is not known here is kept as it was told.
CREATE TABLE builds (
    id TEXT NOT NULL PRIMARY KEY,
    version_id TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    component_type TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('UNSET', 'RUNNING', 'DONE', 'CANCELLED', 'FAILED')),
    status_reason TEXT NOT NULL,
    packer_run_uuid TEXT NOT NULL,
    platform TEXT NOT NULL,
    source_external_identifier TEXT NOT NULL,
    parent_version_id TEXT NOT NULL,
    parent_channel_id TEXT NOT NULL,
    labels TEXT NOT NULL,
    metadata TEXT,
    heartbeat_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (version_id, component_type),
    UNIQUE (version_id, sequence)
) STRICT;
CREATE INDEX builds_by_parent ON builds (parent_version_id, version_id) WHERE parent_version_id <> '';
CREATE INDEX builds_running ON builds (heartbeat_at) WHERE status = 'RUNNING';

CREATE TABLE artifacts (
    id TEXT NOT NULL PRIMARY KEY,
    build_id TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    external_identifier TEXT NOT NULL,
    region TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (build_id, position)
) STRICT;
CREATE INDEX artifacts_by_identifier ON artifacts (external_identifier, id);

CREATE TABLE channels (
    id TEXT NOT NULL PRIMARY KEY,
    bucket_id TEXT NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    managed INTEGER NOT NULL,
    restricted INTEGER NOT NULL,
    version_id TEXT REFERENCES versions (id),
    author_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (bucket_id, name)
) STRICT;
CREATE INDEX channels_by_version ON channels (version_id);

-- One row for each assignment; an empty version_id says that the channel was cleared. Name and
-- fingerprint are copies, since a version may be deleted. `sequence` is the bucket's revision.
CREATE TABLE channel_history (
    channel_id TEXT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    assigned_at INTEGER NOT NULL,
    author_id TEXT NOT NULL,
    version_id TEXT NOT NULL,
    version_name TEXT NOT NULL,
    version_fingerprint TEXT NOT NULL,
    PRIMARY KEY (channel_id, sequence)
) STRICT;

-- One row for each changed resource, in the transaction of the change. `transaction_id` is that of
-- PostgreSQL: numbers of `sequence` become visible out of order there, and a reader that must see
-- each row once keeps to transactions older than every open one.
CREATE TABLE events (
    sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    transaction_id INTEGER NOT NULL DEFAULT 0,
    id TEXT NOT NULL UNIQUE,
    organization_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    bucket_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    request_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    resource_kind TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource_name TEXT NOT NULL,
    payload TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_bucket ON events (bucket_id, sequence);
CREATE INDEX events_by_project ON events (project_id, sequence);
