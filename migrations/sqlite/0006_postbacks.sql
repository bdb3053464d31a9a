-- What targets of the affiliate's are told of a journey's ending: one row for each target, journey and ending. Times are
-- unix milliseconds.
CREATE TABLE postbacks (
    id         TEXT    NOT NULL PRIMARY KEY, -- random; the same in every try, by which a target knows a second one
    target     TEXT    NOT NULL,             -- its name in the settings
    journey    TEXT    NOT NULL,             -- never sent
    ending     TEXT    NOT NULL CHECK (ending IN ('enrolled', 'accepted', 'stopped', 'abandoned', 'unknown')),
    facts      TEXT    NOT NULL,             -- JSON: what may be told. Nothing of a person
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
    tries      BIGINT  NOT NULL,
    not_before BIGINT  NOT NULL,             -- the next try; while one is under way, when it counts as lost
    gives_up   BIGINT  NOT NULL,
    owner      TEXT,                         -- of the latest try
    outcome    TEXT,                         -- of the latest try
    created_at BIGINT  NOT NULL,
    ended_at   BIGINT,                       -- when it was sent, or died
    UNIQUE (target, journey, ending)
);
CREATE INDEX postbacks_to_send ON postbacks (not_before) WHERE state = 'waiting';
CREATE INDEX postbacks_by_end ON postbacks (ended_at) WHERE state <> 'waiting';
CREATE INDEX postbacks_by_journey ON postbacks (journey);

-- Whether the plan asked for a deposit, for the affiliate alone.
ALTER TABLE submissions ADD COLUMN deposit BOOLEAN;
CREATE INDEX submissions_late ON submissions (finished_at) WHERE state IN ('unknown', 'repairable');
