import { UserServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/user.twirp";
import { createTransport } from "../../../services/platform/twirp/client/create-transport";

/** Who calls the user service under load. */
export interface Callers {
  /** The application that creates users. */
  readonly application: UserServiceClientProtobuf;
  /** A user who converts images. */
  user(userId: string): Promise<UserServiceClientProtobuf>;
  close(): void;
}

/** A call that is not answered by then is made again; a process that stands still must not hold up the load. */
const TIMEOUT_MS = 5_000;

/** Connects to the user service. Nothing is repeated below the load's own eyes. */
export function createCallers(userUrl: string): Callers {
  const transport = createTransport({
    baseUrl: userUrl,
    target: "user",
    timeoutMs: TIMEOUT_MS,
    maxAttempts: 1,
    // The load is to meet every failure, rather than a circuit that spares the service some.
    circuit: { failures: Number.MAX_SAFE_INTEGER },
  });
  const client = new UserServiceClientProtobuf(transport);
  return {
    application: client,
    user: () => Promise.resolve(client),
    close: () => transport.close(),
  };
}
