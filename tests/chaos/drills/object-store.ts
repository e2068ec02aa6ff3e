import type { Drill } from "../drill";
import type { WireFault } from "../tcp-proxy";

const OUTAGE_MS = 4_000;

/** The process is not there. */
export const objectStoreDown: Drill = {
  name: "object-store-down",
  inject: ({ stack, faults, pass }) =>
    faults.during("object store down", async () => {
      await stack.hold("s3");
      await pass(OUTAGE_MS);
      await stack.resume("s3");
    }),
};

/** Everything takes its time. */
export const objectStoreSlow: Drill = onTheWay("object-store-slow", "object store slow", { kind: "delay", ms: 400 });

const BUSY = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

/** It says that it is busy. */
export const objectStoreBusy: Drill = onTheWay("object-store-503", "object store answers 503", {
  kind: "answer",
  text: `HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: ${BUSY.length}\r\nConnection: close\r\n\r\n${BUSY}`,
});

/** Connections break, some at once and some in the middle of an object. */
export const objectStoreResets: Drill = {
  name: "object-store-resets",
  inject: async ({ links, faults, pass }) => {
    await faults.during("object store resets connections", async () => {
      links.s3.inject({ kind: "reset" });
      await pass(OUTAGE_MS / 2);
      links.s3.inject({ kind: "cut", share: 0.3 });
      await pass(OUTAGE_MS / 2);
      links.s3.heal();
    });
  },
};

function onTheWay(name: string, what: string, fault: WireFault): Drill {
  return {
    name,
    inject: ({ links, faults, pass }) =>
      faults.during(what, async () => {
        links.s3.inject(fault);
        await pass(OUTAGE_MS);
        links.s3.heal();
      }),
  };
}
