import { randomUUID } from "node:crypto";
import pMap from "p-map";
import { User } from "../../../../gen/client/mcsv/v1/user";
import type { Clients } from "../clients";
import { errorCode, explain, UsageError } from "../errors";
import { formatTime, type Output, table } from "../output";
import { pollUntil } from "../poll";
import { startProgress } from "../progress";

/** What `users create` was asked for. */
export interface CreateUsersOptions {
  readonly count: number;
  readonly concurrency: number;
  /** Name of the user; numbered when several are created. */
  readonly name: string;
  /** Address of the user; with several, "+1", "+2", ... is put before the "@". A random one when unset. */
  readonly email?: string | undefined;
  /** Waits until each welcome mail was delivered, at most this many milliseconds; 0 does not wait. */
  readonly waitMs: number;
}

/** What became of one user. */
export interface CreatedUser {
  readonly email: string;
  readonly user?: User;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Creates users, several at once. A failure of one does not stop the others. */
export async function createUsers(
  clients: Clients,
  options: CreateUsersOptions,
  output: Output,
): Promise<readonly CreatedUser[]> {
  const wanted = usersToCreate(options);
  const progress = startProgress(output, "users", wanted.length);
  try {
    return await pMap(
      wanted,
      async ({ name, email }) => {
        const created = await createUser(clients, name, email, options.waitMs);
        progress.tick();
        return created;
      },
      { concurrency: options.concurrency },
    );
  } finally {
    progress.stop();
  }
}

/** Prints the users, or why there are none. */
export function printUsers(output: Output, results: readonly CreatedUser[]): void {
  const created = results.flatMap(({ user }) => (user === undefined ? [] : [user]));
  const failed = results.filter(({ error }) => error !== undefined);
  if (created.length > 0) {
    const rows = created.map((user) => [user.id, user.email, user.welcomeJobId, formatTime(user.welcomeDeliveredAt)]);
    output.line(table(["user", "email", "welcome job", "welcomed"], rows));
  }
  for (const { email, error } of failed) output.note(`failed: ${email}: ${error?.message}`);
  output.line(`${created.length} created, ${failed.length} failed`);
  output.document({
    created: created.map((user) => User.toJSON(user)),
    failed: failed.map(({ email, error }) => ({ email, ...error })),
  });
}

async function createUser(clients: Clients, name: string, email: string, waitMs: number): Promise<CreatedUser> {
  try {
    const { user } = await clients.users.CreateUser({ idempotencyKey: randomUUID(), name, email });
    if (user === undefined) throw new Error("the user service answered without a user");
    if (waitMs === 0) return { email, user };
    const welcomed = await pollUntil({
      timeoutMs: waitMs,
      poll: async () => (await clients.users.GetUser({ key: { $case: "id", id: user.id } })).user,
      done: (current) => current?.welcomeDeliveredAt !== undefined,
    });
    if (welcomed?.welcomeDeliveredAt !== undefined) return { email, user: welcomed };
    const message = `created, but the welcome mail was not delivered within ${waitMs / 1000} s: see jobs show ${user.welcomeJobId}`;
    return { email, user, error: { code: "timeout", message } };
  } catch (error) {
    return { email, error: { code: errorCode(error), message: explain(error) } };
  }
}

function usersToCreate({ count, name, email }: CreateUsersOptions): { name: string; email: string }[] {
  const address = email ?? `user-${randomUUID().slice(0, 8)}@example.com`;
  if (count === 1) return [{ name, email: address }];
  const at = address.lastIndexOf("@");
  if (at < 1) throw new UsageError(`--email "${address}" is not an email address`);
  return Array.from({ length: count }, (_, index) => ({
    name: `${name} ${index + 1}`,
    email: `${address.slice(0, at)}+${index + 1}${address.slice(at)}`,
  }));
}
