-- Times are unix milliseconds. The key is the SHA-256 of the cookie's value, never the value.
CREATE TABLE sessions (
    key     BYTEA   NOT NULL PRIMARY KEY,
    key_id  TEXT    NOT NULL, -- which of the session keys sealed `data`
    data    BYTEA   NOT NULL, -- the visit, or (moved) the id it was renewed to
    moved   BOOLEAN NOT NULL,
    version BIGINT  NOT NULL,
    started BIGINT  NOT NULL,
    seen    BIGINT  NOT NULL,
    ends    BIGINT  NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (ends);

CREATE TABLE claims (
    journey  TEXT   NOT NULL,
    step     TEXT   NOT NULL,
    revision BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (journey, step, revision)
);
CREATE INDEX claims_by_time ON claims (taken_at);
