-- When something counts as outdated, as far as somebody has said so: for a project, for a bucket, for a channel.
-- `resource_id` is the id of that; `bucket_id` and `channel_id` say what it belongs to. Spans are seconds.
CREATE TABLE freshness_rules (
    resource_id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    bucket_id TEXT REFERENCES buckets (id) ON DELETE CASCADE,
    channel_id TEXT REFERENCES channels (id) ON DELETE CASCADE,
    grace INTEGER,
    age_limit INTEGER,
    may_lag INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX freshness_rules_by_project ON freshness_rules (project_id);
CREATE INDEX freshness_rules_by_bucket ON freshness_rules (bucket_id);
CREATE INDEX freshness_rules_by_channel ON freshness_rules (channel_id);
