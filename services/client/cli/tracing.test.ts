import { tmpdir } from "node:os";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Timestamp } from "../../../gen/twirp/google/protobuf/timestamp";
import { User } from "../../../gen/twirp/mcsv/v1/user";
import type { CallContext } from "../../platform/twirp/call-context";
import { type RunningHost, startHost } from "../../platform/twirp/testing/start-host";
import { run } from "./run";

/** Nothing listens on the discard port. */
const NOWHERE = "http://127.0.0.1:9";

describe("a command that starts flows", () => {
  let host: RunningHost;
  /** Trace id and flags that each call came with, by method. */
  let calls: { method: string; traceId: string | undefined; flags: string | undefined }[];

  beforeEach(async () => {
    calls = [];
    const note = ({ methodName: method, req }: CallContext) => {
      const [, traceId, , flags] = String(req.headers["traceparent"] ?? "").split("-");
      calls.push({ method, traceId, flags });
    };
    const looks = () => calls.filter(({ method }) => method === "GetUser").length;
    host = await startHost({
      CreateUser(context) {
        note(context);
        return Promise.resolve({ user: User.create({ id: "u-1" }) });
      },
      GetUser(context) {
        note(context);
        const welcomeDeliveredAt = looks() < 3 ? undefined : Timestamp.fromDate(new Date());
        return Promise.resolve({ user: User.create({ id: "u-1", ...(welcomeDeliveredAt && { welcomeDeliveredAt }) }) });
      },
    });
  });

  afterEach(() => host.close());

  async function createUser(env: NodeJS.ProcessEnv) {
    const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
    const words = ["node", "mcsv", "users", "create", "--wait", "--json"];
    const all = { USER_SERVICE_URL: host.url, ...env };
    const code = await run(words, all, streams as unknown as Parameters<typeof run>[2], tmpdir());
    const { created } = JSON.parse(String(streams.stdout.read()));
    return { code, traceId: created[0].traceId };
  }

  it("makes one trace of its calls, tells its id, and leaves no spans of its looks for the outcome", async () => {
    const { code, traceId } = await createUser({});
    expect(code).toBe(0);
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(calls).toEqual([
      { method: "CreateUser", traceId, flags: "01" },
      ...Array(3).fill({ method: "GetUser", traceId, flags: "00" }),
    ]);
  });

  it("does what it was asked for when the collector is away", async () => {
    expect(await createUser({ OTEL_EXPORTER_OTLP_ENDPOINT: NOWHERE })).toMatchObject({
      code: 0,
      traceId: calls[0]?.traceId,
    });
  });

  it("traces nothing where telemetry is disabled", async () => {
    expect(await createUser({ OTEL_SDK_DISABLED: "true" })).toEqual({ code: 0, traceId: undefined });
    expect(calls.map(({ traceId }) => traceId)).toEqual(Array(4).fill(undefined));
  });
});
