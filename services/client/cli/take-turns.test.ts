import { afterEach, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../../platform/twirp/testing/start-server";
import { type Clients, connect } from "./clients";

let server: RunningServer;
let clients: Clients;

afterEach(async () => {
  clients.close();
  await server.close();
});

/** A user service that refuses some calls, and then knows a user. */
async function start(refusals: number, error: object): Promise<{ calls: number }> {
  const seen = { calls: 0 };
  server = await startServer((request, response) => {
    request.resume().on("end", () => {
      seen.calls += 1;
      if (seen.calls <= refusals) {
        response.writeHead(429, { "content-type": "application/json" }).end(JSON.stringify(error));
      } else {
        response.writeHead(200, { "content-type": "application/protobuf" }).end();
      }
    });
  });
  clients = connect({ user: server.url, job: server.url }, { concurrency: 1, apiKey: undefined });
  return seen;
}

const ask = () => clients.users.GetUser({ key: { $case: "id", id: "1" } });

describe("calls of the command line that come too fast", () => {
  it("are made again when the service says that it is time", async () => {
    const seen = await start(3, { code: "resource_exhausted", msg: "too fast", meta: { retry_after_ms: "20" } });
    const startedAt = performance.now();
    await ask();
    expect(seen.calls).toBe(4);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(3 * 20 - 3);
  });

  it("fail when the service names no time, or one that is too far away", async () => {
    const seen = await start(1, { code: "resource_exhausted", msg: "too large", meta: { permanent: "true" } });
    await expect(ask()).rejects.toMatchObject({ code: "resource_exhausted", msg: "too large" });
    expect(seen.calls).toBe(1);
    clients.close();
    await server.close();
    await start(1, { code: "resource_exhausted", msg: "too fast", meta: { retry_after_ms: "40000" } });
    await expect(ask()).rejects.toMatchObject({ code: "resource_exhausted" });
  });
});
