import type { Pool } from "pg";

/** What is rare among the events, for searches to find. */
export interface EventMix {
  rareClass: string;
  rareActor: string;
  /** A user with few jobs, who cancelled some of them. */
  userId: string;
  /** Message of one failure. */
  oddText: string;
}

const USER = "3fd6b5a8-54c5-4a5e-8a6b-1d2f6f3c9a01";
const ODD_TEXT = "100% of quota exceeded";

/**
 * Fills the history with events as a busy service leaves them: of every twelve, most are those of mails and callbacks
 * that went well, one in twenty an attempt that failed, and few are what somebody looks for.
 *
 * @param count number of events, plus some rare ones
 * @param days that they are spread over, today the last; at least 4
 */
export async function fillHistory(pool: Pool, count: number, days: number): Promise<EventMix> {
  await pool.query(
    "SELECT create_job_event_partitions((now() AT TIME ZONE 'UTC')::date - $1::int, (now() AT TIME ZONE 'UTC')::date)",
    [days],
  );
  await pool.query(
    `INSERT INTO job_events
       (at, type, job_id, queue, attempt, user_id, actor, trace_id, error_class, error_code, message, duration_ms)
     SELECT at, type, job_id, queue, attempt, user_id, actor, trace_id,
            CASE WHEN type = 'failed' THEN (ARRAY['smtp_4xx', 'object_store_timeout', 'magick_crashed'])[1 + n / 8 % 3] END,
            CASE WHEN type = 'failed' THEN 'unavailable' END,
            CASE WHEN type = 'failed' THEN (ARRAY[
              'the SMTP server asks to try again later (451)', 'the object store does not answer', 'magick crashed'
            ])[1 + n / 8 % 3] || CASE WHEN n % 1000 = 0 THEN ': quota exceeded' ELSE '' END END,
            CASE WHEN type IN ('completed', 'failed') THEN n % 5000 END
       FROM (
         SELECT n, now() - (n::float8 / $1) * interval '${days - 1} days' AS at,
                CASE
                  WHEN n % 20 = 0 THEN 'failed'
                  ELSE (ARRAY['created', 'enqueued', 'started', 'completed'])[1 + n % 4]
                END::job_event_type AS type,
                md5('job' || n / 4)::uuid AS job_id,
                CASE WHEN n / 4 % 10 = 0 THEN 'image-conversion' WHEN n / 4 % 2 = 0 THEN 'email' ELSE 'callback' END AS queue,
                CASE WHEN n % 20 = 0 THEN 1 WHEN n % 4 < 2 THEN 0 WHEN n % 5000 = 3 THEN 7 ELSE 1 END AS attempt,
                md5('user' || n / 4 % greatest(1, $1 / 20))::uuid AS user_id,
                CASE WHEN n % 20 <> 0 AND n % 4 < 2 THEN 'service:user' ELSE 'worker:job-' || n % 3 || '/1' END AS actor,
                md5('trace' || n / 8) AS trace_id
           FROM generate_series(1, $1) AS n
       ) AS made`,
    [count],
  );
  await pool.query(
    `INSERT INTO job_events (at, type, job_id, queue, attempt, user_id, actor, error_class, error_code, message, reason)
     SELECT now() - n * interval '1 day' - interval '1 minute', kind::job_event_type, md5(kind || n)::uuid, queue, 1, $1::text::uuid, actor,
            class, code, message, 'no need'
       FROM generate_series(0, ${days - 2}) AS n, (VALUES
         ('cancelled', 'email', 'user:' || $1::text, NULL, NULL, NULL),
         ('failed', 'email', 'worker:job-1/1', 'smtp_login_refused', 'unavailable', 'the SMTP server refuses the log-in'),
         ('created', 'email-dead', 'worker:job-1/1', NULL, NULL, NULL)
       ) AS rare (kind, queue, actor, class, code, message)
      WHERE n % 7 = 2`,
    [USER],
  );
  await pool.query(
    `INSERT INTO job_events (at, type, job_id, queue, attempt, actor, error_class, error_code, message)
     VALUES (now() - interval '1 day', 'failed', gen_random_uuid(), 'email', 1, 'worker:job-1/1', 'x_y', 'internal', $1)`,
    [ODD_TEXT],
  );
  await pool.query("VACUUM ANALYZE job_events");
  return { rareClass: "smtp_login_refused", rareActor: `user:${USER}`, userId: USER, oddText: ODD_TEXT };
}
