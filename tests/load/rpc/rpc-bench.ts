import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthFiles } from "../../../deploy/local/auth/create-auth-files";
import { type BenchSection, judge } from "../report";
import { median, NOISY_SPREAD, spread } from "../statistics";
import { type LoadResult, loadGrpc, loadHttp, TWIRP_PATH } from "./load";
import { METHOD, REQUEST } from "./message";

const WARM_UP_SECONDS = 2;
const ROUNDS = 5;
const ROUND_SECONDS = 2;

const CONTENDERS = ["mcsv", "raw-http", "twirp-ts", "connect-node", "grpc-js"] as const;
type Contender = (typeof CONTENDERS)[number];

/** What mcsv's requests/s should be at least, as a multiple of the contender's. */
const AIMS: Partial<Record<Contender, number>> = { "raw-http": 0.55, "connect-node": 1.5, "grpc-js": 1.5 };

interface Round {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  readonly cpuMicrosPerRequest: number;
}

/** Unary RPC through the whole host against its contenders, in turns, so that noise hits all alike. */
export async function benchRpc(): Promise<BenchSection> {
  const running = new Map<Contender, { process: ChildProcess; port: number }>();
  const keys = await mkdtemp(join(tmpdir(), "mcsv-bench-keys-"));
  try {
    const { apiKey } = await createAuthFiles(keys);
    for (const contender of CONTENDERS) running.set(contender, await start(contender, keys));
    const rounds = Object.fromEntries(CONTENDERS.map((name) => [name, [] as Round[]])) as Record<Contender, Round[]>;
    for (const [contender, { port }] of running) await load(contender, { port, apiKey }, WARM_UP_SECONDS);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [contender, { process, port }] of running)
        rounds[contender].push(await measure(contender, process, { port, apiKey }));
    }
    return report(rounds);
  } finally {
    for (const { process } of running.values()) process.kill();
    await rm(keys, { recursive: true });
  }
}

async function start(contender: Contender, keys: string): Promise<{ process: ChildProcess; port: number }> {
  const process = fork(join(__dirname, "serve.js"), [contender, keys]);
  const [message] = (await Promise.race([once(process, "message"), once(process, "exit")])) as [{ port?: number }];
  if (message?.port === undefined) throw new Error(`${contender} did not start`);
  return { process, port: message.port };
}

/** How a contender is reached. */
interface Target {
  readonly port: number;
  /** Only ours asks for it. */
  readonly apiKey: string;
}

function load(contender: Contender, { port, apiKey }: Target, seconds: number): Promise<LoadResult> {
  const origin = `http://127.0.0.1:${port}`;
  switch (contender) {
    case "grpc-js":
      return loadGrpc(port, seconds);
    case "connect-node":
      return loadHttp(
        `${origin}/${METHOD.service}/${METHOD.name}`,
        { contentType: "application/proto", apiKey },
        seconds,
      );
    default:
      return loadHttp(`${origin}${TWIRP_PATH}`, { contentType: "application/protobuf", apiKey }, seconds);
  }
}

async function measure(contender: Contender, process: ChildProcess, target: Target): Promise<Round> {
  const before = await cpuMicros(process);
  const { requests, seconds, p99Ms } = await load(contender, target, ROUND_SECONDS);
  const used = (await cpuMicros(process)) - before;
  return { requestsPerSecond: requests / seconds, p99Ms, cpuMicrosPerRequest: used / requests };
}

async function cpuMicros(process: ChildProcess): Promise<number> {
  const answer = once(process, "message");
  process.send("cpu");
  const [message] = (await answer) as [{ cpuMicros: number }];
  return message.cpuMicros;
}

function report(rounds: Record<Contender, readonly Round[]>): BenchSection {
  const rates = (contender: Contender) => rounds[contender].map(({ requestsPerSecond }) => requestsPerSecond);
  // Round by round, so that a slow moment of the machine is in both numbers.
  const ratiosTo = (contender: Contender) => rates("mcsv").map((rate, i) => rate / (rates(contender)[i] ?? Number.NaN));
  const rows = CONTENDERS.map((contender) => {
    const ratio = median(ratiosTo(contender));
    const aim = AIMS[contender];
    const noisy = spread(ratiosTo(contender)) > NOISY_SPREAD;
    const p99 = median(rounds[contender].map(({ p99Ms }) => p99Ms));
    const cpu = median(rounds[contender].map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest));
    return {
      what: contender,
      value: `${Math.round(median(rates(contender)))}/s, p99 ${p99.toFixed(1)} ms, ${Math.round(cpu)} us CPU`,
      ...(contender === "mcsv" ? {} : { ratio: `mcsv is ${ratio.toFixed(2)}x` }),
      ...(aim === undefined ? {} : { aim: `>= ${aim}x` }),
      verdict: aim === undefined ? ("-" as const) : judge(ratio >= aim, noisy),
    };
  });
  return { title: `unary RPC, ${REQUEST.length}-byte message, server side`, rows, data: rounds };
}
