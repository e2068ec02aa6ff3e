import type { EventFilter } from "./event-filter";

/** An event's place in the order of all: time in microseconds since the epoch, then number. */
export interface EventPosition {
  at: bigint;
  id: bigint;
}

/**
 * Conditions on job_events, each with its parameters. Only what is asked for gets into the statement, so that it is
 * planned for just that: each of the table's indexes serves one of them.
 */
export class SqlConditions {
  readonly values: unknown[] = [];
  readonly #conditions: string[] = [];

  /** @param condition SQL, given the placeholder of the value */
  add(condition: (placeholder: string) => string, value: unknown): void {
    this.#conditions.push(condition(this.#placeholder(value)));
  }

  /** Events up to a time. */
  atMost(at: bigint): void {
    this.add((value) => `at <= ${timeSql(value)}`, at.toString());
  }

  /** Events before a position, in the order of (at, id). */
  before({ at, id }: EventPosition): void {
    const time = timeSql(this.#placeholder(at.toString()));
    // The first of the two is what lets whole partitions be left out.
    this.#conditions.push(`at <= ${time}`, `(at, id) < (${time}, ${this.#placeholder(id.toString())}::bigint)`);
  }

  /** Events that a filter selects. */
  matching(filter: EventFilter): void {
    const { types, queue, errorClass, errorText, attempt, actor, userId, since, until, withinSeconds } = filter;
    if (types.length === 1) {
      this.add((value) => `type = ${value}::job_event_type`, types[0]);
    } else if (types.length > 1) {
      this.add((value) => `type = ANY(${value}::job_event_type[])`, types);
    }
    this.#equal("queue", queue);
    this.#equal("actor", actor);
    this.#equal("attempt", attempt);
    this.#equal("user_id", userId);
    if (errorClass !== undefined) {
      this.add((value) => `(error_class = ${value} OR error_code = ${value})`, errorClass);
    }
    if (errorText !== undefined) {
      this.add((value) => `message ILIKE ${value}`, `%${errorText.replace(/[\\%_]/g, "\\$&")}%`);
    }
    if (since !== undefined) {
      this.add((value) => `at >= ${timeSql(value)}`, since.toString());
    }
    if (until !== undefined) {
      this.add((value) => `at < ${timeSql(value)}`, until.toString());
    }
    if (withinSeconds !== undefined) {
      this.add((value) => `at >= now() - ${value}::int * interval '1 second'`, withinSeconds);
    }
  }

  /** For behind WHERE. */
  toString(): string {
    return this.#conditions.join(" AND ") || "true";
  }

  #equal(column: string, value: string | number | undefined): void {
    if (value !== undefined) {
      this.add((placeholder) => `${column} = ${placeholder}`, value);
    }
  }

  #placeholder(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

/** Exact: the product of an interval with a whole number below 2^53. */
function timeSql(microseconds: string): string {
  return `(timestamptz 'epoch' + ${microseconds}::bigint * interval '1 microsecond')`;
}
