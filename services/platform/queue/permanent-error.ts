/** A failure that another attempt would meet again: the job goes to its dead-letter queue at once. */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
  /** Twirp error code, for who asks what became of the job. */
  readonly code: string;

  /**
   * @param message for a person, without internals: it is stored with the job and shown
   * @param code Twirp error code
   */
  constructor(message: string, code = "internal", options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
