DROP INDEX events_by_resource_name;
DROP INDEX events_by_resource;
DROP INDEX events_by_organization;
ALTER TABLE principal_secrets DROP COLUMN last_used_at;
