-- What tells that the same person submits for the same home again, each a keyed hash: the number (SSN or driver license),
-- name and birth date, and the address, the latter two whatever their spelling. NULL once they are compared no more
-- (ledger.recent_window), where there is no number, and in rows that an earlier version wrote: for those, person_key is
-- compared.
ALTER TABLE submissions ADD COLUMN number_key BLOB;
ALTER TABLE submissions ADD COLUMN name_key BLOB;
ALTER TABLE submissions ADD COLUMN home_key BLOB;
-- Those that are compared.
CREATE INDEX submissions_compared ON submissions (submitted_at) WHERE name_key IS NOT NULL;
