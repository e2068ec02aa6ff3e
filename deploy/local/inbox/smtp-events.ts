/** A moment of an SMTP conversation that a test may step in at. */
export interface SmtpEvent {
  /**
   * `connect`: a client has connected; `recipient`: RCPT TO; `data`: the whole mail has arrived and is not stored;
   * `accepted`: it is stored and the client does not know yet.
   */
  readonly stage: "connect" | "recipient" | "data" | "accepted";
  /** Which connection it is; a connection has one mail at a time. */
  readonly session: string;
  readonly sender: string;
  /** For `recipient` ends with the one in question. */
  readonly recipients: readonly string[];
  /** Under which ID the mail is stored; only for `accepted`. */
  readonly mailId?: string;
}

/** An SMTP reply such as 451 or 550, or the end of the connection without any. */
type SmtpIntervention = { readonly code: number; readonly message: string } | "drop";

/** Decides what happens instead of the usual; undefined for the usual. It may wait before it does. */
export type SmtpHook = (event: SmtpEvent) => SmtpIntervention | undefined | Promise<SmtpIntervention | undefined>;
