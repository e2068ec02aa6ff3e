import { randomInt } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import type { IMessageType } from "@protobuf-ts/runtime";
import type { MethodInfo } from "@protobuf-ts/runtime-rpc";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorizationFor } from "./authorization-for";
import { ERROR_CODES } from "./conformance/error-codes";
import { CONTRACT_SERVICES } from "./contract-messages";
import { messageArbitrary } from "./message-arbitrary";
import { type RunningApps, startAllApps } from "./start-all-apps";

/** Bodies per method, codec and way to break them. */
const BODIES = 12;
/** A request of a few hundred bytes takes about a millisecond; this is for a machine that is busy with something else. */
const MAX_MS = 5_000;
/** CORRUPTION_SEED=… repeats a run that failed. */
const SEED = Number(process.env["CORRUPTION_SEED"] ?? randomInt(2 ** 31));
const STATUS_OF = new Map(ERROR_CODES);

let running: RunningApps;
let agent: Agent;

beforeAll(async () => {
  running = await startAllApps();
  agent = new Agent({ keepAlive: true, maxSockets: 4 });
});

afterAll(async () => {
  agent.destroy();
  await running.stop();
});

/** What is done to the bytes of a valid request. */
const BREAKS: Record<string, (bytes: Buffer, random: fc.Arbitrary<number>) => fc.Arbitrary<Buffer>> = {
  "cut short": (bytes, position) => position.map((at) => bytes.subarray(0, at)),
  "with flipped bits": (bytes, position) =>
    fc.array(fc.tuple(position, fc.nat({ max: 7 })), { minLength: 1, maxLength: 4 }).map((flips) => {
      const broken = Buffer.from(bytes);
      for (const [at, bit] of flips) {
        if (at < broken.length) broken.writeUInt8(broken.readUInt8(at) ^ (1 << bit), at);
      }
      return broken;
    }),
  "with bytes put in": (bytes, position) =>
    fc
      .tuple(position, fc.uint8Array({ minLength: 1, maxLength: 8 }))
      .map(([at, more]) => Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])),
  "of any bytes at all": () => fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
};

const CODECS: Record<string, (type: IMessageType<object>, message: object) => Buffer> = {
  "application/protobuf": (type, message) => Buffer.from(type.toBinary(message)),
  "application/json": (type, message) => Buffer.from(type.toJsonString(message, { useProtoFieldName: true })),
};

const METHODS = CONTRACT_SERVICES.flatMap((service) =>
  service.methods.map((method) => [`${service.typeName}/${method.name}`, method] as const),
);

describe.each(METHODS)("%s", (fullName, method) => {
  it.each(Object.keys(CODECS))(
    "answers %s that is broken with a Twirp error, or as if it were whole, in time",
    async (codec) => {
      const call = await caller(fullName);
      for (const [name, breaks] of Object.entries(BREAKS)) {
        for (const body of fc.sample(brokenBodies(method, codec, breaks), { numRuns: BODIES, seed: SEED })) {
          const asked = `CORRUPTION_SEED=${SEED}: ${codec} ${name}, ${body.toString("hex")}`;
          const started = performance.now();
          const { status, contentType, bytes } = await call(codec, body);
          expect(performance.now() - started, asked).toBeLessThan(MAX_MS);
          if (status === 200) {
            // What still is a message, to the client service a valid one.
            expect(contentType, asked).toBe(codec);
            continue;
          }
          expect(contentType, asked).toBe("application/json");
          const { code, msg, meta, ...others } = JSON.parse(bytes.toString()) as Record<string, unknown>;
          expect(others, asked).toEqual({});
          expect(typeof msg, asked).toBe("string");
          expect(STATUS_OF.get(String(code)), `${asked}: ${bytes.toString()}`).toBe(status);
          // internal would be a failure that nobody foresaw.
          expect(
            ["malformed", "invalid_argument", "permission_denied", "resource_exhausted", "unavailable"],
            asked,
          ).toContain(code);
          if (code === "invalid_argument") expect(meta, asked).toHaveProperty("argument");
        }
      }
    },
  );
});

it("the services live on, and logged no failure that nobody foresaw", async () => {
  for (const { service, port, log } of running.apps) {
    const reply = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(reply.status, service).toBe(200);
    expect(log.filter((line) => line.includes("error_id"))).toEqual([]);
  }
});

function brokenBodies(
  method: MethodInfo,
  codec: string,
  breaks: (bytes: Buffer, position: fc.Arbitrary<number>) => fc.Arbitrary<Buffer>,
): fc.Arbitrary<Buffer> {
  const type = method.I as IMessageType<object>;
  return messageArbitrary(type).chain((message) => {
    const bytes = CODECS[codec]?.(type, message) ?? Buffer.alloc(0);
    return breaks(bytes, fc.nat({ max: Math.max(0, bytes.length - 1) }));
  });
}

/** Makes calls of a method as somebody whom it admits. */
async function caller(fullName: string) {
  const app = running.apps.find(({ contract }) => fullName.startsWith(`${contract.typeName}/`));
  const role = app?.spec.operations.get(fullName)?.callers[0];
  if (app === undefined || role === undefined) throw new Error(`no service runs ${fullName}`);
  const authorization = await authorizationFor(running.auth, role, app.service);
  return (contentType: string, body: Buffer) =>
    post(app.port, `/twirp/${fullName}`, { contentType, authorization, body });
}

interface Posted {
  readonly contentType: string;
  readonly authorization: string;
  readonly body: Buffer;
}

function post(port: number, path: string, { contentType, authorization, body }: Posted) {
  return new Promise<{ status: number; contentType: string | undefined; bytes: Buffer }>((resolve, reject) => {
    const headers = { "content-type": contentType, "content-length": body.length, authorization };
    const request = httpRequest({ host: "127.0.0.1", port, path, method: "POST", agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode: status = 0, headers: answered } = response;
        resolve({ status, contentType: answered["content-type"], bytes: Buffer.concat(chunks) });
      });
    });
    request.setTimeout(MAX_MS, () => request.destroy(new Error(`no answer in ${MAX_MS} ms`)));
    request.on("error", reject);
    request.end(body);
  });
}
