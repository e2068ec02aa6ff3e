import { TwirpError, TwirpErrorCode } from "twirp-ts";

/** The command line or the environment is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something the command was asked for did not work: exit code 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** One line for a person: what went wrong and, where it is known, what to do. */
export function explain(error: unknown): string {
  if (error instanceof TwirpError) {
    const argument = error.meta["argument"];
    const where = typeof argument === "string" && !error.msg.includes(argument) ? `${argument}: ` : "";
    return `${error.code}: ${where}${error.msg}${hintOf(error)}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** The Twirp code of an error, or "error". */
export function errorCode(error: unknown): string {
  return error instanceof TwirpError ? error.code : "error";
}

function hintOf({ code, meta }: TwirpError): string {
  const id = meta["error_id"];
  if (typeof id === "string") return ` (find error_id ${id} in the service's log: make logs)`;
  if (code === TwirpErrorCode.Unavailable) return " (is the stack up? see: mcsv status; start it with: make up)";
  if (code === TwirpErrorCode.Unauthenticated) {
    return " (the API key is taken from MCSV_API_KEY, or from .local/auth/api-key of the checkout whose stack is up)";
  }
  return "";
}
