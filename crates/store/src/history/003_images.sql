-- Sums by format and folder count every image that was accepted, as the totals do, and not only those that
-- came to a result. All that they read is in these.
DROP INDEX originals_format;
DROP INDEX originals_folder;
CREATE INDEX originals_format ON originals (format, outcome, origin, input_bytes, output_bytes);
CREATE INDEX originals_folder ON originals (folder, outcome, origin, input_bytes, output_bytes);
