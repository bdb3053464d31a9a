-- Which site of this server it came by, by its name in the settings.
ALTER TABLE submissions ADD COLUMN site TEXT NOT NULL DEFAULT 'main';
