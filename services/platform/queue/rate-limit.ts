import type { Pool } from "pg";

/** What {@link RateLimit.take} came to. */
export interface RateGrant {
  /** Attempts that may begin now. */
  granted: number;
  /** Milliseconds until one may begin, when none may now. */
  waitMs: number;
}

const SECONDS_PER_MINUTE = 60;

/**
 * Lets no more attempts of a queue's jobs begin than so many a minute, over all processes: a token bucket in the table
 * `queue_rate_limits`, which the owner of the database creates. It holds what one second brings, so that attempts are spread.
 */
export class RateLimit {
  readonly #pool: Pool;
  readonly #queue: string;
  readonly #perSecond: number;
  /** Most tokens in the bucket. */
  readonly #capacity: number;

  constructor(pool: Pool, queue: string, perMinute: number) {
    this.#pool = pool;
    this.#queue = queue;
    this.#perSecond = perMinute / SECONDS_PER_MINUTE;
    this.#capacity = Math.max(1, this.#perSecond);
  }

  /** Takes tokens for up to `wanted` attempts. */
  async take(wanted: number): Promise<RateGrant> {
    const { rows } = await this.#pool.query<{ granted: number; tokens: number }>(TAKE, [
      this.#queue,
      wanted,
      this.#capacity,
      this.#perSecond,
    ]);
    const { granted = 0, tokens = 0 } = rows[0] ?? {};
    return { granted, waitMs: granted > 0 ? 0 : Math.ceil(((1 - tokens) / this.#perSecond) * 1_000) };
  }

  /** Gives tokens back for which there was no job. */
  async giveBack(count: number): Promise<void> {
    await this.#pool.query("UPDATE queue_rate_limits SET tokens = LEAST($3, tokens + $2) WHERE queue = $1", [
      this.#queue,
      count,
      this.#capacity,
    ]);
  }
}

/** Tokens in the bucket by now. The times come from one clock, the server's; a rival that waited may bring an older one. */
const AVAILABLE =
  "LEAST($3, r.tokens + GREATEST(0, extract(epoch FROM excluded.refilled_at - r.refilled_at)::float8) * $4::float8)";

const TAKE = `
  INSERT INTO queue_rate_limits AS r (queue, tokens, granted, refilled_at)
  VALUES ($1, $3::float8 - LEAST($2::int, floor($3::float8)), LEAST($2::int, floor($3::float8)), clock_timestamp())
  ON CONFLICT (queue) DO UPDATE SET
    granted = LEAST($2, floor(${AVAILABLE})),
    tokens = ${AVAILABLE} - LEAST($2, floor(${AVAILABLE})),
    refilled_at = GREATEST(r.refilled_at, excluded.refilled_at)
  RETURNING granted, tokens`;
