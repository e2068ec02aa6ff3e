import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pact } from "@pact-foundation/pact";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { expect } from "vitest";
import { authorizationOf, type PactCaller } from "./credentials";
import { canonicalPact, commit, committedPact, pactFileName, readCommitted } from "./pact-files";
import { startTranscoder } from "./start-transcoder";
import { stayOffline } from "./stay-offline";

/** One call and its answer, in JSON with Pact's matchers where the value does not matter. */
export interface Interaction {
  /** What the provider must be like before; nothing in particular unless given. */
  readonly given?: string;
  /** What the call is, for the provider's people. Unique in the pact. */
  readonly receives: string;
  /** Name of the method. */
  readonly method: string;
  /** Who makes the call: unless given, the application of a consumer that is none of our services, else the service. */
  readonly caller?: PactCaller;
  readonly request: object;
  /** Body of the answer, or an error. */
  readonly response: object;
  /** HTTP status of the answer. Default 200. */
  readonly status?: number;
}

/** Records what one consumer expects of one provider. */
export interface PactRecorder {
  /**
   * Runs the consumer against a provider that does just this; fails when the consumer asks anything else, or leaves out one
   * of several interactions.
   */
  play(
    interactions: Interaction | readonly [Interaction, ...Interaction[]],
    consume: (providerUrl: string) => Promise<void>,
  ): Promise<void>;
  /** Fails when what was recorded differs from the pact that is kept; with `update` (UPDATE_PACTS=1) it is kept from now on. */
  expectCommitted(options?: { update?: boolean }): Promise<void>;
}

/** Names of the two and the provider's service, all of whose methods the consumer may call. */
export interface PactParties {
  readonly consumer: string;
  readonly provider: string;
  readonly service: ServiceInfo;
}

/** Starts an empty pact. */
export async function recordPact({ consumer, provider, service }: PactParties): Promise<PactRecorder> {
  stayOffline();
  const dir = await mkdtemp(join(tmpdir(), "mcsv-pact-"));
  const usual = consumer === "cli" ? "application" : "service";
  const pact = new Pact({ consumer, provider, dir, logLevel: "error" });
  const add = ({ given, receives, method, request, response, status = 200, caller = usual }: Interaction) => {
    const interaction = pact.addInteraction();
    if (given !== undefined) interaction.given(given);
    return interaction
      .uponReceiving(receives)
      .withRequest("POST", `/twirp/${service.typeName}/${method}`, (builder) => {
        const authorization = authorizationOf(caller);
        builder.headers({ "Content-Type": "application/json", Authorization: authorization }).jsonBody(request);
      })
      .willRespondWith(status, (builder) => {
        builder.headers({ "Content-Type": "application/json" }).jsonBody(response);
      });
  };
  return {
    async play(interactions, consume) {
      const [first, ...others] = isSeveral(interactions) ? interactions : [interactions];
      // Any of them starts a provider that does all of them.
      const added = add(first);
      for (const other of others) add(other);
      await added.executeTest(async ({ url }) => {
        const transcoder = await startTranscoder({ target: url, services: [service], targetCodec: "json" });
        try {
          await consume(transcoder.url);
        } finally {
          await transcoder.close();
        }
      });
    },
    async expectCommitted({ update = process.env["UPDATE_PACTS"] === "1" } = {}) {
      const recorded = canonicalPact(await readFile(join(dir, pactFileName(consumer, provider)), "utf8"));
      await rm(dir, { recursive: true, force: true });
      const file = committedPact(consumer, provider);
      if (update) await commit(file, recorded);
      const hint = `${consumer} expects something else of ${provider} than the kept pact says; UPDATE_PACTS=1 keeps it anew`;
      expect(recorded, hint).toBe(await readCommitted(file));
    },
  };
}

function isSeveral(
  interactions: Interaction | readonly [Interaction, ...Interaction[]],
): interactions is readonly [Interaction, ...Interaction[]] {
  return Array.isArray(interactions);
}
