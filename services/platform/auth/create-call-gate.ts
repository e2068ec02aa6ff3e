import type { Operation } from "../contract/operations";
import { permissionDenied, unauthenticated } from "../twirp/errors";
import type { CallGate } from "../twirp/host/call-gate";
import type { Authenticator } from "./authenticator";
import type { CallLimiter } from "./call-limiter";
import type { Caller } from "./caller";
import { roleOf } from "./caller-role";
import { CredentialError } from "./credential-error";

/** What a gate is made of. */
export interface CallGateOptions {
  /** The methods of the contract, by full name, with the callers that each admits. */
  readonly operations: ReadonlyMap<string, Pick<Operation, "callers">>;
  readonly authenticator: Authenticator;
  /** How fast callers may call; without it, as fast as they can. */
  readonly limiter?: CallLimiter | undefined;
}

/**
 * Makes the gate of a service: who calls is found out by its credential, must be named by the contract, and may not be too fast,
 * in this order. Nobody is admitted who is not named.
 *
 * Refusals say nothing of what was wrong with a credential; the debug log does.
 */
export function createCallGate({ operations, authenticator, limiter }: CallGateOptions): CallGate {
  return {
    entranceTo: (fullName) => {
      const admitted = new Set(operations.get(fullName)?.callers);
      if (admitted.size === 0) {
        throw new Error(`the contract names nobody who may call ${fullName}: give its operation a \`security\``);
      }
      return async ({ authorization }) => {
        const caller = await authenticate(authenticator, authorization);
        const role = roleOf(caller);
        if (role === undefined || !admitted.has(role)) {
          throw permissionDenied("this caller may not call this method");
        }
        await limiter?.take(caller);
        return caller;
      };
    },
  };
}

async function authenticate(authenticator: Authenticator, authorization: string | undefined): Promise<Caller> {
  try {
    return await authenticator.authenticate(authorization);
  } catch (error) {
    if (error instanceof CredentialError) {
      throw unauthenticated("a valid credential is needed", error);
    }
    throw error;
  }
}
