-- What a customer reads as the name of the partner. NULL: its name.
ALTER TABLE partners ADD COLUMN title TEXT;

-- The customers whom partners hand over, one row for each journey. Times are unix milliseconds. Nothing of a person: what a
-- partner gave is in the session.
CREATE TABLE handovers (
    journey      TEXT   NOT NULL PRIMARY KEY, -- never sent
    order_id     TEXT   NOT NULL,
    partner      TEXT   NOT NULL,             -- its name
    site         TEXT   NOT NULL,
    made_at      BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL,             -- from when on the link opens nothing
    opened_at    BIGINT,
    request_key  BLOB,                        -- a keyed hash of the partner and its Idempotency-Key
    request_hash BLOB,                        -- a keyed hash of what it sent with it
    left_at      BIGINT,                      -- when the session ended
    left_step    TEXT,                        -- the step that was to be answered then
    left_stop    TEXT                         -- the kind of the stop it was at then
);
CREATE UNIQUE INDEX handovers_by_order ON handovers (order_id);
CREATE UNIQUE INDEX handovers_by_request ON handovers (request_key) WHERE request_key IS NOT NULL;
CREATE INDEX handovers_by_time ON handovers (made_at);
