-- Writes job_events. These functions run inside the statement that changes a job, whoever makes it: they look at the
-- row before and after, and at three settings of the transaction, mcsv.actor, mcsv.trace_id and mcsv.reason.
--
-- They must not fail: a failure would undo the change itself. What comes from a payload is looked at before it is cast.

CREATE FUNCTION job_event_setting(name text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting(name, true), '')
$$;

-- Who acts when the transaction does not say: a worker by its connection's name, else whoever is logged in.
CREATE FUNCTION job_event_actor() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    nullif(current_setting('mcsv.actor', true), ''),
    CASE
      WHEN starts_with(current_setting('application_name'), 'mcsv-job/')
        THEN 'worker:' || substr(current_setting('application_name'), 10)
      ELSE 'database:' || session_user
    END
  )
$$;

CREATE FUNCTION job_event_user(data jsonb) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN pg_input_is_valid(data -> 'data' ->> 'userId', 'uuid') THEN (data -> 'data' ->> 'userId')::uuid
  END
$$;

CREATE FUNCTION job_event_trace(data jsonb) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    nullif(current_setting('mcsv.trace_id', true), ''),
    substring(data -> 'trace' ->> 'traceparent' from '^[0-9a-f]{2}-([0-9a-f]{32})-')
  )
$$;

-- Attempts that were handed back and do not count; pg-boss counts them.
CREATE FUNCTION job_returned_times(output jsonb) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN pg_input_is_valid(output -> 'returned' ->> 'times', 'int') THEN (output -> 'returned' ->> 'times')::int
    ELSE 0
  END
$$;

-- Attempts begun so far that count.
CREATE FUNCTION job_attempt(started_on timestamptz, retry_count int, output jsonb) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN started_on IS NULL THEN 0 ELSE greatest(0, retry_count + 1 - job_returned_times(output)) END
$$;

CREATE FUNCTION job_max_attempts(retry_limit int, output jsonb) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(1, retry_limit - job_returned_times(output))
$$;

