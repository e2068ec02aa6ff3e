import type { Authenticator } from "../authenticator";
import type { Caller } from "../caller";

/** An authenticator that takes everybody for one caller: for tests of what comes behind it. */
export function trustingAuthenticator(caller: Caller = { role: "application", name: "test" }): Authenticator {
  return { authenticate: () => Promise.resolve(caller) };
}
