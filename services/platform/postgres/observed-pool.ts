import { type BatchObservableCallback, context, type Meter, type Observable } from "@opentelemetry/api";
import { Client, Pool, type PoolClient, type PoolConfig } from "pg";
import { processTelemetry, type Telemetry } from "../telemetry/process-telemetry";
import { StatementTelemetry, statementDuration } from "./statement-telemetry";

// Of the semantic conventions for database clients, which do not call these stable yet.
const METRIC_CONNECTION_COUNT = "db.client.connection.count";
const METRIC_CONNECTION_PENDING_REQUESTS = "db.client.connection.pending_requests";
const METRIC_CONNECTION_MAX = "db.client.connection.max";
const ATTR_POOL_NAME = "db.client.connection.pool.name";
const ATTR_CONNECTION_STATE = "db.client.connection.state";

type Connected = (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void;

/** A pool whose statements leave spans and durations, and whose connections are counted whenever somebody asks. */
export class ObservedPool extends Pool {
  readonly #stopCounting: () => void;

  /** @param name what the pool's metrics are called; no other pool of the process has it */
  constructor(name: string, config: PoolConfig, telemetry: Telemetry = processTelemetry()) {
    super({ ...config, Client: observedClient(telemetry) });
    this.#stopCounting = countConnections(this, name, telemetry.meter);
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  /** Whoever waits for a connection goes on in its own trace, not in that of the request that gave the connection back. */
  override connect(callback?: Connected): Promise<PoolClient> | undefined {
    if (callback === undefined) {
      return super.connect();
    }
    const active = context.active();
    super.connect((error, client, done) => context.with(active, callback, undefined, error, client, done));
    return undefined;
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | undefined {
    this.#stopCounting();
    if (callback === undefined) {
      return super.end();
    }
    super.end(callback);
    return undefined;
  }
}

/** A client, as a class that the pool makes instances of, whose statements leave spans and durations. */
function observedClient({ tracer, meter }: Telemetry): new () => Client {
  const duration = statementDuration(meter);
  return class extends Client {
    readonly #statements = new StatementTelemetry(tracer, duration, this);

    // biome-ignore lint/suspicious/noExplicitAny: one signature for the many that pg's has
    override query(...parameters: any[]): any {
      const text = textOf(parameters[0]);
      const end = text === undefined ? undefined : this.#statements.begin(text);
      if (end === undefined) {
        return this.#query(parameters);
      }
      const callback: unknown = parameters.at(-1);
      if (typeof callback === "function") {
        const ended = (error: unknown, result: unknown) => {
          end(error);
          callback(error, result);
        };
        return this.#query([...parameters.slice(0, -1), ended]);
      }
      return this.#query(parameters).then(
        (result: unknown) => {
          end();
          return result;
        },
        (error: unknown) => {
          end(error);
          throw error;
        },
      );
    }

    // biome-ignore lint/suspicious/noExplicitAny: the same
    #query(parameters: any[]): any {
      return super.query(...(parameters as Parameters<Client["query"]>));
    }
  };
}

/** The text of a statement; undefined for what brings its own protocol, such as a cursor. */
function textOf(statement: unknown): string | undefined {
  if (typeof statement === "string") {
    return statement;
  }
  const isConfig =
    typeof statement === "object" && statement !== null && "text" in statement && !("submit" in statement);
  return isConfig ? String(statement.text) : undefined;
}

/** @returns ends it */
function countConnections(pool: Pool, name: string, meter: Meter): () => void {
  const count = meter.createObservableUpDownCounter(METRIC_CONNECTION_COUNT, {
    unit: "{connection}",
    description: "Connections of a pool by state.",
  });
  const pending = meter.createObservableUpDownCounter(METRIC_CONNECTION_PENDING_REQUESTS, {
    unit: "{request}",
    description: "Requests that wait for a connection.",
  });
  const max = meter.createObservableUpDownCounter(METRIC_CONNECTION_MAX, {
    unit: "{connection}",
    description: "Most connections of a pool.",
  });
  const labels = { [ATTR_POOL_NAME]: name };
  const observables: Observable[] = [count, pending, max];
  const observe: BatchObservableCallback = (result) => {
    const { totalCount, idleCount, waitingCount, options } = pool;
    result.observe(count, totalCount - idleCount, { ...labels, [ATTR_CONNECTION_STATE]: "used" });
    result.observe(count, idleCount, { ...labels, [ATTR_CONNECTION_STATE]: "idle" });
    result.observe(pending, waitingCount, labels);
    result.observe(max, options.max, labels);
  };
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}
