-- One handshake as pgbench plays it: for each request the rows that the registry reads and writes, each with a
-- statement of its own, in the same transactions. `:bucket_name` and the payloads are given; ids are by chance.
\set version_number random(1, 9223372036854775807)
\set build_number random(1, 9223372036854775807)

-- Get bucket.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT id AS b_id, project_id AS p_id, name, description, labels, platforms, revision, last_number, version_count, created_at, updated_at, changed_at FROM buckets WHERE project_id = :project AND name = :bucket_name LIMIT 1 \gset
SELECT id AS c_id, version_id AS latest FROM channels WHERE bucket_id = ANY(ARRAY[:b_id]) AND name = 'latest' \gset
SELECT * FROM versions WHERE id = ANY(ARRAY[:latest]);
SELECT a.* FROM artifacts a JOIN builds b ON a.build_id = b.id WHERE b.version_id = ANY(ARRAY[:latest]) ORDER BY a.build_id, a.position;
SELECT * FROM builds WHERE version_id = ANY(ARRAY[:latest]) ORDER BY version_id, sequence;
SELECT * FROM revocations WHERE version_id = ANY(ARRAY[:latest]);
SELECT DISTINCT b.parent_version_id FROM builds b JOIN versions v ON b.version_id = v.id JOIN buckets u ON v.bucket_id = u.id WHERE u.project_id = :project AND b.parent_version_id <> '' AND b.parent_version_id = ANY(ARRAY[:latest]) AND b.version_id != b.parent_version_id;
SELECT DISTINCT version_id, parent_version_id, parent_channel_id FROM builds WHERE version_id = ANY(ARRAY[:latest]) AND parent_version_id <> '';
SELECT DISTINCT b.version_id, b.parent_version_id, b.parent_channel_id FROM builds b JOIN channels c ON c.version_id = b.version_id AND c.managed JOIN buckets u ON u.id = c.bucket_id WHERE u.project_id = :project AND b.parent_version_id <> '' AND b.parent_version_id = ANY(SELECT id FROM versions WHERE bucket_id = ANY(ARRAY[:b_id]));
COMMIT;

-- Look for the version.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT * FROM buckets WHERE project_id = :project AND name = :bucket_name LIMIT 1;
SELECT * FROM versions WHERE bucket_id = :b_id AND fingerprint = lpad(:version_number::text, 26, '0') LIMIT 1;
ROLLBACK;

-- Create version.
BEGIN;
UPDATE buckets SET revision = revision + 1, changed_at = CASE WHEN changed_at >= :now::bigint THEN changed_at + 1 ELSE :now::bigint END WHERE project_id = :project AND name = :bucket_name RETURNING id, project_id, name, description, labels, platforms, revision AS r, last_number, version_count AS count, created_at, updated_at, changed_at AS t \gset
SELECT * FROM registries WHERE project_id = :project LIMIT 1;
INSERT INTO versions (id, bucket_id, sequence, fingerprint, template_type, author_id, created_at, updated_at) VALUES (lpad(:version_number::text, 26, '0'), :b_id, :r, lpad(:version_number::text, 26, '0'), 'HCL2', 'admin', :t, :t) ON CONFLICT DO NOTHING RETURNING id AS v_id, bucket_id, sequence, fingerprint, number, template_type, author_id, created_at, updated_at \gset
UPDATE buckets SET description = '', labels = '{}', platforms = '["aws"]', version_count = :count::bigint + 1, updated_at = :t WHERE id = :b_id;
INSERT INTO events (id, organization_id, project_id, bucket_id, revision, actor_kind, actor_id, actor_name, request_id, at, action, resource_kind, resource_id, resource_name, payload, digest) VALUES ('1' || substr(:v_id, 2), :organization, :project, :b_id, :r, 'service', :v_id, 'admin', :v_id, :t, 'version.created', 'version', :v_id, :v_id, :version_created, :digest);
COMMIT;

