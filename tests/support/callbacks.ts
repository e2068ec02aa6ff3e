import { z } from "zod";

const delivery = z.object({ template: z.string(), recipientAddress: z.string(), deliveredAt: z.coerce.date() });

const event = z.object({
  jobId: z.string(),
  receivedAt: z.coerce.date(),
  body: z.object({
    userId: z.string().optional(),
    delivery: delivery.optional(),
    failure: z.object({ code: z.string(), message: z.string() }).optional(),
    conversion: z.looseObject({ id: z.string(), fileName: z.string() }).optional(),
  }),
});

/** A callback that reached the client service. */
export type Callback = z.infer<typeof event> & { readonly kind: string };

/**
 * Follows the client service's events until as many callbacks as wanted have arrived.
 *
 * @param options.isWanted which callbacks count; all by default
 * @returns them in order of arrival; a job that was reported twice is in it twice
 * @throws Error when they do not arrive within `timeoutMs`
 */
export async function collectCallbacks(
  clientUrl: string,
  options: { count: number; timeoutMs: number; isWanted?: (callback: Callback) => boolean },
): Promise<Callback[]> {
  const collected: Callback[] = [];
  const giveUp = AbortSignal.timeout(options.timeoutMs);
  try {
    for await (const callback of follow(clientUrl, giveUp)) {
      if (options.isWanted?.(callback) ?? true) collected.push(callback);
      if (collected.length >= options.count) break;
    }
  } catch (error) {
    if (!giveUp.aborted) throw error;
  }
  if (collected.length >= options.count) return collected;
  throw new Error(`${collected.length} of ${options.count} callbacks arrived within ${options.timeoutMs} ms`);
}

async function* follow(clientUrl: string, signal: AbortSignal): AsyncGenerator<Callback> {
  const answer = await fetch(`${clientUrl}/events`, { signal });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const lines of events) {
      const kind = /^event: (.*)$/m.exec(lines)?.[1];
      const data = /^data: (.*)$/m.exec(lines)?.[1];
      if (kind !== undefined && !kind.startsWith("alert-") && data !== undefined)
        yield { kind, ...event.parse(JSON.parse(data)) };
    }
  }
}