-- What else is to be known of a job from its beginning; null for most.
CREATE FUNCTION job_created_detail(priority int, unique_key text, source_output jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
AS $$
  SELECT CASE WHEN priority <> 0 OR unique_key IS NOT NULL OR source_output IS NOT NULL THEN
    jsonb_strip_nulls(jsonb_build_object(
      'priority', nullif(priority, 0),
      'uniqueKey', unique_key,
      -- Of the job that a dead letter is a copy of.
      'lastFailure', CASE WHEN source_output ? 'code' THEN
        jsonb_build_object('code', source_output ->> 'code', 'message', source_output ->> 'message')
      END
    ))
  END
$$;

CREATE FUNCTION milliseconds_between(earlier timestamptz, later timestamptz) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT least(greatest(extract(epoch FROM later - earlier) * 1000, 0), 2147483647)::int
$$;

-- An attempt that failed. pg-boss stores its own words, on attempts past the queue's last resort, as {"value": ...}.
CREATE FUNCTION record_job_failure(
  id uuid, queue text, state text, attempt int, data jsonb, output jsonb, started_on timestamptz, run_at timestamptz,
  moment timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  note text := left(coalesce(output ->> 'message', output -> 'value' ->> 'message', ''), 2000);
  code text := left(coalesce(output ->> 'code', CASE WHEN output ? 'value' THEN 'aborted' ELSE 'unknown' END), 100);
  cause text := left(coalesce(
    output ->> 'cause',
    CASE note WHEN 'job timed out' THEN 'attempt_timeout' WHEN 'job heartbeat timeout' THEN 'worker_lost' END,
    code
  ), 100);
  owner uuid := job_event_user(data);
  actor text := job_event_actor();
  trace text := job_event_trace(data);
BEGIN
  INSERT INTO job_events
    (at, type, job_id, queue, attempt, user_id, actor, trace_id, error_class, error_code, message, run_at, duration_ms)
  VALUES (
    moment, CASE WHEN cause IN ('attempt_timeout', 'worker_lost') THEN 'expired'::job_event_type ELSE 'failed' END,
    id, queue, attempt, owner, actor, trace, cause, code, note, run_at, milliseconds_between(started_on, moment)
  );
  IF state = 'retry' THEN
    INSERT INTO job_events (at, type, job_id, queue, attempt, user_id, actor, trace_id, reason, run_at)
    VALUES (
      moment, 'retry_scheduled', id, queue, attempt, owner, actor, trace, 'the attempt failed: ' || cause, run_at
    );
  END IF;
END
$$;

-- A new job; or, from pg-boss's fail(), one that was deleted in the same statement and comes back.
CREATE FUNCTION record_job_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  actor text;
  owner uuid;
  trace text;
  replayed uuid;
BEGIN
  IF NEW.state IN ('retry', 'failed') THEN
    PERFORM record_job_failure(
      NEW.id, NEW.name, NEW.state::text, job_attempt(NEW.started_on, NEW.retry_count, NEW.output), NEW.data, NEW.output,
      NEW.started_on, NEW.start_after, moment
    );
    RETURN NULL;
  END IF;
  owner := job_event_user(NEW.data);
  trace := job_event_trace(NEW.data);
  actor := job_event_actor();
  IF NEW.source_id IS NULL AND NEW.source_root_id IS NULL AND job_event_setting('mcsv.actor') IS NULL THEN
    actor := coalesce(NEW.data -> 'data' ->> 'enqueuedBy', actor);
  END IF;
  INSERT INTO job_events (at, type, job_id, queue, max_attempts, user_id, actor, trace_id, reason, run_at, detail) VALUES
    (
      moment, 'created', NEW.id, NEW.name, job_max_attempts(NEW.retry_limit, NEW.output), owner, actor, trace,
      job_event_setting('mcsv.reason'), NULL,
      job_created_detail(NEW.priority, NEW.singleton_key, NEW.source_output)
    ),
    (
      moment,
      CASE WHEN NEW.start_after > NEW.created_on THEN 'scheduled'::job_event_type ELSE 'enqueued' END,
      NEW.id, NEW.name, NULL, owner, actor, trace, NULL, NEW.start_after, NULL
    );
  IF NEW.source_id IS NOT NULL THEN
    -- A copy in a dead-letter queue: told in the history of the job that it is a copy of.
    INSERT INTO job_events (at, type, job_id, queue, attempt, user_id, actor, trace_id, detail) VALUES (
      moment, 'dead_lettered', NEW.source_id, coalesce(NEW.source_name, NEW.name),
      job_attempt(moment, coalesce(NEW.source_retry_count, 0), NEW.source_output), owner, actor, trace,
      jsonb_build_object('from', NEW.source_id, 'to', NEW.id, 'queue', NEW.name)
    );
    RETURN NULL;
  END IF;
  replayed := coalesce(
    NEW.source_root_id,
    CASE WHEN pg_input_is_valid(NEW.data -> 'data' ->> 'replayOf', 'uuid')
      THEN (NEW.data -> 'data' ->> 'replayOf')::uuid END
  );
  IF replayed IS NOT NULL THEN
    -- In the history of both.
    INSERT INTO job_events (at, type, job_id, queue, user_id, actor, trace_id, reason, detail)
    SELECT moment, 'replayed', side, NEW.name, owner, actor, trace, job_event_setting('mcsv.reason'),
           jsonb_build_object('from', replayed, 'to', NEW.id)
      FROM unnest(ARRAY[replayed, NEW.id]) AS side;
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION record_job_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  kind job_event_type;
  why text := job_event_setting('mcsv.reason');
  result jsonb;
  took int;
  -- Of a called service that is full: no failure of the attempt, but told like one.
  code text;
BEGIN
  IF NEW.state IN ('active', 'completed', 'cancelled') AND NEW.state = OLD.state THEN
    RETURN NULL;
  END IF;
  CASE NEW.state
    WHEN 'active' THEN
      kind := 'started';
      why := NULL;
    WHEN 'completed' THEN
      kind := 'completed';
      why := NULL;
      took := milliseconds_between(NEW.started_on, moment);
      result := NEW.output -> 'result';
      IF pg_column_size(result) > 4000 THEN
        result := NULL;
      END IF;
    WHEN 'cancelled' THEN
      kind := 'cancelled';
      IF OLD.state = 'active' THEN
        took := milliseconds_between(NEW.started_on, moment);
      END IF;
    WHEN 'failed' THEN
      IF OLD.state <> 'failed' THEN
        PERFORM record_job_failure(
          NEW.id, NEW.name, NEW.state::text, job_attempt(NEW.started_on, NEW.retry_count, NEW.output), NEW.data,
          NEW.output, NEW.started_on, NEW.start_after, moment
        );
      END IF;
      RETURN NULL;
    WHEN 'retry' THEN
      -- An attempt that failed is spent. One that was handed back is not: the limit went up with it.
      IF OLD.state = 'active' AND NEW.retry_limit = OLD.retry_limit THEN
        PERFORM record_job_failure(
          NEW.id, NEW.name, NEW.state::text, job_attempt(NEW.started_on, NEW.retry_count, NEW.output), NEW.data,
          NEW.output, NEW.started_on, NEW.start_after, moment
        );
        RETURN NULL;
      END IF;
      kind := 'retry_scheduled';
      IF OLD.state = 'retry' THEN
        why := coalesce(why, 'its time was changed');
      END IF;
      IF OLD.state = 'active' THEN
        took := milliseconds_between(NEW.started_on, moment);
        IF NEW.output -> 'returned' ->> 'why' = 'full' THEN
          code := left(NEW.output ->> 'code', 100);
        END IF;
        why := coalesce(why, CASE NEW.output -> 'returned' ->> 'why'
          WHEN 'full' THEN 'the called service is full'
          WHEN 'stopping' THEN 'the worker stopped, and handed it back'
          ELSE 'it was handed back'
        END);
      END IF;
    ELSE
      kind := CASE WHEN NEW.start_after > moment THEN 'scheduled' ELSE 'enqueued' END;
  END CASE;
  INSERT INTO job_events
    (at, type, job_id, queue, attempt, max_attempts, user_id, actor, trace_id, error_class, error_code, message, reason,
     run_at, duration_ms, detail)
  VALUES (
    moment, kind, NEW.id, NEW.name, job_attempt(NEW.started_on, NEW.retry_count, NEW.output),
    CASE
      WHEN NEW.retry_limit <> OLD.retry_limit THEN job_max_attempts(NEW.retry_limit, NEW.output)
    END,
    job_event_user(NEW.data), job_event_actor(), job_event_trace(NEW.data),
    CASE WHEN code IS NOT NULL THEN left(coalesce(NEW.output ->> 'cause', code), 100) END, code,
    CASE WHEN code IS NOT NULL THEN left(coalesce(NEW.output ->> 'message', ''), 2000) END, why,
    CASE WHEN NEW.state IN ('created', 'retry') THEN NEW.start_after END, took,
    CASE WHEN result IS NOT NULL THEN jsonb_build_object('result', result) END
  );
  RETURN NULL;
END
$$;

-- pg-boss's fail() deletes a job and inserts it again, in one statement: then it is there by now.
CREATE FUNCTION record_job_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pgboss.job WHERE name = OLD.name AND id = OLD.id) THEN
    INSERT INTO job_events (at, type, job_id, queue, attempt, user_id, actor, trace_id, reason) VALUES (
      clock_timestamp(), 'deleted', OLD.id, OLD.name, job_attempt(OLD.started_on, OLD.retry_count, OLD.output),
      job_event_user(OLD.data), job_event_actor(), job_event_trace(OLD.data), job_event_setting('mcsv.reason')
    );
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION record_jobs_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    $sql$
      INSERT INTO job_events (at, type, job_id, queue, attempt, user_id, actor, trace_id, reason)
      SELECT clock_timestamp(), 'deleted', id, name, job_attempt(started_on, retry_count, output),
             job_event_user(data), job_event_actor(), job_event_trace(data), job_event_setting('mcsv.reason')
        FROM %I.%I
    $sql$,
    TG_TABLE_SCHEMA, TG_TABLE_NAME
  );
  RETURN NULL;
END
$$;
