-- What a postback may carry of a submission, by the names of its fields: a JSON object of short texts. Nothing of a person
-- but the ZIP code. NULL in rows that an earlier version wrote.
ALTER TABLE submissions ADD COLUMN facts TEXT;

-- The endings are the program's to know, so that there can be further ones: a word, and from the second time on a number
-- behind it (corrected/2).
ALTER TABLE postbacks DROP CONSTRAINT postbacks_ending_check;
-- The target's answer to the latest try: its first 200 bytes, in one line.
ALTER TABLE postbacks ADD COLUMN answer TEXT;
