-- What the clean-up needs: which objects it has removed, and to find by its key whose an object is.

ALTER TABLE conversions
  ADD COLUMN source_removed_at timestamptz(3),
  ADD COLUMN pdf_removed_at timestamptz(3);

CREATE INDEX conversions_of_source ON conversions (source_key);
CREATE INDEX conversions_of_job ON conversions (job_id);
-- Those of which something is still to be removed; they leave the index when it is.
CREATE INDEX conversions_with_inline_image ON conversions (ended_at)
  WHERE source_key LIKE 'images/%' AND source_removed_at IS NULL;
CREATE INDEX conversions_with_pdf ON conversions (ended_at) WHERE pdf IS NOT NULL AND pdf_removed_at IS NULL;
CREATE INDEX uploads_by_age ON uploads (created_at);
CREATE INDEX mail_outcomes_by_age ON mail_outcomes (created_at);
