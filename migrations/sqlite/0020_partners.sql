-- The keys with which systems of partners call the server. One row for each key, so that a partner may have two while it
-- changes them. Times are unix milliseconds. An ended key keeps its row: it says who could call when.
CREATE TABLE partners (
    key_hash BLOB NOT NULL PRIMARY KEY,      -- a keyed hash of the key, which is stored nowhere
    name     TEXT   NOT NULL,
    site     TEXT,                            -- the one site that it is for; NULL: every site
    made_at  BIGINT NOT NULL,
    ended_at BIGINT,
    uses     BIGINT NOT NULL DEFAULT 0,
    used_at  BIGINT
);
CREATE INDEX partners_by_name ON partners (name, made_at);
