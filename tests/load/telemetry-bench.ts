import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalStack, startStack } from "../../deploy/local/stack/start-stack";
import { type BenchSection, judge } from "./report";
import { loadHttp, TWIRP_PATH } from "./rpc/load";
import { median, NOISY_SPREAD, spread } from "./statistics";
import { startTraceSink } from "./trace-sink";

/** Long enough for V8 to have optimized what a call runs, telemetry included: a service runs for days. */
const WARM_UP_SECONDS = 8;
const ROUNDS = 5;
const ROUND_SECONDS = 2;
/** Of /proc/<pid>/stat; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const AIM_RATIO = 1.35;

const ratio = (part: string) => ({ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: part });
const SETTINGS: Readonly<Record<string, Record<string, string>>> = {
  off: { OTEL_SDK_DISABLED: "true" },
  "metrics, 10 % of the traces": ratio("0.1"),
  "metrics, all traces": ratio("1"),
};

interface Round {
  readonly requestsPerSecond: number;
  readonly cpuMicrosPerRequest: number;
}

/** What telemetry costs: a call of the user service with its SQL, in turns against three of them. */
export async function benchTelemetry(): Promise<BenchSection> {
  const directory = await mkdtemp(join(tmpdir(), "mcsv-bench-telemetry-"));
  const stacks = new Map<string, LocalStack>();
  const sink = await startTraceSink();
  try {
    for (const [setting, variables] of Object.entries(SETTINGS)) {
      const env = { ...variables, OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint };
      stacks.set(setting, await start(join(directory, String(stacks.size)), env));
    }
    const rounds = new Map<string, Round[]>(Object.keys(SETTINGS).map((setting) => [setting, []]));
    for (const stack of stacks.values()) await load(stack, WARM_UP_SECONDS);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [setting, stack] of stacks) rounds.get(setting)?.push(await measure(stack));
    }
    if (sink.receivedBytes === 0) throw new Error("no span was sent");
    return report(rounds);
  } finally {
    sink.close();
    await Promise.all([...stacks.values()].map((stack) => stack.stop()));
    await rm(directory, { recursive: true, force: true });
  }
}

function start(directory: string, variables: Record<string, string>): Promise<LocalStack> {
  const limits = { RATE_LIMIT_APPLICATION_PER_SECOND: "1000000", RATE_LIMIT_APPLICATION_BURST: "1000000" };
  const only = ["user", "postgres", "s3"] as const;
  return startStack({ directory, only, env: { user: { ...limits, ...variables } } });
}

function load({ urls, auth }: LocalStack, seconds: number) {
  const headers = { contentType: "application/protobuf", apiKey: auth.apiKey };
  return loadHttp(`${urls.user}${TWIRP_PATH}`, headers, seconds);
}

async function measure(stack: LocalStack): Promise<Round> {
  const before = cpuMicros(stack);
  const { requests, seconds } = await load(stack, ROUND_SECONDS);
  return { requestsPerSecond: requests / seconds, cpuMicrosPerRequest: (cpuMicros(stack) - before) / requests };
}

function cpuMicros(stack: LocalStack): number {
  const stat = readFileSync(`/proc/${stack.pid("user")}/stat`, "utf8");
  // The name in the second field may hold blanks and parentheses; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6;
}

function report(rounds: ReadonlyMap<string, readonly Round[]>): BenchSection {
  const cpuOf = (setting: string) => (rounds.get(setting) ?? []).map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest);
  const off = cpuOf("off");
  const rows = [...rounds].map(([setting, measured]) => {
    const rate = median(measured.map(({ requestsPerSecond }) => requestsPerSecond));
    const value = `${Math.round(rate)}/s, ${Math.round(median(cpuOf(setting)))} us CPU`;
    if (setting === "off") {
      return { what: setting, value, verdict: "-" as const };
    }
    // Round by round, so that a slow moment of the machine is in both numbers.
    const ratios = cpuOf(setting).map((cpu, i) => cpu / (off[i] ?? Number.NaN));
    return {
      what: setting,
      value,
      ratio: `${median(ratios).toFixed(2)}x the CPU`,
      aim: `<= ${AIM_RATIO}x`,
      verdict: judge(median(ratios) <= AIM_RATIO, spread(ratios) > NOISY_SPREAD),
    };
  });
  return { title: "telemetry, a call of the user service with its SQL", rows, data: Object.fromEntries(rounds) };
}