-- List builds.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT * FROM buckets WHERE project_id = :project AND name = :bucket_name LIMIT 1;
SELECT * FROM versions WHERE bucket_id = :b_id AND fingerprint = :v_id LIMIT 1;
SELECT * FROM builds WHERE version_id = :v_id ORDER BY sequence LIMIT 1001;
COMMIT;

-- Create build.
BEGIN;
UPDATE buckets SET revision = revision + 1, changed_at = CASE WHEN changed_at >= :now::bigint THEN changed_at + 1 ELSE :now::bigint END WHERE project_id = :project AND name = :bucket_name RETURNING id, project_id, name, description, labels, platforms, revision AS r, last_number, version_count, created_at, updated_at, changed_at AS t \gset
SELECT * FROM versions WHERE bucket_id = :b_id AND fingerprint = :v_id LIMIT 1;
SELECT COUNT(*) FROM builds WHERE version_id = :v_id;
INSERT INTO builds (id, version_id, sequence, component_type, status, status_reason, packer_run_uuid, platform, source_external_identifier, parent_version_id, parent_channel_id, labels, created_at, updated_at) VALUES (lpad(:build_number::text, 26, '0'), :v_id, :r, 'amazon-ebs.base', 'UNSET', '', '2f0c5c3a-5d96-477d-92e5-681c85120246', '', '', '', '', '{}', :t, :t) ON CONFLICT DO NOTHING RETURNING id AS d_id, version_id, sequence, component_type, status \gset
INSERT INTO events (id, organization_id, project_id, bucket_id, revision, actor_kind, actor_id, actor_name, request_id, at, action, resource_kind, resource_id, resource_name, payload, digest) VALUES ('2' || substr(:d_id, 2), :organization, :project, :b_id, :r, 'service', :v_id, 'admin', :v_id, :t, 'build.created', 'build', :d_id, 'amazon-ebs.base', :build_created, :digest);
COMMIT;

-- RUNNING.
BEGIN;
UPDATE buckets SET revision = revision + 1, changed_at = CASE WHEN changed_at >= :now::bigint THEN changed_at + 1 ELSE :now::bigint END WHERE project_id = :project AND name = :bucket_name RETURNING id, project_id, name, description, labels, platforms, revision AS r, last_number, version_count, created_at, updated_at, changed_at AS t \gset
SELECT * FROM versions WHERE bucket_id = :b_id AND fingerprint = :v_id LIMIT 1;
SELECT * FROM builds WHERE id = :d_id AND version_id = :v_id LIMIT 1;
UPDATE builds SET status = 'RUNNING', heartbeat_at = :t, updated_at = :t WHERE id = :d_id;
UPDATE versions SET updated_at = :t WHERE id = :v_id;
INSERT INTO events (id, organization_id, project_id, bucket_id, revision, actor_kind, actor_id, actor_name, request_id, at, action, resource_kind, resource_id, resource_name, payload, digest) VALUES ('3' || substr(:d_id, 2), :organization, :project, :b_id, :r, 'service', :v_id, 'admin', :v_id, :t, 'build.started', 'build', :d_id, 'amazon-ebs.base', :build_started, :digest);
COMMIT;

