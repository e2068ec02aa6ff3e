import { JobServiceClientProtobuf } from "../../../gen/client/mcsv/v1/job.twirp-client";
import { UserServiceClientProtobuf } from "../../../gen/client/mcsv/v1/user.twirp-client";
import { createTransport } from "../../platform/twirp/client/create-transport";
import { createUserAuthorizations } from "./access-tokens";
import type { Endpoints } from "./endpoints";
import { takeTurns } from "./take-turns";

/** The RPC clients of one command. */
export interface Clients {
  /** Calls of the application that the API key belongs to. */
  readonly users: UserServiceClientProtobuf;
  readonly jobs: JobServiceClientProtobuf;
  /** Calls of one of the application's users: of what belongs to that user. */
  asUser(userId: string): UserServiceClientProtobuf;
  jobsAsUser(userId: string): JobServiceClientProtobuf;
  /** Closes the connections. */
  close(): void;
}

/** How the services are called. */
export interface ConnectOptions {
  /** Calls that are under way at once. */
  readonly concurrency: number;
  /** Unset, the services refuse every call. */
  readonly apiKey: string | undefined;
}

/** How long a single RPC may take, in milliseconds; an inline image of 8 MiB must fit. */
const RPC_TIMEOUT_MS = 30_000;

/**
 * Connects to the user and the job service. Every call is retried: reads change nothing, and whatever creates something
 * carries an idempotency key. Calls that come too fast for a service wait for their turn.
 */
export function connect(endpoints: Pick<Endpoints, "user" | "job">, { concurrency, apiKey }: ConnectOptions): Clients {
  const options = { timeoutMs: RPC_TIMEOUT_MS, maxSockets: concurrency };
  const user = createTransport({ ...options, baseUrl: endpoints.user, target: "user" });
  const job = createTransport({ ...options, baseUrl: endpoints.job, target: "job" });
  const authorization = apiKey === undefined ? undefined : () => Promise.resolve(`Bearer ${apiKey}`);
  const calls = { idempotent: true, ...(authorization !== undefined && { authorization }) };
  const users = new UserServiceClientProtobuf(takeTurns(user.with(calls), "user"));
  const authorizations = createUserAuthorizations(users);
  return {
    users,
    jobs: new JobServiceClientProtobuf(takeTurns(job.with(calls), "job")),
    asUser(userId) {
      const ofUser = { idempotent: true, authorization: () => authorizations.of(userId) };
      return new UserServiceClientProtobuf(takeTurns(user.with(ofUser), "user"));
    },
    jobsAsUser(userId) {
      const ofUser = { idempotent: true, authorization: () => authorizations.of(userId) };
      return new JobServiceClientProtobuf(takeTurns(job.with(ofUser), "job"));
    },
    close() {
      user.close();
      job.close();
    },
  };
}
