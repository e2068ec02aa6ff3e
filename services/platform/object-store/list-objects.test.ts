import { CreateMultipartUploadCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import pMap from "p-map";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer, testCredentials } from "../../../deploy/local/s3/start-test-server";
import { createObjectStore, type ObjectStore } from "./create-object-store";

let server: TestServer;
let store: ObjectStore;
beforeAll(async () => {
  server = await startTestServer();
  const { url } = server;
  store = createObjectStore({
    endpoint: url,
    publicEndpoint: url,
    region: "us-east-1",
    bucket: "mcsv",
    ...testCredentials,
  });
});
afterAll(async () => {
  store.close();
  await server.close();
});

it("list gives every object below a prefix, however many pages they fill, with size and time", async () => {
  const names = Array.from({ length: 1_001 }, (_, n) => `many/${String(n).padStart(4, "0")}`);
  const before = Date.now();
  await pMap(names, (key) => store.putBytes(key, Buffer.from("x"), { contentType: "text/plain" }), { concurrency: 16 });
  await store.putBytes("few/1", Buffer.from("four"), { contentType: "text/plain" });
  const keys: string[] = [];
  for await (const { key } of store.list("many/")) {
    keys.push(key);
  }
  expect(keys).toEqual(names);
  for await (const found of store.list("few/")) {
    expect(found).toMatchObject({ key: "few/1", bytes: 4 });
    // To the second, as some stores have it.
    expect(found.lastModified.getTime()).toBeGreaterThan(before - 1_000);
    expect(found.lastModified.getTime()).toBeLessThanOrEqual(Date.now());
  }
});

it("abortUploads removes uploads that were begun long ago, below the prefix only", async () => {
  for (const Key of ["old/1", "old/2", "other/1"]) {
    await server.client.send(new CreateMultipartUploadCommand({ Bucket: "mcsv", Key }));
  }
  expect(await store.abortUploads({ prefix: "old/", startedBefore: new Date(Date.now() - 60_000) })).toBe(0);
  expect(await store.abortUploads({ prefix: "old/", startedBefore: new Date(Date.now() + 60_000) })).toBe(2);
  const { Uploads } = await server.client.send(new ListMultipartUploadsCommand({ Bucket: "mcsv" }));
  expect(Uploads?.map(({ Key }) => Key)).toEqual(["other/1"]);
});
