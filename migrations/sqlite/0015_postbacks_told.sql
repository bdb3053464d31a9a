-- What a postback may carry of a submission, by the names of its fields: a JSON object of short texts. Nothing of a person
-- but the ZIP code. NULL in rows that an earlier version wrote.
ALTER TABLE submissions ADD COLUMN facts TEXT;

-- The endings are the program's to know, so that there can be further ones; and the beginning of a target's answer is kept.
CREATE TABLE postbacks_new (
    id         TEXT    NOT NULL PRIMARY KEY, -- random; the same in every try, by which a target knows a second one
    target     TEXT    NOT NULL,             -- its name in the settings
    journey    TEXT    NOT NULL,             -- never sent
    ending     TEXT    NOT NULL,             -- its word; from the second time on with a number: corrected/2
    facts      TEXT    NOT NULL,             -- JSON: what may be told. Nothing of a person but the ZIP code
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
    tries      BIGINT  NOT NULL,
    not_before BIGINT  NOT NULL,             -- the next try; while one is under way, when it counts as lost
    gives_up   BIGINT  NOT NULL,
    owner      TEXT,                         -- of the latest try
    outcome    TEXT,                         -- of the latest try
    answer     TEXT,                         -- to the latest try: its first 200 bytes, in one line
    created_at BIGINT  NOT NULL,
    ended_at   BIGINT,                       -- when it was sent, or died
    UNIQUE (target, journey, ending)
);
INSERT INTO postbacks_new
    (id, target, journey, ending, facts, state, tries, not_before, gives_up, owner, outcome, created_at, ended_at)
    SELECT id, target, journey, ending, facts, state, tries, not_before, gives_up, owner, outcome, created_at, ended_at
    FROM postbacks;
DROP TABLE postbacks;
ALTER TABLE postbacks_new RENAME TO postbacks;
CREATE INDEX postbacks_to_send ON postbacks (not_before) WHERE state = 'waiting';
CREATE INDEX postbacks_by_end ON postbacks (ended_at) WHERE state <> 'waiting';
CREATE INDEX postbacks_by_journey ON postbacks (journey);
