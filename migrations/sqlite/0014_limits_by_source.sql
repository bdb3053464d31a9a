-- Tries about a number or a meter are counted by the address they come from: keyed hashes of what is tried and by whom,
-- so that those about one subject, and those from one source, are found together. Null for every other count.
ALTER TABLE limits ADD COLUMN subject BLOB;
ALTER TABLE limits ADD COLUMN source BLOB;
CREATE INDEX limits_by_subject ON limits (subject) WHERE subject IS NOT NULL;
CREATE INDEX limits_by_source ON limits (source) WHERE source IS NOT NULL;
