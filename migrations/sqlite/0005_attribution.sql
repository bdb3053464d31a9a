-- Which click led to the submission, for the affiliate alone: a JSON object of short texts by the names of the link's
-- parameters. It says nothing of the person, and is never sent to NRG.
ALTER TABLE submissions ADD COLUMN attribution TEXT;
