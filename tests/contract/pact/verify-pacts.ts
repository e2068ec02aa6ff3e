import { Verifier } from "@pact-foundation/pact";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { committedPact, statesOf } from "./pact-files";
import { startTranscoder } from "./start-transcoder";

/** What a consumer's pact is checked against. */
export interface Verification {
  /** Names of the two, as in the pact. */
  readonly consumer: string;
  readonly provider: string;
  /** Where the provider's app listens. */
  readonly url: string;
  readonly service: ServiceInfo;
  /** What the provider is spoken to in; the pact itself is in JSON. */
  readonly codec: "json" | "protobuf";
  /** Brings the provider into each state that the pact names; may return values that the request is to carry. */
  readonly states: Readonly<Record<string, () => Promise<Record<string, string> | void>>>;
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
      ...(reset === undefined ? {} : { beforeEach: reset }),
      logLevel: "error",
    });
    await verifier.verifyProvider();
  } finally {
    await transcoder?.close();
  }
}
