-- Which assignment of its channel a row is, from 1: how many there were is what the newest says, and need not
-- be counted.
ALTER TABLE channel_history ADD COLUMN number BIGINT NOT NULL DEFAULT 0;

UPDATE channel_history SET number = numbered.number
FROM (
    SELECT channel_id, sequence, row_number() OVER (PARTITION BY channel_id ORDER BY sequence) AS number
    FROM channel_history
) AS numbered
WHERE numbered.channel_id = channel_history.channel_id AND numbered.sequence = channel_history.sequence;
