import { MatchersV3 } from "@pact-foundation/pact";
import type { Signer } from "../../../deploy/local/auth/callers";
import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import type { ServiceName } from "../../../deploy/local/stack/components";
import { ADA } from "./examples";

const { regex } = MatchersV3;

/** Who makes a call: an application with its API key, Ada with her access token, or the consumer with a token that it signs. */
export type PactCaller = "application" | "user" | "service";

/** The API key that the command line calls with in its pacts. */
export const API_KEY = `mcsv_${"0".repeat(43)}`;

/** Ada's access token in pacts. */
export const ADAS_TOKEN = "adas.access.token";

const SERVICES_TOKEN = "services.own.token";

/** What the header `authorization` of a call must look like. */
export function authorizationOf(caller: PactCaller) {
  switch (caller) {
    case "application":
      return regex(/^Bearer mcsv_[\w-]{43}$/, `Bearer ${API_KEY}`);
    case "user":
      return regex(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/, `Bearer ${ADAS_TOKEN}`);
    case "service":
      return regex(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/, `Bearer ${SERVICES_TOKEN}`);
    default:
      return caller satisfies never;
  }
}

/** Who calls whom, and the keys that both know. */
export interface CredentialParties {
  readonly consumer: "cli" | Signer;
  readonly provider: ServiceName;
  readonly auth: AuthFiles;
}

/**
 * What a provider is called with in place of an example: a credential of the same caller, and a good one.
 *
 * @throws Error when the pact has an example that is none of these
 */
export async function realAuthorization(
  example: string | undefined,
  { consumer, provider, auth }: CredentialParties,
): Promise<string> {
  if (example === `Bearer ${API_KEY}`) return `Bearer ${auth.apiKey}`;
  if (example === `Bearer ${ADAS_TOKEN}`) return `Bearer ${await auth.userToken(ADA.id)}`;
  if (example === `Bearer ${SERVICES_TOKEN}` && consumer !== "cli") {
    return `Bearer ${await auth.serviceToken(consumer, provider)}`;
  }
  throw new Error(`${consumer} calls ${provider} with an unknown example of a credential: ${example}`);
}
