import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer, testCredentials } from "../../../deploy/local/s3/start-test-server";
import { recordMetrics } from "../../../tests/support/record-metrics";
import { createObjectStore } from "./create-object-store";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const NOWHERE = "http://127.0.0.1:1";

async function measured(endpoint: string, use: (store: ReturnType<typeof createObjectStore>) => Promise<unknown>) {
  const { meter, points } = recordMetrics();
  const options = { endpoint, publicEndpoint: endpoint, region: "us-east-1", bucket: "mcsv", ...testCredentials };
  const store = createObjectStore({ ...options, meter });
  await use(store);
  store.close();
  const found = await points("mcsv.object_store.operation.duration");
  return found.map(({ attributes, value }) => [attributes, typeof value === "number" ? value : value.count]);
}

it("measures each request by operation and result, and no URL that is only signed", async () => {
  const found = await measured(server.url, async (store) => {
    await store.putBytes("a", Buffer.from("a"), { contentType: "text/plain" });
    await store.head("a");
    await store.head("b");
    await store.readRange("a", 5, 6);
    await store.presignGet("a", { expiresInSeconds: 60, audience: "internal" });
  });
  expect(found).toEqual([
    [{ operation: "PutObject", result: "ok" }, 1],
    [{ operation: "HeadObject", result: "ok" }, 1],
    [{ operation: "HeadObject", result: "not_found" }, 1],
    [{ operation: "GetObject", result: "refused" }, 1],
  ]);
});

it("counts each try of a store that is away", async () => {
  const found = await measured(NOWHERE, (store) => expect(store.head("a")).rejects.toThrow());
  expect(found).toEqual([[{ operation: "HeadObject", result: "unavailable" }, 3]]);
});

it("tells a request that was given up", async () => {
  const found = await measured(server.url, (store) =>
    expect(store.check(AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough"),
  );
  expect(found).toEqual([[{ operation: "HeadBucket", result: "aborted" }, 1]]);
});
