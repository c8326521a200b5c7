-- Who may do what in a single bucket, and the run task of a registry.
--
-- Times are microseconds since 1970 (UTC).
-- The twin of this file for the other database has the same tables and columns.

-- The policy of a bucket as it was sent; what it gives stands in role_bindings.
CREATE TABLE iam_policies (
    bucket_id TEXT NOT NULL PRIMARY KEY REFERENCES buckets (id) ON DELETE CASCADE,
    etag TEXT NOT NULL,
    bindings TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX role_bindings_by_scope ON role_bindings (scope, scope_id);

-- The key of the signature is sealed with the master key. `api_id` stands in the address.
CREATE TABLE run_tasks (
    registry_id TEXT NOT NULL PRIMARY KEY REFERENCES registries (id) ON DELETE CASCADE,
    api_id TEXT NOT NULL UNIQUE,
    sealed_key BLOB NOT NULL,
    on_untracked_image TEXT NOT NULL CHECK (on_untracked_image IN ('UNSET', 'FAIL', 'WARN')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
