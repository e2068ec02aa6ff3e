import type { IncomingMessage, ServerResponse } from "node:http";
import { stripVTControlCharacters } from "node:util";
import { Verifier } from "@pact-foundation/pact";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { z } from "zod";
import { type CredentialParties, realAuthorization } from "./credentials";
import { committedPact, statesOf } from "./pact-files";
import { startTranscoder } from "./start-transcoder";
import { stayOffline } from "./stay-offline";

/** Brings a provider into a state; may return values that the request is to carry. */
export type StateSetUp = (() => Promise<void>) | (() => Promise<Record<string, string>>);

/** What a consumer's pact is checked against, by the names of the two in the pact. */
export interface Verification extends CredentialParties {
  /** Where the provider's app listens. */
  readonly url: string;
  readonly service: ServiceInfo;
  /** What the provider is spoken to in; the pact itself is in JSON. */
  readonly codec: "json" | "protobuf";
  /** Brings the provider into each state that the pact names. */
  readonly states: Readonly<Record<string, StateSetUp>>;
  /** Empties the provider before each interaction. */
  readonly reset?: () => Promise<void>;
  /** Path of the pact; the one that is kept unless given. */
  readonly pact?: string;
}

/** The codecs that every provider is verified in. */
export const CODECS = ["json", "protobuf"] as const;

/** Plays every interaction of a pact against the provider. Rejects when one is not answered as the consumer expects. */
export async function verifyPact(verification: Verification): Promise<void> {
  const { consumer, provider, url, service, codec, states, reset } = verification;
  const pact = verification.pact ?? committedPact(consumer, provider);
  stayOffline();
  // Pact itself passes over a state that it does not find.
  const unknown = (await statesOf(pact)).filter((state) => states[state] === undefined);
  if (unknown.length > 0) throw new Error(`${provider} cannot be brought into these states: ${unknown.join("; ")}`);
  const transcoder =
    codec === "protobuf"
      ? await startTranscoder({ target: url, services: [service], targetCodec: "protobuf" })
      : undefined;
  try {
    const verifier = new Verifier({
      provider,
      providerBaseUrl: transcoder?.url ?? url,
      pactUrls: [pact],
      stateHandlers: { ...states },
      requestFilter: ({ url, headers }: IncomingMessage, _: ServerResponse, next: (error?: unknown) => void) => {
        // Pact also asks for states by way of this filter.
        if (url?.startsWith("/twirp/") !== true) return next();
        realAuthorization(headers.authorization, verification)
          .then((authorization) => void Object.assign(headers, { authorization }))
          .then(() => next(), next);
      },
      ...(reset === undefined ? {} : { beforeEach: reset }),
      logLevel: "error",
    });
    await verifier.verifyProvider().catch((error: unknown) => {
      throw new Error(`${provider} breaks its pact with ${consumer}:\n${reasonsOf(error)}`);
    });
  } finally {
    await transcoder?.close();
  }
}

const result = z.object({ output: z.array(z.string()) });

/** What Pact's report says of the failures: the part of it that begins with "Failures:". */
function reasonsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const parsed = result.safeParse(parseJson(message));
  if (!parsed.success) return message;
  const lines = parsed.data.output.map(stripVTControlCharacters);
  const begin = lines.findIndex((line) => line.includes("Failures:"));
  return lines.slice(Math.max(0, begin)).join("\n");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
