import { permissionDenied } from "../twirp/errors";
import type { Caller } from "./caller";

/**
 * The user who calls, and so owns what the call makes and finds.
 *
 * @param named what the request says in `user_id`, where it still has that field; "" for nothing
 * @throws TwirpError permission_denied when the caller is no user, or the request names somebody else
 */
export function ownerOf(caller: Caller, named = ""): string {
  if (caller.role !== "user") {
    throw permissionDenied("only a user may call this method");
  }
  if (named !== "" && named.toLowerCase() !== caller.userId) {
    throw permissionDenied("user_id must be the caller's own", { argument: "user_id" });
  }
  return caller.userId;
}
