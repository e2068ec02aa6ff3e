import { createHash, randomBytes } from "node:crypto";
import { createServer, request, type Server } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { ListMultipartUploadsCommand, NoSuchKey } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer, testCredentials } from "../../../deploy/local/s3/start-test-server";
import { createObjectStore, type ObjectStore, type ObjectStoreOptions } from "./create-object-store";

const MIB = 1024 * 1024;

describe("createObjectStore", () => {
  let server: TestServer;
  let store: ObjectStore;
  const stores: ObjectStore[] = [];

  function open(overrides: Partial<ObjectStoreOptions> = {}): ObjectStore {
    const opened = createObjectStore({
      endpoint: server.url,
      publicEndpoint: server.url.replace("127.0.0.1", "localhost"),
      region: "us-east-1",
      bucket: "mcsv",
      ...testCredentials,
      ...overrides,
    });
    stores.push(opened);
    return opened;
  }

  beforeAll(async () => {
    server = await startTestServer();
    store = open();
  });
  afterAll(async () => {
    for (const opened of stores) {
      opened.close();
    }
    await server.close();
  });

  async function openUploads(): Promise<unknown[]> {
    const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket: "mcsv" }));
    return Uploads;
  }

  describe("putBytes, head, get, readRange and delete", () => {
    it("keep bytes and type", async () => {
      const bytes = randomBytes(1_000);
      await store.putBytes("images/a b+ü.png", bytes, { contentType: "image/png" });
      expect(await store.head("images/a b+ü.png")).toEqual({ bytes: 1_000, contentType: "image/png" });
      expect(await buffer(await store.get("images/a b+ü.png"))).toEqual(bytes);
    });

    it("read a part, and less where the object ends before", async () => {
      await store.putBytes("part", Buffer.from("0123456789"), { contentType: "text/plain" });
      const read = async (start: number, end: number) =>
        Buffer.from(await store.readRange("part", start, end)).toString();
      expect([await read(0, 3), await read(8, 99), await read(10, 20)]).toEqual(["0123", "89", ""]);
    });

    it("tell a missing object apart", async () => {
      expect(await store.head("missing")).toBeUndefined();
      await expect(store.get("missing")).rejects.toBeInstanceOf(NoSuchKey);
      await expect(store.readRange("missing", 0, 9)).rejects.toBeInstanceOf(NoSuchKey);
    });

    it("remove an object, and do not mind when there is none", async () => {
      await store.putBytes("gone", Buffer.from("x"), { contentType: "text/plain" });
      await store.delete("gone");
      await store.delete("gone");
      expect(await store.head("gone")).toBeUndefined();
    });
  });

  describe("putStream", () => {
    it.each([
      ["nothing", 0],
      ["less than a part", 1_000],
      ["exactly a part", 5 * MIB],
      ["several parts and a rest", 11 * MIB + 17],
    ])("stores %s without knowing the size ahead", async (_what, size) => {
      const bytes = randomBytes(size);
      const result = await store.putStream("stream", Readable.from(chunks(bytes)), { contentType: "application/pdf" });
      expect(result).toEqual({ bytes: size });
      expect(await store.head("stream")).toEqual({ bytes: size, contentType: "application/pdf" });
      expect(sha256(await buffer(await store.get("stream")))).toBe(sha256(bytes));
      expect(await openUploads()).toEqual([]);
    });

    it.each([
      ["in the first part", 1_000],
      ["after two parts", 12 * MIB],
    ])("leaves nothing behind when the source fails %s, and rejects with its error", async (_what, size) => {
      const failure = new Error("magick exited with 1");
      await expect(store.putStream("broken", failing(size, failure), { contentType: "a/b" })).rejects.toBe(failure);
      expect(await store.head("broken")).toBeUndefined();
      expect(await openUploads()).toEqual([]);
    });

    it("keeps what was there when the source of its replacement fails", async () => {
      await store.putBytes("kept", Buffer.from("old"), { contentType: "text/plain" });
      await expect(store.putStream("kept", failing(12 * MIB, new Error("no")), { contentType: "a/b" })).rejects.toThrow(
        "no",
      );
      expect((await buffer(await store.get("kept"))).toString()).toBe("old");
    });

    it("ends the source and leaves nothing behind when its signal fires, and rejects with the reason", async () => {
      const cancel = new AbortController();
      const reason = new Error("deadline");
      const source = Readable.from(endless(12 * MIB, () => cancel.abort(reason)));
      const attempt = store.putStream("canceled", source, { contentType: "a/b", signal: cancel.signal });
      await expect(attempt).rejects.toBe(reason);
      expect(source.destroyed).toBe(true);
      expect(await store.head("canceled")).toBeUndefined();
      expect(await openUploads()).toEqual([]);
    });

    it("stores nothing when its signal has fired before", async () => {
      const reason = new Error("too late");
      const source = Readable.from(chunks(randomBytes(10)));
      const attempt = store.putStream("late", source, { contentType: "a/b", signal: AbortSignal.abort(reason) });
      await expect(attempt).rejects.toBe(reason);
      expect(await store.head("late")).toBeUndefined();
    });

    it("ends the source when the store refuses the upload", async () => {
      const source = Readable.from(endless(Number.POSITIVE_INFINITY, () => undefined));
      const attempt = open({ bucket: "nowhere" }).putStream("x", source, { contentType: "a/b" });
      await expect(attempt).rejects.toMatchObject({ name: "NoSuchBucket" });
      expect(source.destroyed).toBe(true);
    });
  });

  describe("presignGet", () => {
    it("signs for the host of its audience, and both URLs read the object", async () => {
      await store.putBytes("pdf/1.pdf", Buffer.from("%PDF-"), { contentType: "application/pdf" });
      const internal = await store.presignGet("pdf/1.pdf", { expiresInSeconds: 60, audience: "internal" });
      const outside = await store.presignGet("pdf/1.pdf", { expiresInSeconds: 60, audience: "public" });
      expect([new URL(internal).hostname, new URL(outside).hostname]).toEqual(["127.0.0.1", "localhost"]);
      const answers = await Promise.all([fetch(internal), fetch(outside)]);
      expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(["%PDF-", "%PDF-"]);
      // The host is part of the signature.
      const { status } = await fetch(outside.replace("localhost", "127.0.0.1"));
      expect(status).toBe(403);
    });

    it("expires when it is told to", async () => {
      const url = new URL(await store.presignGet("pdf/1.pdf", { expiresInSeconds: 90, audience: "public" }));
      expect(url.searchParams.get("X-Amz-Expires")).toBe("90");
    });

    it("names the file that a browser saves, whatever characters the name has", async () => {
      const downloadName = 'Größe "7".pdf';
      const url = await store.presignGet("pdf/1.pdf", { expiresInSeconds: 60, audience: "public", downloadName });
      const header = (await fetch(url)).headers.get("content-disposition");
      expect(header).toBe(`attachment; filename="Gr__e _7_.pdf"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%227%22.pdf`);
    });
  });

  describe("presignPut", () => {
    const body = Buffer.from("0123456789");

    it("lets somebody without credentials store an object of the declared type and size", async () => {
      const { url, headers } = await store.presignPut("uploads/1", {
        contentType: "image/png",
        bytes: body.length,
        expiresInSeconds: 60,
      });
      expect(new URL(url).hostname).toBe("localhost");
      expect(headers).toEqual({ "content-type": "image/png", "content-length": "10" });
      expect((await fetch(url, { method: "PUT", headers, body })).status).toBe(200);
      expect(await store.head("uploads/1")).toEqual({ bytes: 10, contentType: "image/png" });
    });

    it.each([
      ["another type", { "content-type": "text/html" }, body],
      ["no type", {}, body],
      ["a longer body", { "content-type": "image/png" }, Buffer.from("0123456789x")],
      ["a shorter body", { "content-type": "image/png" }, Buffer.from("012345678")],
    ])("is refused with %s", async (_what, headers, sent) => {
      const { url } = await store.presignPut("uploads/2", {
        contentType: "image/png",
        bytes: body.length,
        expiresInSeconds: 60,
      });
      expect(await put(url, { ...headers, "content-length": String(sent.length) }, sent)).toBe(403);
      expect(await store.head("uploads/2")).toBeUndefined();
    });

    it("is refused with a body of unknown length", async () => {
      const options = { contentType: "image/png", bytes: body.length, expiresInSeconds: 60 };
      const { url } = await store.presignPut("uploads/3", options);
      expect(await put(url, { "content-type": "image/png", "transfer-encoding": "chunked" }, body)).toBe(403);
    });
  });

  describe("ensureBucket and check", () => {
    it("create a bucket that is missing, also when several processes do at once", async () => {
      const fresh = [open({ bucket: "fresh" }), open({ bucket: "fresh" })] as const;
      await expect(fresh[0].check(AbortSignal.timeout(5_000))).rejects.toMatchObject({ name: "NotFound" });
      await Promise.all(fresh.map((each) => each.ensureBucket()));
      await fresh[1].ensureBucket();
      await expect(fresh[0].check(AbortSignal.timeout(5_000))).resolves.toBeUndefined();
    });

    it("fail with wrong credentials", async () => {
      const stranger = open({ secretAccessKey: "wrong" });
      await expect(stranger.check(AbortSignal.timeout(5_000))).rejects.toMatchObject({
        $metadata: { httpStatusCode: 403 },
      });
      await expect(stranger.ensureBucket()).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    });
  });

  describe("its connection", () => {
    let proxy: Server;
    let connections = 0;
    let refusals = 0;
    let stalls: RegExp | undefined;

    beforeAll(async () => {
      proxy = createServer((incoming, outgoing) => {
        if (stalls?.test(incoming.url ?? "")) {
          return;
        }
        if (refusals > 0) {
          refusals -= 1;
          incoming.resume();
          outgoing.writeHead(503).end();
          return;
        }
        const { method, url, headers } = incoming;
        const target = new URL(server.url);
        const forwarded = request(
          { host: target.hostname, port: target.port, method, path: url, headers },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(outgoing);
          },
        );
        // Either side that goes away takes the other with it.
        forwarded.on("error", () => outgoing.destroy());
        outgoing.on("close", () => forwarded.destroy());
        incoming.pipe(forwarded);
      });
      proxy.on("connection", () => {
        connections += 1;
      });
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    });
    afterAll(() => {
      proxy.closeAllConnections();
      proxy.close();
    });

    function throughProxy(): ObjectStore {
      const address = proxy.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      return open({ endpoint: `http://127.0.0.1:${port}` });
    }

    it("is used again for the next request", async () => {
      const proxied = throughProxy();
      connections = 0;
      for (let n = 0; n < 10; n += 1) {
        await proxied.putBytes(`keep-alive/${n}`, Buffer.from("x"), { contentType: "text/plain" });
        await buffer(await proxied.get(`keep-alive/${n}`));
        await proxied.head("nothing");
      }
      expect(connections).toBe(1);
    });

    it("outlives answers of a store that is busy", async () => {
      refusals = 2;
      await throughProxy().putBytes("busy", Buffer.from("x"), { contentType: "text/plain" });
      expect(refusals).toBe(0);
      expect(await store.head("busy")).toBeDefined();
    });

    it("gives up when a signal fires, with its reason", async () => {
      stalls = /./;
      const proxied = throughProxy();
      const expected = { name: "TimeoutError" };
      await expect(proxied.check(AbortSignal.timeout(50))).rejects.toMatchObject(expected);
      const put = proxied.putBytes("x", Buffer.from("x"), { contentType: "a/b", signal: AbortSignal.timeout(50) });
      await expect(put).rejects.toMatchObject(expected);
    });

    it("does not wait for a part that hangs when a signal fires, and removes the others", async () => {
      stalls = /partNumber=2/;
      const source = Readable.from(endless(Number.POSITIVE_INFINITY, () => undefined));
      const signal = AbortSignal.timeout(500);
      const startedAt = performance.now();
      const attempt = throughProxy().putStream("hangs", source, { contentType: "a/b", signal });
      await expect(attempt).rejects.toMatchObject({ name: "TimeoutError" });
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      expect(await openUploads()).toEqual([]);
    });
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The bytes in pieces of 64 KiB, as a pipe would give them. */
function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += 65_536) {
    yield bytes.subarray(start, start + 65_536);
  }
}

/** A stream that fails after `size` bytes. */
function failing(size: number, failure: Error): Readable {
  return Readable.from(
    (function* () {
      yield* chunks(randomBytes(size));
      throw failure;
    })(),
  );
}

/** Goes on for ever, and calls once when `size` bytes are passed. */
async function* endless(size: number, passed: () => void): AsyncGenerator<Buffer> {
  const chunk = randomBytes(65_536);
  for (let sent = 0; ; sent += chunk.length) {
    if (sent >= size && sent < size + chunk.length) {
      passed();
    }
    yield chunk;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Sends exactly these headers, which fetch would not; returns the answer's status. */
function put(url: string, headers: Record<string, string>, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "PUT", headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
