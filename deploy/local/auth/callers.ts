import type { ServiceName } from "../stack/components";

/** Services that call others, and therefore have a private key. */
export const SIGNERS = ["user", "job"] as const satisfies readonly ServiceName[];

/** Name of a service that signs tokens. */
export type Signer = (typeof SIGNERS)[number];

/** Whose tokens each service admits. The user service signs the tokens of users, too. */
export const ADMITTED: Readonly<Record<ServiceName, readonly Signer[]>> = {
  client: ["user"],
  user: ["user", "job"],
  job: ["user", "job"],
  email: ["job"],
  image: ["job"],
};

/** Services that outside callers reach, with an API key or a user's token. */
const GATES = ["user", "job"] as const satisfies readonly ServiceName[];

/** Whether outside callers reach a service. */
export function isGate(service: ServiceName): boolean {
  return GATES.some((gate) => gate === service);
}

/** Whether a service has a private key. */
export function isSigner(service: ServiceName): service is Signer {
  return SIGNERS.some((signer) => signer === service);
}
