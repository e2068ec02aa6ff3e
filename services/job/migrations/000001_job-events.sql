-- What happened to jobs, one row an event, for as long as retention says: also when the job's own row is long gone.

-- Finds a piece of an error message.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TYPE job_event_type AS ENUM (
  'created',
  'enqueued',
  'scheduled',
  'started',
  'failed',
  'expired',
  'retry_scheduled',
  'completed',
  'cancelled',
  'dead_lettered',
  'replayed',
  'deleted',
  'queue_paused',
  'queue_resumed'
);

-- Numbers are taken while the job's row is locked: the events of one job are in the order of their numbers.
CREATE SEQUENCE job_event_ids;

CREATE TABLE job_events (
  id bigint NOT NULL DEFAULT nextval('job_event_ids'),
  at timestamptz NOT NULL,
  type job_event_type NOT NULL,
  -- Null for what happens to a queue.
  job_id uuid,
  queue text NOT NULL,
  -- Attempts begun so far.
  attempt int NOT NULL DEFAULT 0,
  -- Where it is set or changed.
  max_attempts int,
  -- On whose behalf the job runs.
  user_id uuid,
  -- Who did it: application:<name>, user:<id>, service:<name>, worker:<host>/<pid>, database:<role>.
  actor text NOT NULL,
  trace_id text,
  -- Of a failure: its cause where that is known, else its Twirp code.
  error_class text,
  -- Its Twirp code.
  error_code text,
  -- Its message.
  message text,
  -- Why, where somebody decided.
  reason text,
  -- Earliest time of the next attempt, where it is set or changed.
  run_at timestamptz,
  -- How long the attempt took.
  duration_ms int,
  -- What the job produced, or the jobs that it is linked with.
  detail jsonb,
  PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);

CREATE INDEX job_events_job ON job_events (job_id, id);
-- A search is read newest first along one of these.
CREATE INDEX job_events_type ON job_events (type, at, id);
CREATE INDEX job_events_queue ON job_events (queue, at, id);
CREATE INDEX job_events_actor ON job_events (actor, at, id);
CREATE INDEX job_events_user ON job_events (user_id, at, id) WHERE user_id IS NOT NULL;
CREATE INDEX job_events_attempt ON job_events (attempt, at, id) WHERE attempt > 1;
CREATE INDEX job_events_error_class ON job_events (error_class, at, id) WHERE error_class IS NOT NULL;
CREATE INDEX job_events_error_code ON job_events (error_code, at, id) WHERE error_code IS NOT NULL;
CREATE INDEX job_events_message ON job_events USING gin (message gin_trgm_ops) WHERE message IS NOT NULL;

CREATE FUNCTION refuse_job_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'job_events is append-only: % is refused', TG_OP
    USING ERRCODE = 'insufficient_privilege', HINT = 'Events leave by retention, a partition at a time.';
END
$$;

-- On every partition too, those to come included.
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON job_events
  FOR EACH ROW EXECUTE FUNCTION refuse_job_event_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON job_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_job_event_change();

-- Creates the partitions that are missing, one a day (UTC). Writers go on meanwhile.
CREATE FUNCTION create_job_event_partitions(first_day date, last_day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  day date;
  partition text;
BEGIN
  FOR day IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
    partition := 'job_events_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass(quote_ident(partition)) IS NOT NULL;
    EXECUTE format('CREATE TABLE %I (LIKE job_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
    EXECUTE format(
      'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_job_event_change()',
      partition
    );
    EXECUTE format(
      'ALTER TABLE job_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
      partition, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00'
    );
  END LOOP;
END
$$;

-- Drops the partitions of the days before, and tells how many there were.
CREATE FUNCTION drop_job_event_partitions(before_day date) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  partition regclass;
  dropped int := 0;
BEGIN
  FOR partition IN
    SELECT inhrelid::regclass FROM pg_inherits
     WHERE inhparent = 'job_events'::regclass
       AND inhrelid::regclass::text < 'job_events_' || to_char(before_day, 'YYYYMMDD')
  LOOP
    EXECUTE format('DROP TABLE %s', partition);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END
$$;
