import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy";

describe("TCP proxy", () => {
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  let proxy: TcpProxy;

  beforeEach(async () => {
    echo.listen(0, "127.0.0.1");
    await once(echo, "listening");
    proxy = await startTcpProxy((echo.address() as AddressInfo).port);
  });

  afterEach(async () => {
    await proxy.close();
    echo.close();
    await once(echo, "close");
  });

  it("passes bytes both ways, and the end of each side, when there is no fault", async () => {
    const sent = Buffer.alloc(300_000, "0123456789");
    expect(await exchange(sent)).toEqual(sent);
    expect(proxy.hits).toBe(0);
  });

  it("turns over single bits when it corrupts, and keeps the length", async () => {
    proxy.inject({ kind: "corrupt", share: 1 });
    const sent = Buffer.alloc(1_000);
    const received = await exchange(sent);
    expect(received).toHaveLength(sent.length);
    const bits = received.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
    expect(bits).toBeGreaterThan(0);
    expect(bits).toBeLessThanOrEqual(proxy.hits);
  });

  it("holds data back when it delays", async () => {
    proxy.inject({ kind: "delay", ms: 60 });
    const began = performance.now();
    expect((await exchange(Buffer.from("ping"))).toString()).toBe("ping");
    expect(performance.now() - began).toBeGreaterThan(110);
  });

  it("lets a part through and resets when it cuts", async () => {
    proxy.inject({ kind: "cut", share: 1 });
    await expect(exchange(Buffer.alloc(1_000))).rejects.toThrow("ECONNRESET");
  });

  it("answers in the target's place", async () => {
    proxy.inject({ kind: "answer", text: "HTTP/1.1 503 Busy\r\n\r\n" });
    expect((await exchange(Buffer.from("GET"))).toString()).toBe("HTTP/1.1 503 Busy\r\n\r\n");
  });

  it("applies a fault to connections that are open, until it is healed", async () => {
    const socket = connect();
    socket.write("before");
    expect(String(await once(socket, "data"))).toBe("before");
    proxy.inject({ kind: "reset" });
    socket.write("during");
    await expect(once(socket, "close")).rejects.toThrow("ECONNRESET");
    proxy.heal();
    expect((await exchange(Buffer.from("after"))).toString()).toBe("after");
  });

  it("resets callers of a target that is not there", async () => {
    const nowhere = await startTcpProxy(1);
    const socket = createConnection({ port: nowhere.port, host: "127.0.0.1" });
    await expect(once(socket, "close")).rejects.toThrow("ECONNRESET");
    await nowhere.close();
  });

  function connect(): Socket {
    return createConnection({ port: proxy.port, host: "127.0.0.1" });
  }

  async function exchange(bytes: Buffer): Promise<Buffer> {
    const socket = connect();
    socket.end(bytes);
    return await buffer(socket);
  }
});
