-- Times are unix milliseconds. No SSN, licence number or birth date in any table; sealed columns
-- hold nonce and ciphertext, the column beside them names the key.
CREATE TABLE submissions (
    tracking_id      TEXT   NOT NULL PRIMARY KEY, -- one row for one record at NRG, whatever happens
    journey          TEXT   NOT NULL,
    person_key       BLOB   NOT NULL, -- keyed hash of person and address
    payload_hash     BLOB   NOT NULL, -- keyed hash of what is to be sent
    state            TEXT   NOT NULL CHECK (state IN
        ('ready', 'sent', 'enrolled', 'accepted', 'refused', 'repairable', 'duplicate', 'unknown')),
    round            BIGINT NOT NULL, -- 1, and one more with each submission after a repaired refusal
    tries            BIGINT NOT NULL, -- of this round
    not_before       BIGINT NOT NULL,
    owner            TEXT,
    lease_until      BIGINT,
    payload_key_id   TEXT   NOT NULL,
    payload          BLOB   NOT NULL, -- sealed
    answer_key_id    TEXT,
    answer           BLOB,            -- sealed: account number and the like, NRG's message
    code             TEXT,            -- of a refusal
    brand            TEXT   NOT NULL,
    offer_code       TEXT   NOT NULL,
    transaction_type TEXT   NOT NULL,
    esi_id           TEXT,
    created_at       BIGINT NOT NULL,
    submitted_at     BIGINT NOT NULL, -- the latest round
    sent_at          BIGINT,
    finished_at      BIGINT
);
CREATE INDEX submissions_to_do ON submissions (not_before) WHERE state IN ('ready', 'sent');
CREATE INDEX submissions_by_person ON submissions (person_key);
CREATE INDEX submissions_by_journey ON submissions (journey);
CREATE INDEX submissions_by_time ON submissions (submitted_at);

CREATE TABLE attempts (
    tracking_id TEXT   NOT NULL REFERENCES submissions (tracking_id) ON DELETE CASCADE,
    round       BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    outcome     TEXT,
    http_status BIGINT,
    codes       TEXT,
    PRIMARY KEY (tracking_id, round, number)
);
CREATE INDEX attempts_by_time ON attempts (started_at);

CREATE TABLE settlements (
    tracking_id TEXT   NOT NULL REFERENCES submissions (tracking_id) ON DELETE CASCADE,
    round       BIGINT NOT NULL,
    settled_at  BIGINT NOT NULL,
    settled_as  TEXT   NOT NULL,
    operator    TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    PRIMARY KEY (tracking_id, round)
);

-- Append-only. Each row carries a keyed hash over itself and the row before it of its journey.
CREATE TABLE consents (
    journey          TEXT   NOT NULL,
    number           BIGINT NOT NULL, -- 1, 2, 3 within the journey
    given_at         BIGINT NOT NULL,
    kind             TEXT   NOT NULL,
    text_id          TEXT   NOT NULL,
    text_version     TEXT   NOT NULL,
    text_hash        TEXT   NOT NULL, -- SHA-256 of the text shown, in hex
    language         TEXT   NOT NULL,
    state            TEXT   NOT NULL, -- of the Union
    brand            TEXT   NOT NULL,
    offer_code       TEXT,
    documents        TEXT   NOT NULL, -- the URLs, one a line
    transaction_type TEXT,
    esi_id           TEXT,
    tracking_id      TEXT,
    client_address   TEXT   NOT NULL,
    user_agent       TEXT   NOT NULL,
    build            TEXT   NOT NULL,
    chain            BLOB   NOT NULL,
    PRIMARY KEY (journey, number)
);
CREATE INDEX consents_by_time ON consents (given_at);
