import { v5, validate } from "uuid";

/** Namespace of all derived ids. It must never change: ids on either side of a queue are derived independently. */
const NAMESPACE = "f3ecc550-bc8b-499f-a9d6-2b2259e3d0af";

/**
 * An id that is the same for the same parts, always and everywhere (UUIDv5, RFC 9562 section 5.5). Parts keep their limits:
 * ("a", "bc") and ("ab", "c") differ.
 */
export function deterministicId(...parts: readonly string[]): string {
  return v5(JSON.stringify(parts), NAMESPACE);
}

/**
 * The id of the job that an enqueue call with this idempotency key makes, so that callers know it before the call.
 *
 * @param queue name of the queue, such as `email`
 */
export function jobId(queue: string, idempotencyKey: string): string {
  return deterministicId("job", queue, idempotencyKey);
}

/** Whether a text is a UUID of any version, in either case. */
export function isUuid(text: string): boolean {
  return validate(text);
}
