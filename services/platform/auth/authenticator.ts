import { applicationOf, looksLikeApiKey } from "./api-keys";
import type { Caller } from "./caller";
import { CredentialError } from "./credential-error";
import type { KeyFile } from "./key-file";
import type { KnownApplication } from "./key-schemas";
import type { TokenVerifier } from "./token-verifier";

/** Finds out who calls. */
export interface Authenticator {
  /**
   * @param authorization header of the request
   * @throws CredentialError when it does not prove who the caller is
   */
  authenticate(authorization: string | undefined): Promise<Caller>;
}

/** "Bearer", in any case, and a credential (RFC 6750, section 2.1). */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/**
 * Makes an authenticator out of what a service knows.
 *
 * @param apiKeys of the applications that may call; left out where none may
 */
export function createAuthenticator(
  verifier: Pick<TokenVerifier, "verify">,
  apiKeys?: KeyFile<readonly KnownApplication[]>,
): Authenticator {
  return {
    authenticate: async (authorization) => {
      if (authorization === undefined) {
        throw new CredentialError("there is no authorization header");
      }
      const credential = BEARER.exec(authorization)?.[1];
      if (credential === undefined) {
        throw new CredentialError("the authorization header has no bearer credential");
      }
      if (!looksLikeApiKey(credential)) {
        return await verifier.verify(credential);
      }
      if (apiKeys === undefined) {
        throw new CredentialError("API keys are not taken here");
      }
      return await applicationOf(credential, apiKeys);
    },
  };
}
