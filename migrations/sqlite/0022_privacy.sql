-- What serves a person's requests. Times are unix milliseconds.

-- By what a person is found who has no reference: keyed hashes of the phone number, the e-mail address and the name, the
-- latest that the journey was given. A row goes with the last record of its journey, and when the journey is erased.
CREATE TABLE person_hashes (
    journey TEXT NOT NULL PRIMARY KEY,
    phone   BLOB NOT NULL, -- of ten digits
    email   BLOB NOT NULL, -- of the whole address in small letters
    name    BLOB NOT NULL  -- of the first given name and the family name, whatever the spelling
);
CREATE INDEX person_hashes_by_phone ON person_hashes (phone);
CREATE INDEX person_hashes_by_email ON person_hashes (email);
CREATE INDEX person_hashes_by_name ON person_hashes (name);

-- What was done about the data of a journey: append-only, 1, 2, 3 within the journey.
CREATE TABLE privacy_actions (
    journey  TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    acted_at BIGINT NOT NULL,
    action   TEXT   NOT NULL, -- access, erase, hold or release
    operator TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    stamp    BLOB   NOT NULL, -- keyed hash of the row and of the stamp before it
    PRIMARY KEY (journey, number)
);

-- How many of them the journey has. The stamp of the row covers it where there is one; an earlier release knows none.
ALTER TABLE counted_journeys ADD COLUMN actions BIGINT NOT NULL DEFAULT 0;
