-- A queue in this table starts no job.
CREATE TABLE paused_queues (
  queue text PRIMARY KEY,
  actor text NOT NULL,
  reason text NOT NULL,
  paused_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Whichever worker fetches: the row stays as it was, and the worker gets nothing.
CREATE FUNCTION hold_paused_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM paused_queues WHERE queue = NEW.name) THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END
$$;

-- State of a job that an event leads to; null where it leads to none.
CREATE FUNCTION job_state_after(type job_event_type) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE type
    WHEN 'created' THEN 'created'
    WHEN 'enqueued' THEN 'created'
    WHEN 'scheduled' THEN 'created'
    WHEN 'started' THEN 'active'
    WHEN 'failed' THEN 'failed'
    WHEN 'expired' THEN 'failed'
    WHEN 'retry_scheduled' THEN 'retry'
    WHEN 'completed' THEN 'completed'
    WHEN 'cancelled' THEN 'cancelled'
    WHEN 'deleted' THEN 'deleted'
  END
$$;

-- Records jobs whose history is missing or ends elsewhere than they are: those of a time without triggers.
CREATE FUNCTION record_jobs_unseen() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  recorded int;
BEGIN
  WITH unseen AS (
    SELECT j.*, latest.type AS latest_type
      FROM pgboss.job j
      LEFT JOIN LATERAL (
        SELECT e.type FROM job_events e
         WHERE e.job_id = j.id AND e.queue = j.name AND job_state_after(e.type) IS NOT NULL
         ORDER BY e.id DESC LIMIT 1
      ) latest ON true
     WHERE job_state_after(latest.type) IS DISTINCT FROM j.state::text
  ), created AS (
    INSERT INTO job_events (at, type, job_id, queue, max_attempts, user_id, actor, trace_id, reason, run_at, detail)
    SELECT moment, 'created', id, name, job_max_attempts(retry_limit, output), job_event_user(data), job_event_actor(), job_event_trace(data),
           'found, enqueued at ' || to_char(created_on AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), start_after,
           job_created_detail(priority, singleton_key, source_output)
      FROM unseen WHERE latest_type IS NULL OR latest_type = 'deleted'
    RETURNING 1
  ), present AS (
    INSERT INTO job_events
      (at, type, job_id, queue, attempt, user_id, actor, trace_id, error_class, error_code, message, reason, run_at, detail)
    SELECT moment,
           CASE state
             WHEN 'created' THEN CASE WHEN start_after > moment THEN 'scheduled' ELSE 'enqueued' END
             WHEN 'retry' THEN 'retry_scheduled'
             WHEN 'active' THEN 'started'
             ELSE state::text
           END::job_event_type,
           id, name, job_attempt(started_on, retry_count, output), job_event_user(data), job_event_actor(),
           job_event_trace(data),
           CASE WHEN state = 'failed' THEN coalesce(output ->> 'cause', output ->> 'code', 'unknown') END,
           CASE WHEN state = 'failed' THEN coalesce(output ->> 'code', 'unknown') END,
           CASE WHEN state = 'failed' THEN coalesce(output ->> 'message', '') END,
           'found so', start_after,
           CASE WHEN state = 'completed' AND output ? 'result' THEN jsonb_build_object('result', output -> 'result') END
      FROM unseen
     -- Once the others are in: numbers are in the order of events.
     WHERE (SELECT count(*) FROM created) >= 0
    RETURNING 1
  )
  SELECT count(*) INTO recorded FROM present;
  RETURN recorded;
END
$$;

-- Watches pg-boss's table, its partitions, and those to come. To be called after pg-boss has created or migrated its
-- schema, by any number of processes; where the triggers are in place it changes nothing and locks nothing.
CREATE FUNCTION watch_jobs() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  leaf regclass;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('mcsv watch_jobs'));
  IF NOT EXISTS (
    SELECT FROM pg_inherits i
     WHERE i.inhparent = 'pgboss.job'::regclass
       AND (
         SELECT count(*) FROM pg_trigger t
          WHERE t.tgrelid = i.inhrelid AND t.tgenabled <> 'D' AND t.tgname IN (
            'record_job_inserted', 'record_job_updated', 'record_job_deleted', 'record_jobs_truncated', 'hold_paused_queue'
          )
       ) < 5
  ) THEN
    RETURN false;
  END IF;
  LOCK TABLE pgboss.job IN SHARE ROW EXCLUSIVE MODE;
  CREATE OR REPLACE TRIGGER record_job_inserted AFTER INSERT ON pgboss.job
    FOR EACH ROW EXECUTE FUNCTION record_job_inserted();
  -- Heartbeats and other changes that are no transition pass without a call.
  CREATE OR REPLACE TRIGGER record_job_updated AFTER UPDATE ON pgboss.job
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.start_after IS DISTINCT FROM NEW.start_after)
    EXECUTE FUNCTION record_job_updated();
  CREATE OR REPLACE TRIGGER record_job_deleted AFTER DELETE ON pgboss.job
    FOR EACH ROW EXECUTE FUNCTION record_job_deleted();
  CREATE OR REPLACE TRIGGER hold_paused_queue BEFORE UPDATE ON pgboss.job
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state AND NEW.state = 'active')
    EXECUTE FUNCTION hold_paused_queue();
  ALTER TABLE pgboss.job ENABLE TRIGGER USER;
  -- Of TRUNCATE there are no triggers that partitions inherit.
  FOR leaf IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'pgboss.job'::regclass LOOP
    EXECUTE format(
      'CREATE OR REPLACE TRIGGER record_jobs_truncated BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION record_jobs_truncated()',
      leaf
    );
  END LOOP;
  PERFORM record_jobs_unseen();
  RETURN true;
END
$$;

-- Answers to ReplayJobs, by request key.
CREATE TABLE replays (
  request_key text PRIMARY KEY,
  content_hash text NOT NULL,
  actor text NOT NULL,
  -- mcsv.v1.ReplayJobsResponse in protobuf's JSON.
  answer jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX replays_at ON replays (at);
