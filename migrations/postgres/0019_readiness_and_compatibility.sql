-- Never has a row: a server that is asked whether it is ready inserts one of the size of a page, and rolls back.
CREATE TABLE readiness (
    filler BYTEA NOT NULL
);
-- So that the row needs the page.
ALTER TABLE readiness ALTER COLUMN filler SET STORAGE PLAIN;

-- The newest migration that a program has to know to work with these tables: one that knows fewer does not start. Only a
-- migration that takes something away sets it.
CREATE TABLE compatibility (
    oldest BIGINT NOT NULL
);
INSERT INTO compatibility (oldest) VALUES (18);
