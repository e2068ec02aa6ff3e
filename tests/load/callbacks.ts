import { z } from "zod";

const callback = z.object({
  jobId: z.string(),
  receivedAt: z.coerce.date(),
  body: z.object({ delivery: z.object({ deliveredAt: z.coerce.date() }).optional() }).loose(),
});

/** A callback that reached the client service. */
export type Callback = z.infer<typeof callback>;

/**
 * Follows the client service's events until as many callbacks as wanted have arrived.
 *
 * @param isWanted which callbacks count
 * @throws Error when they do not arrive in time
 */
export async function collectCallbacks(
  clientUrl: string,
  { count, timeoutMs, isWanted }: { count: number; timeoutMs: number; isWanted: (jobId: string) => boolean },
): Promise<Map<string, Callback>> {
  const collected = new Map<string, Callback>();
  const answer = await fetch(`${clientUrl}/events`, { signal: AbortSignal.timeout(timeoutMs) });
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data === undefined) continue;
      const parsed = callback.parse(JSON.parse(data));
      if (isWanted(parsed.jobId)) collected.set(parsed.jobId, parsed);
    }
    if (collected.size >= count) return collected;
  }
  throw new Error(`${collected.size} of ${count} callbacks arrived, then the stream ended`);
}
