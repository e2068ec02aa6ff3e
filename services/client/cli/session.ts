import type { Clients } from "./clients";
import type { Endpoints } from "./endpoints";
import type { Output } from "./output";

/** What a command works with. */
export interface Session {
  readonly endpoints: Endpoints;
  readonly apiKey: string | undefined;
  readonly clients: Clients;
  readonly output: Output;
}

/** Runs a command with what it needs, and closes the connections after it. One that starts flows is to be traced. */
export type RunCommand = (
  options: { json?: boolean; concurrency?: number; traced?: boolean },
  act: (session: Session) => Promise<void>,
) => Promise<void>;

/** Some of what a command was asked for failed, and the command has said so: exit code 1. */
export class SomeFailed extends Error {
  override readonly name = "SomeFailed";
}
