/** A credential that proves nothing. The message is for the debug log: callers are told no more than that theirs is not valid. */
export class CredentialError extends Error {
  override readonly name = "CredentialError";
}
