DROP INDEX versions_by_fingerprint;
DROP TABLE build_commits;
