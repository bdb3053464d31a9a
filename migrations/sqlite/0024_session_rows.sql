-- The same table with rows of its own, found by an index of the keys. In a table WITHOUT ROWID the rows are the index: each
-- key that a search passes was read with its journey, from another page of the file.
CREATE TABLE session_rows (
    key          BLOB    NOT NULL PRIMARY KEY,
    key_id       TEXT    NOT NULL, -- which of the session keys sealed `data`
    data         BLOB    NOT NULL, -- the visit, or (moved) the id it was renewed to
    moved        BOOLEAN NOT NULL,
    version      BIGINT  NOT NULL,
    started      BIGINT  NOT NULL,
    seen         BIGINT  NOT NULL,
    ends         BIGINT  NOT NULL,
    tries        BIGINT,
    journey      TEXT,
    confirmed    BOOLEAN NOT NULL DEFAULT TRUE,
    used         BOOLEAN NOT NULL DEFAULT FALSE,
    rotate       BOOLEAN NOT NULL DEFAULT FALSE,
    network      BLOB,
    wide_network BLOB,
    answered     BOOLEAN NOT NULL DEFAULT TRUE
);
INSERT INTO session_rows (key, key_id, data, moved, version, started, seen, ends, tries, journey, confirmed, used, rotate,
        network, wide_network, answered)
    SELECT key, key_id, data, moved, version, started, seen, ends, tries, journey, confirmed, used, rotate,
        network, wide_network, answered
    FROM sessions;
DROP TABLE sessions;
ALTER TABLE session_rows RENAME TO sessions;
CREATE INDEX sessions_by_end ON sessions (ends);
CREATE INDEX sessions_by_journey ON sessions (journey);
CREATE INDEX sessions_by_network ON sessions (network);
CREATE INDEX sessions_by_wide_network ON sessions (wide_network);
CREATE INDEX sessions_expendable ON sessions (confirmed, answered, seen) WHERE NOT moved AND NOT (confirmed AND answered);
