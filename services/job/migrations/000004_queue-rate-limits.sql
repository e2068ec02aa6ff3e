-- How fast queues may be worked on: a token bucket for each queue that has a limit, shared by all replicas.
-- A row says how many attempts could begin at the time of its last change (tokens), and how many that change let begin.

CREATE TABLE queue_rate_limits (
  queue text PRIMARY KEY,
  tokens double precision NOT NULL,
  granted integer NOT NULL,
  refilled_at timestamptz NOT NULL
);
