-- How often something was tried, by slices of time. Times are unix milliseconds. The key is a keyed hash: what was
-- tried, and by which address, session, number or meter; none of them can be read from it.
CREATE TABLE limits (
    key   BYTEA  NOT NULL,
    slice BIGINT NOT NULL, -- when it began
    tries BIGINT NOT NULL,
    ends  BIGINT NOT NULL, -- when it is forgotten
    PRIMARY KEY (key, slice)
);
CREATE INDEX limits_by_end ON limits (ends);
