import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET_USER, getUserBytes, sendJson, sendProtobuf } from "../testing/send";
import { type RunningHost, startHost } from "../testing/start-host";

const SERVICE = "/twirp/mcsv.v1.UserService";
const KIB = 1024;
let host: RunningHost;
let calls = 0;

beforeAll(async () => {
  const answer = () => {
    calls += 1;
    return Promise.resolve({});
  };
  host = await startHost(
    { GetUser: answer, CreateUser: answer, ConvertImage: answer },
    {
      maxBodyBytes: 10 * KIB,
      service: { maxBodyBytes: 2 * KIB, methods: { ConvertImage: { maxBodyBytes: 64 * KIB } } },
    },
  );
});
afterAll(() => host.close());

function tooLarge(limit: number) {
  return {
    code: "resource_exhausted",
    msg: `request body is larger than ${limit} bytes`,
    meta: { max_body_bytes: String(limit), permanent: "true" },
  };
}

describe("a body above the limit", () => {
  it("is resource_exhausted, and never reaches the implementation", async () => {
    calls = 0;
    const reply = await sendProtobuf(host.port, GET_USER, getUserBytes("x".repeat(2 * KIB)));
    expect(reply.status).toBe(429);
    expect(reply.json()).toEqual(tooLarge(2 * KIB));
    expect(calls).toBe(0);
  });

  it("of exactly the limit is accepted, one byte more is not", async () => {
    const json = (bytes: number) => JSON.stringify({ id: "x".repeat(bytes - '{"id":""}'.length) });
    expect((await sendJson(host.port, GET_USER, json(2 * KIB))).status).toBe(200);
    expect((await sendJson(host.port, GET_USER, json(2 * KIB + 1))).status).toBe(429);
  });

  it("is measured against the limit of its method", async () => {
    const body = JSON.stringify({ user_id: "x".repeat(50 * KIB) });
    expect((await sendJson(host.port, `${SERVICE}/ConvertImage`, body)).status).toBe(200);
    expect((await sendJson(host.port, `${SERVICE}/CreateUser`, body)).status).toBe(429);
  });

  it("is refused by its Content-Length alone, before a byte of it is sent", async () => {
    const socket = connect(host.port, "127.0.0.1");
    socket.write(
      `POST ${GET_USER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n`,
    );
    const answer = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    expect(answer).toMatch(/^HTTP\/1.1 429 /);
    socket.destroy();
  });

  it("in chunks is refused as soon as it is too large", async () => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest({
        port: host.port,
        path: GET_USER,
        method: "POST",
        agent: false,
        headers: { "content-type": "application/json" },
      });
      request.on("error", reject);
      request.on("response", (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      // Never ended: the answer must not wait for that.
      request.write(`{"id":"${"x".repeat(3 * KIB)}`);
    });
    expect(answer).toBe(429);
  });
});

describe("a caller that reads only after it has sent everything", () => {
  it.each([[true], [false]])("gets the answer, and memory stays where it was (chunked: %s)", async (chunked) => {
    const total = 200 * KIB * KIB;
    const before = process.memoryUsage.rss();
    let highest = before;
    const answer = await sendAll(host.port, total, chunked, () => {
      highest = Math.max(highest, process.memoryUsage.rss());
    });
    expect(answer).toMatch(/^HTTP\/1.1 429 /);
    expect(answer).toContain("resource_exhausted");
    expect(highest - before).toBeLessThan(100 * KIB * KIB);
  });

  it("may use its connection again", async () => {
    const socket = connect(host.port, "127.0.0.1");
    const head = `POST ${GET_USER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    socket.write(`${head}Content-Length: 4096\r\n\r\n${"x".repeat(4096)}${head}Content-Length: 2\r\n\r\n{}`);
    let seen = "";
    await new Promise<void>((resolve) => {
      socket.on("data", (data) => {
        seen += data.toString();
        if (seen.includes("HTTP/1.1 200")) {
          resolve();
        }
      });
    });
    expect(seen).toMatch(/^HTTP\/1.1 429 /);
    socket.destroy();
  });
});

describe("compressed bodies", () => {
  it.each([["gzip"], ["br"], ["deflate"]])("in %s are refused without being unpacked", async (encoding) => {
    const body = gzipSync(Buffer.alloc(1024 * KIB));
    const reply = await sendProtobuf(host.port, GET_USER, body, { "content-encoding": encoding });
    expect(reply.status).toBe(400);
    expect(reply.json()).toEqual({ code: "malformed", msg: "compressed request bodies are not accepted" });
  });

  it("of identity encoding are no compressed bodies", async () => {
    const reply = await sendProtobuf(host.port, GET_USER, getUserBytes("1"), { "content-encoding": "identity" });
    expect(reply.status).toBe(200);
  });
});

it("a limit that makes no sense stops the start", async () => {
  await expect(startHost({}, { maxBodyBytes: 0 })).rejects.toThrow("maxBodyBytes is 0");
  await expect(startHost({}, { maxDeadlineMs: Number.NaN })).rejects.toThrow("maxDeadlineMs is NaN");
});

/** Sends `total` bytes without reading, then reads the answer. */
function sendAll(port: number, total: number, chunked: boolean, progress: () => void): Promise<string> {
  const piece = Buffer.alloc(64 * KIB, "x");
  const framed = chunked ? Buffer.concat([Buffer.from("10000\r\n"), piece, Buffer.from("\r\n")]) : piece;
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", reject);
    socket.pause();
    const length = chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${total}`;
    socket.write(`POST ${GET_USER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${length}\r\n\r\n`);
    let sent = 0;
    const pump = (): void => {
      while (sent < total) {
        sent += piece.length;
        progress();
        if (!socket.write(framed)) {
          socket.once("drain", pump);
          return;
        }
      }
      socket.write(chunked ? "0\r\n\r\n" : "");
      let answer = "";
      socket.on("data", (data) => {
        answer += data.toString();
        if (answer.includes("}}")) {
          socket.destroy();
          resolve(answer);
        }
      });
      socket.resume();
    };
    pump();
  });
}
