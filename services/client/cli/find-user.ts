import { TwirpError, TwirpErrorCode } from "twirp-ts";
import type { User } from "../../../gen/client/mcsv/v1/user";
import type { Clients } from "./clients";
import { CommandError } from "./errors";

/** Returns the user with this address; undefined where there is none. */
export async function findUser({ users }: Pick<Clients, "users">, email: string): Promise<User | undefined> {
  try {
    return (await users.GetUser({ key: { $case: "email", email } })).user;
  } catch (error) {
    if (isTwirp(error, TwirpErrorCode.NotFound)) return undefined;
    throw error;
  }
}

/**
 * Returns the id of the user that a person names: by id, or by address.
 *
 * @throws CommandError when nobody has the address
 */
export async function userIdOf(clients: Pick<Clients, "users">, user: string): Promise<string> {
  if (!user.includes("@")) return user;
  const found = await findUser(clients, user);
  if (found === undefined) throw new CommandError(`there is no user with the address ${user}`);
  return found.id;
}

/** Whether an error is a Twirp error of that code. */
export function isTwirp(error: unknown, code: TwirpErrorCode): boolean {
  return error instanceof TwirpError && error.code === code;
}
