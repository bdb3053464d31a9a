-- What became of an enrollment later (amended_as), and settlements that were corrected (amended_as is 'settled' and
-- settled_as the state): append-only, 1, 2, 3 within the submission. An amendment keeps what it replaced in the submission.
CREATE TABLE amendments (
    tracking_id     TEXT   NOT NULL REFERENCES submissions (tracking_id) ON DELETE CASCADE,
    number          BIGINT NOT NULL,
    round           BIGINT NOT NULL, -- of the submission
    amended_at      BIGINT NOT NULL,
    amended_as      TEXT   NOT NULL,
    settled_as      TEXT,
    operator        TEXT   NOT NULL,
    reason          TEXT   NOT NULL,
    replaced_state  TEXT   NOT NULL,
    replaced_key_id TEXT,            -- of the answer
    replaced        BYTEA,            -- sealed
    stamp           BYTEA   NOT NULL, -- keyed hash of the row and of the stamp before it
    PRIMARY KEY (tracking_id, number)
);

-- The latest amendment that is none of a settlement. NULL: none.
ALTER TABLE submissions ADD COLUMN amended_as TEXT;
-- Keyed hashes of the row. NULL: an earlier version wrote it.
ALTER TABLE submissions ADD COLUMN stamp BYTEA;
ALTER TABLE settlements ADD COLUMN stamp BYTEA;

-- Every journey of which the ledger has a record, and how many by day: by these it shows when a record is gone. Both rows
-- carry a keyed hash of themselves.
CREATE TABLE counted_journeys (
    journey     TEXT   NOT NULL PRIMARY KEY,
    day         BIGINT NOT NULL, -- of its first record, since 1970 in UTC
    number      BIGINT NOT NULL, -- 1, 2, 3 within the day
    submissions BIGINT NOT NULL, -- how many of its submissions have a stamp
    stamp       BYTEA   NOT NULL
);
CREATE INDEX counted_journeys_by_day ON counted_journeys (day);
CREATE TABLE counted_days (
    day      BIGINT NOT NULL PRIMARY KEY,
    previous BIGINT,          -- the day before it in this table
    begun    BIGINT NOT NULL, -- journeys that were counted
    taken    BIGINT NOT NULL, -- those of them that retention has deleted
    stamp    BYTEA   NOT NULL
);
