ALTER TABLE channel_history DROP COLUMN number;