-- DONE.
BEGIN;
UPDATE buckets SET revision = revision + 1, changed_at = CASE WHEN changed_at >= :now::bigint THEN changed_at + 1 ELSE :now::bigint END WHERE project_id = :project AND name = :bucket_name RETURNING id, project_id, name, description, labels, platforms, revision AS r, last_number + 1 AS number, version_count, created_at, updated_at, changed_at AS t \gset
SELECT * FROM versions WHERE bucket_id = :b_id AND fingerprint = :v_id LIMIT 1;
SELECT * FROM builds WHERE id = :d_id AND version_id = :v_id LIMIT 1;
SELECT * FROM artifacts WHERE build_id = :d_id ORDER BY position;
UPDATE builds SET status = 'DONE', platform = 'aws', source_external_identifier = 'ami-0123456789abcdef0', labels = '{"os":"debian"}', metadata = '{"packer":{"version":"1.16.0"},"vcs":{},"cicd":{}}', updated_at = :t WHERE id = :d_id;
INSERT INTO artifacts (id, build_id, position, external_identifier, region, created_at) VALUES ('4' || substr(:d_id, 2), :d_id, 0, 'ami-' || :v_id || '-0', 'us-east-1', :t), ('5' || substr(:d_id, 2), :d_id, 1, 'ami-' || :v_id || '-1', 'us-east-1', :t);
INSERT INTO events (id, organization_id, project_id, bucket_id, revision, actor_kind, actor_id, actor_name, request_id, at, action, resource_kind, resource_id, resource_name, payload, digest) VALUES ('6' || substr(:d_id, 2), :organization, :project, :b_id, :r, 'service', :v_id, 'admin', :v_id, :t, 'build.done', 'build', :d_id, 'amazon-ebs.base', :build_done, :digest);
SELECT COUNT(*) FROM builds WHERE version_id = :v_id AND status != 'DONE';
UPDATE versions SET number = :number, updated_at = :t WHERE id = :v_id;
UPDATE buckets SET last_number = :number WHERE id = :b_id;
INSERT INTO events (id, organization_id, project_id, bucket_id, revision, actor_kind, actor_id, actor_name, request_id, at, action, resource_kind, resource_id, resource_name, payload, digest) VALUES ('7' || substr(:d_id, 2), :organization, :project, :b_id, :r, 'service', :v_id, 'admin', :v_id, :t, 'version.completed', 'version', :v_id, :v_id, :version_completed, :digest);
SELECT * FROM versions v WHERE bucket_id = :b_id AND number IS NOT NULL AND NOT EXISTS (SELECT 1 FROM revocations r WHERE r.version_id = v.id AND r.revoke_at <= :t) ORDER BY number DESC LIMIT 1;
SELECT * FROM channels WHERE bucket_id = :b_id AND name = 'latest' LIMIT 1;
UPDATE channels SET restricted = TRUE, version_id = :v_id, author_id = 'touchmark', updated_at = :t WHERE id = :c_id;
INSERT INTO channel_history (channel_id, sequence, assigned_at, author_id, version_id, version_name, version_fingerprint) VALUES (:c_id, :r, :t, 'touchmark', :v_id, 'v' || :number::text, :v_id) ON CONFLICT (channel_id, sequence) DO UPDATE SET version_id = :v_id;
INSERT INTO events (id, organization_id, project_id, bucket_id, revision, actor_kind, actor_id, actor_name, request_id, at, action, resource_kind, resource_id, resource_name, payload, digest) VALUES ('7' || substr(:v_id, 2), :organization, :project, :b_id, :r, 'service', :v_id, 'admin', :v_id, :t, 'channel.assigned', 'channel', :c_id, 'latest', :channel_assigned, :digest);
COMMIT;

-- Get version.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT * FROM buckets WHERE project_id = :project AND name = :bucket_name LIMIT 1;
SELECT * FROM versions WHERE bucket_id = :b_id AND fingerprint = :v_id LIMIT 1;
SELECT a.* FROM artifacts a JOIN builds b ON a.build_id = b.id WHERE b.version_id = ANY(ARRAY[:v_id]) ORDER BY a.build_id, a.position;
SELECT * FROM builds WHERE version_id = ANY(ARRAY[:v_id]) ORDER BY version_id, sequence;
SELECT * FROM revocations WHERE version_id = ANY(ARRAY[:v_id]);
SELECT DISTINCT b.parent_version_id FROM builds b JOIN versions v ON b.version_id = v.id JOIN buckets u ON v.bucket_id = u.id WHERE u.project_id = :project AND b.parent_version_id <> '' AND b.parent_version_id = ANY(ARRAY[:v_id]) AND b.version_id != b.parent_version_id;
SELECT DISTINCT version_id, parent_version_id, parent_channel_id FROM builds WHERE version_id = ANY(ARRAY[:v_id]) AND parent_version_id <> '';
COMMIT;
