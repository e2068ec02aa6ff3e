-- The sent-ledger: one row for each job that a mail was sent for, or is being sent for.
--
-- A row begins as a claim. While claimed_until lies ahead, the process that holds claim_id is sending and keeps moving
-- claimed_until on; behind it, nobody is, and the next call takes the claim over. A row ends with delivered_at.

CREATE TABLE sent_ledger (
  job_id uuid PRIMARY KEY,
  content_hash bytea NOT NULL,
  -- Kept, so that a mail that is sent again is recognisably the same mail.
  message_id text NOT NULL,
  template text NOT NULL CHECK (template IN ('welcome', 'notification', 'conversion-complete')),
  recipient_address text NOT NULL,
  claim_id uuid NOT NULL,
  claimed_until timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  delivered_at timestamptz(3)
);
