import type { Drill } from "../drill";
import type { LinkName } from "../scene";
import type { WireFault } from "../tcp-proxy";

/** The ways between two services of ours. */
const BETWEEN_SERVICES = ["user-job", "job-email", "job-image", "job-user"] as const satisfies readonly LinkName[];
const FAULTY_MS = 6_000;

/** The service that callbacks go to is away. */
export const clientDown: Drill = {
  name: "client-down",
  inject: ({ stack, faults, pass }) =>
    faults.during("client service down", async () => {
      await stack.hold("client");
      await pass(FAULTY_MS);
      await stack.resume("client");
    }),
};

/** Data between services is late. */
export const networkDelays: Drill = between("network-delays", "delays", { kind: "delay", ms: 300 });

/** Connections between services are cut in the middle of what they carry. */
export const networkCuts: Drill = between("network-cuts", "cuts", { kind: "cut", share: 0.2 });

/** Single bits of what goes between services turn over. */
export const networkCorruption: Drill = between("network-corruption", "flipped bits", { kind: "corrupt", share: 0.3 });

function between(name: string, what: string, fault: WireFault): Drill {
  return {
    name,
    inject: async ({ links, faults, pass }) => {
      const hits = () => BETWEEN_SERVICES.reduce((sum, link) => sum + links[link].hits, 0);
      await faults.during(`${what} between services`, async () => {
        for (const link of BETWEEN_SERVICES) links[link].inject(fault);
        await pass(FAULTY_MS);
        for (const link of BETWEEN_SERVICES) links[link].heal();
      });
      if (hits() === 0) throw new Error("nothing went between services meanwhile");
    },
  };
}
