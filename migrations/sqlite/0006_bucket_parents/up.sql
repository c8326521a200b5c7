-- From which buckets the latest version of a bucket was built: one row for each pair, so that the children of
-- a bucket are found without looking at all versions that it ever had. Written when `latest` moves; a row may
-- outlive the parent version that it comes from.
CREATE TABLE bucket_parents (
    parent_bucket_id TEXT NOT NULL,
    bucket_id TEXT NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    PRIMARY KEY (parent_bucket_id, bucket_id)
) STRICT;
CREATE INDEX bucket_parents_by_bucket ON bucket_parents (bucket_id);

INSERT INTO bucket_parents (parent_bucket_id, bucket_id)
SELECT DISTINCT parents.id, children.id
FROM channels
JOIN buckets AS children ON children.id = channels.bucket_id
JOIN builds ON builds.version_id = channels.version_id
JOIN versions ON versions.id = builds.parent_version_id
JOIN buckets AS parents ON parents.id = versions.bucket_id
WHERE channels.managed AND parents.project_id = children.project_id;
