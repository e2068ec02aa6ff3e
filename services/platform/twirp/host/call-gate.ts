import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../../auth/caller";

/**
 * Finds out who makes a call and whether it may, from its headers alone.
 *
 * @throws TwirpError when it may not
 */
export type Entrance = (headers: IncomingHttpHeaders) => Promise<Caller>;

/** What every call passes before a byte of its body is read. */
export interface CallGate {
  /**
   * The entrance to a method.
   *
   * @param fullName `mcsv.v1.UserService/CreateUser`
   * @throws Error when nobody is admitted to it: a method without callers is a mistake that the start shows
   */
  entranceTo(fullName: string): Entrance;
}
