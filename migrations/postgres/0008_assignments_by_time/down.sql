DROP INDEX channel_history_by_time;
