import type { Caller } from "../platform/auth/caller";
import { ownerOf } from "../platform/auth/owner";

/**
 * Whether a caller may know of a job: an application of every one, a user of those on its own behalf. To anybody else the job
 * does not exist.
 *
 * @param userId of the job; "" or undefined for a job of nobody
 */
export function maySee(caller: Caller, userId: string | undefined): boolean {
  return caller.role === "application" || (caller.role === "user" && userId === caller.userId);
}

/**
 * Whose jobs a caller gets to see in a list.
 *
 * @param asked user that the request names; "" for all
 * @returns id of a user, "" for all of them
 * @throws TwirpError permission_denied when a user names somebody else
 */
export function visibleUser(caller: Caller, asked: string): string {
  return caller.role === "application" ? asked : ownerOf(caller, asked);
}
