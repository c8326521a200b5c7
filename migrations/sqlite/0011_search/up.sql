-- What the search of the web pages looks up: the commit of a build, which else is only in its metadata, and
-- fingerprints, whichever bucket they are in. Written when the metadata of a build changes.
CREATE TABLE build_commits (
    build_id TEXT NOT NULL PRIMARY KEY REFERENCES builds (id) ON DELETE CASCADE,
    commit_id TEXT NOT NULL
) STRICT;
CREATE INDEX build_commits_by_commit ON build_commits (commit_id, build_id);

CREATE INDEX versions_by_fingerprint ON versions (fingerprint, id);

-- JSON with a NUL in it cannot be looked into by every database.
INSERT INTO build_commits (build_id, commit_id)
SELECT told.id, told.commit_id
FROM (
    SELECT id, CASE
        WHEN metadata LIKE '%_u0000%' THEN NULL
        ELSE lower(metadata -> 'vcs' -> 'details' ->> 'commit')
    END AS commit_id
    FROM builds
    WHERE metadata IS NOT NULL
) AS told
WHERE length(told.commit_id) BETWEEN 7 AND 64;
