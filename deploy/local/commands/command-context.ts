/** The magick command that the stack uses. */
export interface MagickChoice {
  readonly command: string;
  readonly kind: string;
  readonly version: string;
}

/** What a command of the local stack has to work with. */
export interface CommandContext {
  /** `.local` of the checkout. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly isTerminal: boolean;
  readonly magick: () => Promise<MagickChoice>;
  /** Writes to standard output. */
  readonly write: (text: string) => void;
}
