import { readFileSync } from "node:fs";
import { SERVICES, type ServiceName } from "../../deploy/local/stack/components";
import { type LocalStack, startStack } from "../../deploy/local/stack/start-stack";
import { type BenchSection, judge } from "./report";

const AIM_SERVICE_MB = 120;
const AIM_TOTAL_MB = 600;
const AIM_UP_SECONDS = 10;

/** Resident memory of the services after the load before, and the time that the same stack takes to come up again. */
export async function benchFootprint(stack: LocalStack): Promise<BenchSection> {
  const residentMb = new Map(SERVICES.map((service) => [service, residentMbOf(stack, service)]));
  const totalMb = [...residentMb.values()].reduce((sum, mb) => sum + mb, 0);
  const { directory, ports } = stack;
  await stack.stop();
  const beganMs = performance.now();
  const again = await startStack({ directory, ports });
  const upSeconds = (performance.now() - beganMs) / 1000;
  await again.stop();
  return {
    title: "footprint",
    rows: [
      ...[...residentMb].map(([service, mb]) => ({
        what: `${service}: resident after load`,
        value: `${mb.toFixed(0)} MB`,
        aim: `<= ${AIM_SERVICE_MB} MB`,
        verdict: judge(mb <= AIM_SERVICE_MB, false),
      })),
      {
        what: "all five together",
        value: `${totalMb.toFixed(0)} MB`,
        aim: `<= ${AIM_TOTAL_MB} MB`,
        verdict: judge(totalMb <= AIM_TOTAL_MB, false),
      },
      {
        what: "warm start until all is ready",
        value: `${upSeconds.toFixed(1)} s`,
        aim: `<= ${AIM_UP_SECONDS} s`,
        verdict: judge(upSeconds <= AIM_UP_SECONDS, false),
      },
    ],
    data: { residentMb: Object.fromEntries(residentMb), upSeconds },
  };
}

function residentMbOf(stack: LocalStack, service: ServiceName): number {
  const status = readFileSync(`/proc/${stack.pid(service)}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000;
}
