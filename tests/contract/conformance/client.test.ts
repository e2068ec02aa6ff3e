import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { GetUserRequest, GetUserResponse } from "../../../gen/twirp/mcsv/v1/user";
import { UserServiceClientJSON, UserServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/user.twirp";
import { createTransport } from "../../../services/platform/twirp/client/create-transport";
import { type RunningServer, startServer } from "../../../services/platform/twirp/testing/start-server";
import { ERROR_CODES } from "./error-codes";

// What Twirp v7 asks of a client, section by section. What proxies answer is in services/platform/twirp/client.

const CODECS = [
  { name: "protobuf", contentType: "application/protobuf", Client: UserServiceClientProtobuf },
  { name: "JSON", contentType: "application/json", Client: UserServiceClientJSON },
] as const;
const REQUEST = GetUserRequest.create({ key: { oneofKind: "id", id: "ada" } });

let server: RunningServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface Sent {
  readonly message: IncomingMessage;
  readonly body: Buffer;
}

/** Calls GetUser of a server that answers so, and returns what was sent to it. */
async function call(
  Client: (typeof CODECS)[number]["Client"],
  answer: { status: number; contentType: string; body: string | Uint8Array },
): Promise<{ sent: Sent[]; result: Promise<GetUserResponse> }> {
  const sent: Sent[] = [];
  server = await startServer((message, response) => {
    void buffer(message).then((body) => {
      sent.push({ message, body });
      response.writeHead(answer.status, { "content-type": answer.contentType }).end(answer.body);
    });
  });
  const transport = createTransport({ baseUrl: server.url, target: "user" });
  const result = new Client(transport).GetUser(REQUEST).finally(() => transport.close());
  await result.catch(() => undefined);
  return { sent, result };
}

describe.each(CODECS)("the $name client", ({ name, contentType, Client }) => {
  const response = GetUserResponse.create({ user: { id: "ada" } });
  const body = name === "JSON" ? GetUserResponse.toJsonString(response) : GetUserResponse.toBinary(response);

  it("URLs and Requests: posts to prefix, package, service and method, with the Content-Type of its codec", async () => {
    const { sent } = await call(Client, { status: 200, contentType, body });
    expect(sent).toHaveLength(1);
    const [first] = sent;
    expect(first?.message.method).toBe("POST");
    expect(first?.message.url).toBe("/twirp/mcsv.v1.UserService/GetUser");
    expect(first?.message.headers["content-type"]).toBe(contentType);
    const bytes = first?.body ?? Buffer.alloc(0);
    const read = name === "JSON" ? GetUserRequest.fromJsonString(bytes.toString()) : GetUserRequest.fromBinary(bytes);
    expect(read).toEqual(REQUEST);
  });

  it("Responses: decodes what came in its codec, and takes no other", async () => {
    const { result } = await call(Client, { status: 200, contentType, body });
    expect((await result).user?.id).toBe("ada");
    await server?.close();
    const other = contentType === "application/json" ? "application/protobuf" : "application/json";
    const { result: refused } = await call(Client, { status: 200, contentType: other, body });
    await expect(refused).rejects.toMatchObject({ code: "internal" });
  });

  it.each(ERROR_CODES)("Error Codes: reads %s with its message and meta from JSON", async (code, status) => {
    const error = { code, msg: "it is so", meta: { fact: "true" } };
    const { result } = await call(Client, { status, contentType: "application/json", body: JSON.stringify(error) });
    await expect(result).rejects.toMatchObject(error);
  });
});
