-- Mails to persons: the outbox. Times are unix milliseconds.
CREATE TABLE mails (
    id            TEXT    NOT NULL PRIMARY KEY, -- random; the same in every try, and part of the Message-ID
    kind          TEXT    NOT NULL,             -- link, reminder, confirmation
    about         TEXT    NOT NULL,             -- what it is about, so that it is sent once: a journey, or a keyed hash
    site          TEXT    NOT NULL,
    language      TEXT    NOT NULL,
    address_hash  BYTEA    NOT NULL,             -- a keyed hash of the address
    key_id        TEXT,                         -- with payload: encrypted address and content, erased at the end
    payload       BYTEA,
    accepted      BOOLEAN NOT NULL DEFAULT FALSE, -- of a confirmation: NRG has yet to give the account number
    state         TEXT    NOT NULL CHECK (state IN ('held', 'waiting', 'sent', 'dead')),
    tries         BIGINT  NOT NULL DEFAULT 0,
    not_before    BIGINT  NOT NULL,             -- the next try; while one is under way, when it counts as lost
    gives_up      BIGINT,                       -- NULL: a day after the first try
    failing_since BIGINT,                       -- the first of the tries that failed
    owner         TEXT,                         -- of the latest try
    outcome       TEXT,                         -- of the latest try
    created_at    BIGINT  NOT NULL,
    ended_at      BIGINT,                       -- when it was sent, or died
    UNIQUE (kind, about)
);
CREATE INDEX mails_to_send ON mails (not_before) WHERE state = 'waiting';
CREATE INDEX mails_by_end ON mails (ended_at) WHERE state IN ('sent', 'dead');
CREATE INDEX mails_by_address ON mails (address_hash) WHERE state IN ('held', 'waiting');

-- The addresses that take no mail any more.
CREATE TABLE mail_unsubscribed (
    address_hash BYTEA   NOT NULL PRIMARY KEY,
    since        BIGINT NOT NULL
);
