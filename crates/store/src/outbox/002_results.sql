-- The account's list tells nothing of results: each image is looked up once for the size of its own.
ALTER TABLE account_images ADD COLUMN looked_up INTEGER NOT NULL DEFAULT 0;
