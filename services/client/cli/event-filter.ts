import { JobEventFilter } from "../../../gen/client/mcsv/v1/job";
import type { Clients } from "./clients";
import { eventType } from "./describe-event";
import { userIdOf } from "./find-user";
import type { Since } from "./option-values";

/** Which events a command was asked for. */
export interface EventFilterOptions {
  readonly type?: readonly string[];
  readonly queue?: string;
  readonly errorClass?: string;
  readonly errorText?: string;
  readonly attempt?: number;
  /** As events name it, or a user's id or address. */
  readonly actor?: string;
  /** A user's id or address. */
  readonly user?: string;
  readonly since?: Since;
  readonly until?: Date;
}

/**
 * Makes the filter of a request.
 *
 * @throws CommandError when nobody has an address that is given
 */
export async function eventFilter(clients: Clients, options: EventFilterOptions): Promise<JobEventFilter> {
  const { type = [], queue, errorClass, errorText, attempt, actor, user, since, until } = options;
  return JobEventFilter.create({
    types: type.map(eventType),
    ...(queue !== undefined && { queue }),
    ...(errorClass !== undefined && { errorClass }),
    ...(errorText !== undefined && { errorText }),
    ...(attempt !== undefined && { attempt }),
    ...(actor !== undefined && { actor: await actorOf(clients, actor) }),
    ...(user !== undefined && { userId: await userIdOf(clients, user) }),
    ...(since !== undefined && ("at" in since ? { since: since.at } : { withinSeconds: since.secondsAgo })),
    ...(until !== undefined && { until }),
  });
}

async function actorOf(clients: Clients, actor: string): Promise<string> {
  return actor.includes(":") ? actor : `user:${await userIdOf(clients, actor)}`;
}
