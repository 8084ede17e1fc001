-- When a commit last relied on it: its age counts from there.
ALTER TABLE backups ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
UPDATE backups SET used_at = created_at;
