-- Which folder a temporary file was made in, by the number that the file system gives it: another folder,
-- or none, may stand at its path when it is looked for. NULL where there is no such number or no folder yet.
ALTER TABLE commit_files ADD COLUMN folder INTEGER;
ALTER TABLE temps ADD COLUMN folder INTEGER;
ALTER TABLE temps ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
UPDATE temps SET created_at = unixepoch() * 1000;

-- Set once a temporary file is complete and about to change places with the file of this name: what lies
-- under the temporary name from then on may be somebody's.
ALTER TABLE temps ADD COLUMN target BLOB;
