import { randomUUID } from "node:crypto";
import { TwirpErrorCode } from "twirp-ts";
import type { User } from "../../../gen/client/mcsv/v1/user";
import type { Clients } from "./clients";
import { CommandError } from "./errors";
import { findUser, isTwirp } from "./find-user";
import { inFlow } from "./tracing";

/** Returns the user with this address, and creates it under this name where there is none. */
export async function findOrCreateUser(clients: Clients, email: string, name: string): Promise<User> {
  const found = await findUser(clients, email);
  if (found !== undefined) return found;
  try {
    const { user } = await inFlow("create user", () =>
      clients.users.CreateUser({ idempotencyKey: randomUUID(), email, name }),
    );
    if (user !== undefined) return user;
  } catch (error) {
    // Another process may have created the same user a moment ago.
    const raced = isTwirp(error, TwirpErrorCode.AlreadyExists) ? await findUser(clients, email) : undefined;
    if (raced !== undefined) return raced;
    throw error;
  }
  throw new CommandError("the user service answered without a user");
}
