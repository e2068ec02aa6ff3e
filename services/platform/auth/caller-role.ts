import type { Caller } from "./caller";

/**
 * What a caller is, as far as the contract asks: the roles that `security` in openapi/*.yaml names. `application` is an outside
 * caller with an API key, `user` an end user with a token of CreateAccessToken, the others are services of ours.
 */
export const CALLER_ROLES = ["application", "user", "user-service", "job-service"] as const;

/** A role that the contract can admit. */
export type CallerRole = (typeof CALLER_ROLES)[number];

/** Whether a text names a role. */
export function isCallerRole(text: string): text is CallerRole {
  return CALLER_ROLES.some((role) => role === text);
}

/** The role of a caller; `undefined` for a service that no method admits. */
export function roleOf(caller: Caller): CallerRole | undefined {
  const role = caller.role === "service" ? `${caller.name}-service` : caller.role;
  return isCallerRole(role) ? role : undefined;
}
