-- Users, their uploads and conversions, and what became of the mails sent to them.
--
-- Every id that a caller's idempotency key brings into being is a UUIDv5 of that key, so the primary key is what makes
-- a call idempotent; content_hash tells a repetition from another request under the same key.
-- Times have milliseconds, as the page tokens have that carry them.

CREATE TABLE users (
  id uuid PRIMARY KEY,
  content_hash bytea NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  welcome_job_id uuid NOT NULL,
  welcome_delivered_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

-- Addresses are stored as ASCII, so lower() means the same under every collation.
CREATE UNIQUE INDEX users_email_any_case ON users (lower(email));

CREATE TABLE uploads (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users,
  content_hash bytea NOT NULL,
  format text NOT NULL CHECK (format IN ('png', 'jpeg')),
  size_bytes bigint NOT NULL CHECK (size_bytes > 0),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE INDEX uploads_of_user ON uploads (user_id);

CREATE TABLE conversions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users,
  content_hash bytea NOT NULL,
  job_id uuid NOT NULL,
  file_name text NOT NULL,
  -- mcsv.v1.ConversionOptions in protobuf's JSON.
  options jsonb NOT NULL,
  source_key text NOT NULL,
  source_format text NOT NULL CHECK (source_format IN ('png', 'jpeg')),
  source_bytes bigint NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'completed', 'failed')),
  -- mcsv.v1.ConvertedPdf in protobuf's JSON.
  pdf jsonb,
  failure_code text,
  failure_message text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  ended_at timestamptz(3),
  CHECK ((status = 'pending') = (ended_at IS NULL)),
  CHECK ((status = 'completed') = (pdf IS NOT NULL)),
  CHECK ((status = 'failed') = (failure_code IS NOT NULL))
);

-- ListConversions walks it backwards from the token.
CREATE INDEX conversions_of_user ON conversions (user_id, created_at, id);

-- What became of each mail, by the job that sent it.
CREATE TABLE mail_outcomes (
  job_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users,
  delivered boolean NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
