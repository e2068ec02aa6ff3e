import type { LocalStack } from "../../../deploy/local/stack/start-stack";
import { UserServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/user.twirp";
import { createTransport } from "../../../services/platform/twirp/client/create-transport";

/** Who calls the user service under load. */
export interface Callers {
  /** The application that creates users, by its API key. */
  readonly application: UserServiceClientProtobuf;
  /** A user who converts images, by a token. */
  user(userId: string): UserServiceClientProtobuf;
  close(): void;
}

/** A call that is not answered by then is made again; a process that stands still must not hold up the load. */
const TIMEOUT_MS = 5_000;

/** Connects to the user service of a stack. Nothing is repeated below the load's own eyes. */
export function createCallers({ urls, auth }: Pick<LocalStack, "urls" | "auth">): Callers {
  const transport = createTransport({
    baseUrl: urls.user,
    target: "user",
    timeoutMs: TIMEOUT_MS,
    maxAttempts: 1,
    // The load is to meet every failure, rather than a circuit that spares the service some.
    circuit: { failures: Number.MAX_SAFE_INTEGER },
  });
  const as = (token: () => Promise<string>) =>
    new UserServiceClientProtobuf(transport.with({ authorization: async () => `Bearer ${await token()}` }));
  return {
    application: as(() => Promise.resolve(auth.apiKey)),
    user: (userId) => as(() => auth.userToken(userId)),
    close: () => transport.close(),
  };
}
