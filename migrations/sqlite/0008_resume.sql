-- A visit that was put aside to be gone on with elsewhere: its row is named by the hash of a one-time code instead of a
-- cookie, and `tries` says how often somebody has tried to take it up. NULL for every other row.
ALTER TABLE sessions ADD COLUMN tries BIGINT;
