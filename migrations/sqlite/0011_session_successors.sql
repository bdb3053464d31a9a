-- The journey a row belongs to, by which a call that outlives its request finds it under whatever id it has by then.
-- NULL in rows that an earlier version wrote.
ALTER TABLE sessions ADD COLUMN journey TEXT;
-- Whether the browser has returned a cookie of this session at all.
ALTER TABLE sessions ADD COLUMN confirmed BOOLEAN NOT NULL DEFAULT TRUE;
-- Whether the browser has returned the cookie of this id: from then on, the id before it is dead.
ALTER TABLE sessions ADD COLUMN used BOOLEAN NOT NULL DEFAULT FALSE;
-- Whether the next request gives the session a new id.
ALTER TABLE sessions ADD COLUMN rotate BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX sessions_by_journey ON sessions (journey);
