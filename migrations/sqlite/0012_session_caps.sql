-- Whose network a session was begun from, as keyed hashes: an IPv4 address or the first 64 bits of an IPv6 one, and an IPv6
-- one's first 48. NULL where it is not known, and in rows that an earlier version wrote.
ALTER TABLE sessions ADD COLUMN network BLOB;
ALTER TABLE sessions ADD COLUMN wide_network BLOB;
-- Whether somebody has posted a form in it.
ALTER TABLE sessions ADD COLUMN answered BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX sessions_by_network ON sessions (network);
CREATE INDEX sessions_by_wide_network ON sessions (wide_network);
-- Those that make room for others.
CREATE INDEX sessions_expendable ON sessions (confirmed, answered, seen) WHERE NOT moved AND NOT (confirmed AND answered);
