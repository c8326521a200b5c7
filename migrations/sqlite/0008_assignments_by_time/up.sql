-- What a channel gave at a moment is found without reading what it has given since.
CREATE INDEX channel_history_by_time ON channel_history (channel_id, assigned_at, sequence);
