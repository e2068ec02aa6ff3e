import { JobServiceClientProtobuf } from "../../../gen/client/mcsv/v1/job.twirp-client";
import { UserServiceClientProtobuf } from "../../../gen/client/mcsv/v1/user.twirp-client";
import { createTransport } from "../../platform/twirp/client/create-transport";
import type { Endpoints } from "./endpoints";

/** The RPC clients of one command. */
export interface Clients {
  readonly users: UserServiceClientProtobuf;
  readonly jobs: JobServiceClientProtobuf;
  /** Closes the connections. */
  close(): void;
}

/** How long a single RPC may take, in milliseconds; an inline image of 8 MiB must fit. */
const RPC_TIMEOUT_MS = 30_000;

/**
 * Connects to the user and the job service. Every call is retried: reads change nothing, and whatever creates something
 * carries an idempotency key.
 */
export function connect(endpoints: Endpoints, concurrency: number): Clients {
  const options = { timeoutMs: RPC_TIMEOUT_MS, maxSockets: concurrency };
  const user = createTransport({ ...options, baseUrl: endpoints.user, target: "user" });
  const job = createTransport({ ...options, baseUrl: endpoints.job, target: "job" });
  return {
    users: new UserServiceClientProtobuf(user.with({ idempotent: true })),
    jobs: new JobServiceClientProtobuf(job.with({ idempotent: true })),
    close() {
      user.close();
      job.close();
    },
  };
}
