-- What became of enrollments: what NRG's holds tells of their accounts afterwards. One row for each submission that is
-- followed. Times are unix milliseconds. A row goes with its submission.
CREATE TABLE follow_ups (
    tracking_id   TEXT   NOT NULL PRIMARY KEY REFERENCES submissions (tracking_id) ON DELETE CASCADE,
    submitted_at  BIGINT NOT NULL,
    next_at       BIGINT NOT NULL,           -- when NRG is asked next; while it is being asked, when that counts as lost
    owner         TEXT,                      -- who asks
    standing      TEXT,                      -- words: deposit_open, deposit_paid, papers, other, released
    known_at      BIGINT,                    -- when NRG last told
    held          BIGINT NOT NULL DEFAULT 0, -- how often the account has become held
    titles_key_id TEXT,
    titles        BLOB,                      -- NRG's titles of the open holds, encrypted
    phone_hash    BLOB,                      -- a keyed hash of the phone number; NULL once it is not compared any more
    code_hash     BLOB,                      -- a keyed hash of the code of the status link, if one was made
    tries         BIGINT NOT NULL DEFAULT 0  -- wrong answers to the question of that code
);
CREATE INDEX follow_ups_open ON follow_ups (submitted_at) WHERE phone_hash IS NOT NULL;
CREATE UNIQUE INDEX follow_ups_by_code ON follow_ups (code_hash) WHERE code_hash IS NOT NULL;

-- Each change of a standing.
CREATE TABLE standings (
    tracking_id TEXT   NOT NULL REFERENCES follow_ups (tracking_id) ON DELETE CASCADE,
    number      BIGINT NOT NULL,             -- from 1
    known_at    BIGINT NOT NULL,
    standing    TEXT   NOT NULL,
    PRIMARY KEY (tracking_id, number)
);
