import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { IMessageType, JsonValue } from "@protobuf-ts/runtime";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";

/** A server that speaks one of Twirp's codecs to its callers and the other one to the service behind it. */
export interface Transcoder {
  readonly url: string;
  close(): Promise<void>;
}

/** What is between whom. */
export interface TranscoderOptions {
  /** Base URL of what is behind it. */
  readonly target: string;
  /** Services whose methods are called. */
  readonly services: readonly ServiceInfo[];
  /** The codec that the target is spoken to in; callers use the other one. */
  readonly targetCodec: "json" | "protobuf";
}

interface Codec {
  readonly contentType: string;
  decode(type: IMessageType<object>, body: Buffer): object;
  encode(type: IMessageType<object>, message: object): Buffer;
}

// Strict: a field that the proto does not have is an error, not something to drop.
const json: Codec = {
  contentType: "application/json",
  decode: (type, body) => type.fromJson(JSON.parse(body.toString("utf8")) as JsonValue),
  encode: (type, message) => Buffer.from(type.toJsonString(message, { useProtoFieldName: true })),
};
const protobuf: Codec = {
  contentType: "application/protobuf",
  decode: (type, body) => type.fromBinary(body, { readUnknownField: "throw" }),
  encode: (type, message) => Buffer.from(type.toBinary(message)),
};

/**
 * Starts one on a free port. Pact matches the fields of JSON and only whole bodies of anything else; so it is JSON that
 * Pact sees, while the services on either side speak protobuf as they do to each other. Errors are JSON in both codecs
 * (Twirp v7, "Errors") and pass as they are.
 */
export async function startTranscoder({ target, services, targetCodec }: TranscoderOptions): Promise<Transcoder> {
  const [outside, inside] = targetCodec === "json" ? [protobuf, json] : [json, protobuf];
  const answer = async (request: IncomingMessage): Promise<{ status: number; contentType: string; body: Buffer }> => {
    const { url = "", headers } = request;
    if (headers["content-type"] !== outside.contentType) {
      throw new Error(`${url} was called with content type ${headers["content-type"]}, not ${outside.contentType}`);
    }
    const method = methodAt(services, url);
    const asked = outside.decode(method.I, await buffer(request));
    const response = await fetch(`${target}${url}`, {
      method: request.method ?? "POST",
      headers: { "content-type": inside.contentType, authorization: headers.authorization ?? "" },
      body: Buffer.from(inside.encode(method.I, asked)),
    });
    const contentType = response.headers.get("content-type") ?? "";
    const body = Buffer.from(await response.arrayBuffer());
    if (!response.ok) {
      return { status: response.status, contentType, body };
    }
    if (contentType !== inside.contentType) {
      throw new Error(`${url} was answered with content type ${contentType}, not ${inside.contentType}`);
    }
    return {
      status: 200,
      contentType: outside.contentType,
      body: outside.encode(method.O, inside.decode(method.O, body)),
    };
  };

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, contentType, body }) => response.writeHead(status, { "content-type": contentType }).end(body),
      // No Twirp error: whoever called fails with what went wrong in the text.
      (error: unknown) => response.writeHead(500, { "content-type": "text/plain" }).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function methodAt(
  services: readonly ServiceInfo[],
  path: string,
): { I: IMessageType<object>; O: IMessageType<object> } {
  for (const { typeName, methods } of services) {
    const method = methods.find(({ name }) => path === `/twirp/${typeName}/${name}`);
    if (method !== undefined) return method;
  }
  throw new Error(`${path} is no method of ${services.map(({ typeName }) => typeName).join(", ")}`);
}
