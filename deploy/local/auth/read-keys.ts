import { existsSync, readFileSync } from "node:fs";
import type { z } from "zod";
import { StackError } from "../stack/stack-error";

/**
 * Reads a file of keys; undefined when there is none.
 *
 * @throws StackError when it is of another form: people edit these files, and what they wrote is not to be lost
 */
export function readKeys<T>(path: string, schema: z.ZodType<T>): T | undefined {
  return existsSync(path) ? parseKeys(path, readFileSync(path, "utf8"), schema) : undefined;
}

/** Makes sense of what is in a file of keys. */
export function parseKeys<T>(path: string, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    // Nothing of the text: it may be a secret.
    const reason = error instanceof SyntaxError ? "is no JSON" : "has not the form that docs/security.md shows";
    throw new StackError(`${path} ${reason}: repair it, or remove it and another one is made`);
  }
}
