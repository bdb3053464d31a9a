-- Where the journey's chain of consents ended when the submission was written, and a keyed hash that
-- says so: a chain that was cut off at its end no longer fits its submission.
ALTER TABLE submissions ADD COLUMN consents_to   BIGINT;
ALTER TABLE submissions ADD COLUMN consents_seal BLOB;
