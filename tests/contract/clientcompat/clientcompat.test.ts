import { spawn } from "node:child_process";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import type { JsonValue } from "@protobuf-ts/runtime";
import { afterEach, describe, expect, it } from "vitest";
import { projectDirectory } from "../../../deploy/local/project-directory";
import { type RunningServer, startServer } from "../../../services/platform/twirp/testing/start-server";
import { ERROR_CODES } from "../conformance/error-codes";
import { type Codec, callAsTold } from "./call-as-told";
import { ClientCompatMessage, CompatMethod, Empty, Req, Resp } from "./messages";

// The cases of the suite's Go runner, against a server that is written from the specification and shares nothing with ours.

let server: RunningServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Starts a server and returns the message that tells a client to call it. */
async function told(listener: RequestListener, method: CompatMethod, request: Uint8Array): Promise<Uint8Array> {
  server = await startServer(listener);
  return ClientCompatMessage.toBinary({ serviceAddress: server.url, method, request });
}

const failing =
  (code: string, status: number): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ code, msg: "failed" }));
  };

const noop: RequestListener = (request, response) => {
  response.writeHead(200, { "content-type": request.headers["content-type"] ?? "" });
  response.end(request.headers["content-type"] === "application/json" ? "{}" : "");
};

/** Method of the suite: 1 for "value", 0 for nothing, invalid_argument for anything else. */
const method: RequestListener = (request, response) => void answerMethod(request, response);

async function answerMethod(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isJson = request.headers["content-type"] === "application/json";
  const body = await buffer(request);
  const { v } = isJson ? Req.fromJson(JSON.parse(body.toString()) as JsonValue) : Req.fromBinary(body);
  if (request.url !== "/twirp/twirp.clientcompat.CompatService/Method" || (v !== "" && v !== "value")) {
    failing("invalid_argument", 400)(request, response);
    return;
  }
  const answer = { v: v === "value" ? 1 : 0 };
  response.writeHead(200, { "content-type": request.headers["content-type"] ?? "" });
  response.end(isJson ? Resp.toJsonString(answer) : Resp.toBinary(answer));
}

describe.each<[Codec]>([["protobuf"], ["json"]])(
  "our client, calling in %s as the clientcompat suite tells it",
  (codec) => {
    it("returns an empty response", async () => {
      const input = await told(noop, CompatMethod.NOOP, new Uint8Array());
      expect(await callAsTold(input, codec)).toEqual({ response: new Uint8Array() });
    });

    it.each(ERROR_CODES)("returns the server's error %s", async (code, status) => {
      const input = await told(failing(code, status), CompatMethod.NOOP, Empty.toBinary({}));
      expect(await callAsTold(input, codec)).toEqual({ errorCode: code });
    });

    it.each([
      ["", 0],
      ["value", 1],
    ])("sends %j and returns %d", async (v, wanted) => {
      const input = await told(method, CompatMethod.METHOD, Req.toBinary({ v }));
      const result = await callAsTold(input, codec);
      expect("response" in result && Resp.fromBinary(result.response)).toEqual({ v: wanted });
    });

    it("takes an error in no known form for internal", async () => {
      const garbage: RequestListener = (_request, response) => void response.writeHead(400).end("garbage");
      const input = await told(garbage, CompatMethod.NOOP, new Uint8Array());
      expect(await callAsTold(input, codec)).toEqual({ errorCode: "internal" });
    });
  },
);

/** Runs the program as the suite's runner does. */
async function runClient(input: Uint8Array, env: NodeJS.ProcessEnv = {}) {
  const client = join(projectDirectory(), "tests/contract/clientcompat/client.sh");
  const child = spawn(client, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr };
}

describe("the program", () => {
  it.each([["protobuf"], ["json"]])("writes a response to stdout, and nothing to stderr (%s)", async (codec) => {
    const input = await told(method, CompatMethod.METHOD, Req.toBinary({ v: "value" }));
    const { code, stdout, stderr } = await runClient(input, { CLIENTCOMPAT_CODEC: codec });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(Resp.fromBinary(stdout)).toEqual({ v: 1 });
  });

  it("writes the code of an error to stderr, and nothing to stdout", async () => {
    const input = await told(failing("not_found", 404), CompatMethod.NOOP, new Uint8Array());
    const { code, stdout, stderr } = await runClient(input);
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: "", stderr: "not_found" });
  });

  it("fails on input that is no ClientCompatMessage", async () => {
    const { code, stdout, stderr } = await runClient(Buffer.from([0x0a, 0xff]));
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("clientcompat: ");
  });
});
