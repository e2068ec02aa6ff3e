import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { GetUserRequest } from "../../../../gen/twirp/mcsv/v1/user";

/** A response, read to its end. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON. */
  json(): { readonly [key: string]: unknown };
}

/** A request as a test writes it down. */
export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

/** Path of the method that most tests call. */
export const GET_USER = "/twirp/mcsv.v1.UserService/GetUser";

/** Sends one HTTP request with exactly these headers, on a connection of its own. */
export function send(port: number, path: string, sending: Sending = {}): Promise<Reply> {
  const { method = "POST", headers = {}, body, signal } = sending;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? 0 : Buffer.byteLength(body);
    const request = httpRequest({
      host: "127.0.0.1",
      port,
      path,
      method,
      agent: false,
      headers: { "content-length": length, ...headers },
      ...(signal === undefined ? {} : { signal }),
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const json = () => JSON.parse(bytes.toString()) as Record<string, unknown>;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, json });
      });
    });
    request.end(body);
  });
}

/** Sends a JSON call. */
export function sendJson(
  port: number,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return send(port, path, { headers: { "content-type": "application/json", ...headers }, body: text });
}

/** Sends a protobuf call. */
export function sendProtobuf(
  port: number,
  path: string,
  body: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return send(port, path, { headers: { "content-type": "application/protobuf", ...headers }, body });
}

/** A GetUserRequest by id, in protobuf. */
export function getUserBytes(id: string): Uint8Array {
  return GetUserRequest.toBinary({ key: { oneofKind: "id", id } });
}
