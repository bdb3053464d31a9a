-- How often what happened, without persons. A count has a day in Texas and what the link said of its source.
CREATE TABLE funnel (
    day      TEXT   NOT NULL, -- 2030-06-18
    sub      TEXT   NOT NULL, -- the link's sub1; of a hundred a day, then (other)
    brand    TEXT   NOT NULL,
    language TEXT   NOT NULL,
    event    TEXT   NOT NULL, -- step, stop, ended, left or took
    name     TEXT   NOT NULL,
    count    BIGINT NOT NULL,
    PRIMARY KEY (day, sub, brand, language, event, name)
);

-- The language the submission was made in: en or es.
ALTER TABLE submissions ADD COLUMN language TEXT;
