-- The campaign parameters that journeys of a day had, each combination once, as far as it has a place of its own: a JSON
-- object of short texts by the names of the link's parameters.
CREATE TABLE funnel_sources (
    day        TEXT NOT NULL, -- 2030-06-18
    source     TEXT NOT NULL, -- a hash of the parameters
    parameters TEXT NOT NULL,
    PRIMARY KEY (day, source)
);

-- How often what happened, without persons: day and hour in Texas, and where it happened. Counts of releases before this
-- one stay in the table funnel.
CREATE TABLE funnel_counts (
    day      TEXT   NOT NULL,
    hour     TEXT   NOT NULL, -- 00 to 23
    source   TEXT   NOT NULL,
    site     TEXT   NOT NULL,
    brand    TEXT   NOT NULL,
    language TEXT   NOT NULL,
    event    TEXT   NOT NULL, -- step, answered, stop, ended, left, took, visit or unusable
    name     TEXT   NOT NULL,
    count    BIGINT NOT NULL,
    PRIMARY KEY (day, hour, source, site, brand, language, event, name)
);
