import { randomUUID } from "node:crypto";
import pMap from "p-map";
import { User } from "../../../../gen/client/mcsv/v1/user";
import type { Clients } from "../clients";
import { errorCode, explain, UsageError } from "../errors";
import { formatTime, type Output, table } from "../output";
import { pollUntil } from "../poll";
import { startProgress } from "../progress";
import { type Flow, inFlow, withoutSpans } from "../tracing";

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
  /** Trace from the call to the last callback; undefined when nothing is traced. */
  readonly traceId?: string | undefined;
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
        const created = await inFlow("create user", (flow) => createUser(clients, { name, email }, options, flow));
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
  const created = results.flatMap(({ user, traceId }) => (user === undefined ? [] : [{ user, traceId }]));
  const failed = results.filter(({ error }) => error !== undefined);
  if (created.length > 0) {
    const rows = created.map(({ user, traceId }) => [
      user.id,
      user.email,
      user.welcomeJobId,
      formatTime(user.welcomeDeliveredAt),
      traceId ?? "-",
    ]);
    output.line(table(["user", "email", "welcome job", "welcomed", "trace"], rows));
  }
  for (const { email, error, traceId } of failed) {
    output.note(`failed: ${email}: ${error?.message}${traceId === undefined ? "" : ` (trace ${traceId})`}`);
  }
  output.line(`${created.length} created, ${failed.length} failed`);
  output.document({
    created: created.map(({ user, traceId }) => ({ ...Object(User.toJSON(user)), traceId })),
    failed: failed.map(({ email, error, traceId }) => ({ email, ...error, traceId })),
  });
}

async function createUser(
  clients: Clients,
  { name, email }: { name: string; email: string },
  { waitMs }: CreateUsersOptions,
  flow: Flow,
): Promise<CreatedUser> {
  const { traceId } = flow;
  try {
    const { user } = await clients.users.CreateUser({ idempotencyKey: randomUUID(), name, email });
    if (user === undefined) throw new Error("the user service answered without a user");
    flow.isAbout({ userId: user.id, jobId: user.welcomeJobId });
    if (waitMs === 0) return { email, user, traceId };
    const welcomed = await withoutSpans(() =>
      pollUntil({
        timeoutMs: waitMs,
        poll: async () => (await clients.users.GetUser({ key: { $case: "id", id: user.id } })).user,
        done: (current) => current?.welcomeDeliveredAt !== undefined,
      }),
    );
    if (welcomed?.welcomeDeliveredAt !== undefined) return { email, user: welcomed, traceId };
    const message = `created, but the welcome mail was not delivered within ${waitMs / 1000} s: see jobs show ${user.welcomeJobId}`;
    return { email, user, traceId, error: { code: "timeout", message } };
  } catch (error) {
    flow.failed(error);
    return { email, traceId, error: { code: errorCode(error), message: explain(error) } };
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
