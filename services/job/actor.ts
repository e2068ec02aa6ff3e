import type { Caller } from "../platform/auth/caller";

/**
 * Who makes a call, as the history of jobs has it: "application:<name>", "user:<id>" or "service:<name>". It comes from
 * the caller's credential, and from nothing that a request says.
 */
export function actorOf(caller: Caller): string {
  return caller.role === "user" ? `user:${caller.userId}` : `${caller.role}:${caller.name}`;
}
