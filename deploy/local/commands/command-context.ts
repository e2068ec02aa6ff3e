import type { ResolvedMagick } from "../magick/resolve-magick";

/** What a command of the local stack has to work with. */
export interface CommandContext {
  /** `.local` of the checkout. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly isTerminal: boolean;
  readonly magick: () => Promise<ResolvedMagick>;
  /** Writes to standard output. */
  readonly write: (text: string) => void;
}
