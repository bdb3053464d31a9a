-- The one row that is written anew when a server is asked whether it is ready.
CREATE TABLE readiness (
    id INTEGER PRIMARY KEY,
    filler BLOB NOT NULL
);

-- The newest migration that a program has to know to work with these tables: one that knows fewer does not start. Only a
-- migration that takes something away sets it.
CREATE TABLE compatibility (
    oldest BIGINT NOT NULL
);
INSERT INTO compatibility (oldest) VALUES (18);
