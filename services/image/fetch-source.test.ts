import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createSourceFetcher, type SourceFetcherOptions } from "./fetch-source";

/** A store that answers as the test wants, and a fetcher. */
async function start(answer: RequestListener, options: Partial<SourceFetcherOptions> = {}) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fetcher = createSourceFetcher({ maxBytes: 1000, answerTimeoutMs: 2000, idleTimeoutMs: 2000, ...options });
  onTestFinished(async () => {
    fetcher.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcsv/a`);
  const fetchAll = async (signal = new AbortController().signal) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await fetcher.open(url, signal)) {
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
  };
  return { server, url, fetcher, fetchAll };
}

describe("createSourceFetcher", () => {
  it("fetches what is there, and keeps the connection", async () => {
    const ports = new Set<number | undefined>();
    const { fetchAll } = await start((request, response) => {
      ports.add(request.socket.remotePort);
      response.end("image");
    });

    expect(await fetchAll()).toBe("image");
    expect(await fetchAll()).toBe("image");
    expect(ports.size).toBe(1);
  });

  it.each([
    [403, "permission_denied", "object_store_refused"],
    [401, "permission_denied", "object_store_refused"],
    [404, "not_found", "object_store_missing"],
    [500, "unavailable", "object_store_unavailable"],
    [503, "unavailable", "object_store_unavailable"],
    [429, "resource_exhausted", "object_store_busy"],
    [206, "failed_precondition", "object_store_unexpected"],
    [304, "failed_precondition", "object_store_unexpected"],
    [400, "failed_precondition", "object_store_unexpected"],
  ])("answers status %i with %s", async (status, code, cause) => {
    const { fetchAll } = await start((_, response) => response.writeHead(status).end());

    await expect(fetchAll()).rejects.toMatchObject({ code, meta: { cause } });
  });

  it.each([
    ["7", "7000"],
    ["Wed, 21 Oct 2026 07:28:00 GMT", "0"],
  ])("passes on for how long the store wants to be left alone: Retry-After %s", async (header, retry_after_ms) => {
    const { fetchAll } = await start((_, response) => response.writeHead(429, { "retry-after": header }).end());

    await expect(fetchAll()).rejects.toMatchObject({ code: "resource_exhausted", meta: { retry_after_ms } });
  });

  it.each([301, 302, 303, 307, 308])("follows no redirect of status %i", async (status) => {
    const requested: (string | undefined)[] = [];
    const { fetchAll } = await start((request, response) => {
      requested.push(request.url);
      response.writeHead(status, { location: "/mcsv/other" }).end();
    });

    await expect(fetchAll()).rejects.toMatchObject({ code: "failed_precondition" });
    expect(requested).toEqual(["/mcsv/a"]);
  });

  it("refuses a source that is declared too large before it arrives", async () => {
    const { fetchAll } = await start((_, response) =>
      response.writeHead(200, { "content-length": 1001 }).flushHeaders(),
    );

    await expect(fetchAll()).rejects.toMatchObject({
      code: "resource_exhausted",
      meta: { limit: "input_bytes", permanent: "true" },
    });
  });

  it("stops reading a source of undeclared size that goes on for ever", async () => {
    let isCutOff = false;
    const { fetchAll } = await start((_, response) => {
      const timer = setInterval(() => response.write("x".repeat(300)), 1);
      response.on("close", () => {
        clearInterval(timer);
        isCutOff = true;
      });
    });

    await expect(fetchAll()).rejects.toMatchObject({ code: "resource_exhausted", meta: { limit: "input_bytes" } });
    await vi.waitFor(() => expect(isCutOff).toBe(true));
  });

  it("admits a source of exactly the largest size", async () => {
    const { fetchAll } = await start((_, response) => response.end("x".repeat(1000)));

    expect(await fetchAll()).toHaveLength(1000);
  });

  it("is unavailable when the store breaks off in the middle", async () => {
    const { fetchAll } = await start((_, response) => {
      response.writeHead(200, { "content-length": 500 });
      response.write("half", () => response.destroy());
    });

    await expect(fetchAll()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is unavailable when nobody listens", async () => {
    const { server, fetchAll } = await start((_, response) => response.end());
    await new Promise((resolve) => server.close(resolve));

    await expect(fetchAll()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is unavailable when the store takes a connection and does not answer", async () => {
    const { fetchAll } = await start(() => undefined, { answerTimeoutMs: 50 });

    await expect(fetchAll()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is unavailable when the store falls silent", async () => {
    const { fetchAll } = await start((_, response) => response.write("half"), { idleTimeoutMs: 50 });

    await expect(fetchAll()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("ends with the reason of the signal, before the answer and during it", async () => {
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
    const silent = await start(() => asked());
    const before = new AbortController();
    const reason = new Error("the caller went away");
    const waiting = silent.fetchAll(before.signal);
    await isAsked;
    before.abort(reason);
    await expect(waiting).rejects.toBe(reason);

    const during = new AbortController();
    const endless = await start((_, response) => response.write("half"));
    const source = await endless.fetcher.open(endless.url, during.signal);
    const iterator = source[Symbol.asyncIterator]();
    await iterator.next();
    during.abort(reason);
    await expect(iterator.next()).rejects.toBe(reason);
  });
});
