-- A journey is saved with each answer. Encrypted, it does not become smaller by compression, and out of its row (TOAST) each
-- save left two dead pieces and their index entries behind. Within its row, on a page with room for the next version of it,
-- a save writes that page alone, and what it leaves behind is cleared away by the next one.
ALTER TABLE sessions SET (toast_tuple_target = 8160, fillfactor = 50);
