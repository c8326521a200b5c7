-- When each secret was used last, and what the filters of the event log need.
ALTER TABLE principal_secrets ADD COLUMN last_used_at INTEGER;

CREATE INDEX events_by_organization ON events (organization_id, sequence);
CREATE INDEX events_by_resource ON events (resource_id, sequence);
CREATE INDEX events_by_resource_name ON events (resource_name, sequence);
