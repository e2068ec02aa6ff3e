import { TwirpError, type TwirpErrorCode } from "twirp-ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GetUserResponse, User } from "../../../gen/twirp/mcsv/v1/user";
import { GET_USER, getUserBytes, type Reply, type Sending, send } from "../../../services/platform/twirp/testing/send";
import { type RunningHost, startHost } from "../../../services/platform/twirp/testing/start-host";
import { ERROR_CODES } from "./error-codes";

/** What the specification says of an answer. */
interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** Twirp error code; undefined for a response. */
  readonly code?: string;
}

const JSON_TYPE = "application/json";
const PROTOBUF = "application/protobuf";
const json = { headers: { "content-type": JSON_TYPE }, body: '{"id":"ada"}' };
const protobuf = { headers: { "content-type": PROTOBUF }, body: getUserBytes("ada") };
const inJson = { status: 200, contentType: JSON_TYPE };
const inProtobuf = { status: 200, contentType: PROTOBUF };
const error = (code: string, status: number): Answer => ({ status, contentType: JSON_TYPE, code });
const badRoute = error("bad_route", 404);

/** Twirp v7 from top to bottom: section, what it asks of a server, a request, the answer. */
const TABLE: readonly (readonly [section: string, rule: string, path: string, request: Sending, answer: Answer])[] = [
  ["URLs", "prefix, package, service and method name an RPC", GET_USER, json, inJson],
  ["URLs", "a method that does not exist is not routable", `${GET_USER}s`, json, badRoute],
  ["URLs", "a service that does not exist is not routable", "/twirp/mcsv.v1.Nobody/GetUser", json, badRoute],
  ["URLs", "the package is part of the name", "/twirp/UserService/GetUser", json, badRoute],
  ["URLs", "names are told apart by case", GET_USER.toLowerCase(), json, badRoute],
  ["Requests", "POST is the only method", GET_USER, { ...json, method: "GET" }, badRoute],
  ["Requests", "Content-Type decides how the body is parsed: JSON", GET_USER, json, inJson],
  ["Requests", "Content-Type decides how the body is parsed: protobuf", GET_USER, protobuf, inProtobuf],
  [
    "Requests",
    "no other Content-Type exists",
    GET_USER,
    { ...json, headers: { "content-type": "text/plain" } },
    badRoute,
  ],
  [
    "Requests",
    "a body in the other encoding cannot be decoded",
    GET_USER,
    { ...json, headers: protobuf.headers },
    error("malformed", 400),
  ],
  ["Requests", "a body that is no JSON cannot be decoded", GET_USER, { ...json, body: "{" }, error("malformed", 400)],
  ["Requests", "a message may have no bytes in protobuf", GET_USER, { ...protobuf, body: "" }, inProtobuf],
  [
    "Responses",
    "a JSON request is answered in JSON, whatever it accepts",
    GET_USER,
    { ...json, headers: { ...json.headers, accept: PROTOBUF } },
    inJson,
  ],
  ["Responses", "a protobuf request is answered in protobuf", GET_USER, protobuf, inProtobuf],
  [
    "Errors",
    "are JSON for a protobuf request, too",
    GET_USER,
    { ...protobuf, body: getUserBytes("not_found") },
    error("not_found", 404),
  ],
  ...ERROR_CODES.map(([code, status]) => {
    const request = { ...json, body: JSON.stringify({ id: code }) };
    return ["Error Codes", `${code} is HTTP ${status}`, GET_USER, request, error(code, status)] as const;
  }),
  [
    "Differences with v5",
    "resource_exhausted is 429, no longer 403",
    GET_USER,
    { ...json, body: '{"id":"resource_exhausted"}' },
    error("resource_exhausted", 429),
  ],
];

let host: RunningHost;

beforeAll(async () => {
  host = await startHost({
    GetUser: (_ctx, { key }) => {
      const id = key.oneofKind === "id" ? key.id : "";
      if (ERROR_CODES.some(([code]) => code === id)) {
        throw new TwirpError(id as TwirpErrorCode, "it is so").withMeta("fact", "true");
      }
      return Promise.resolve({ user: User.create({ id }) });
    },
  });
});

afterAll(() => host.close());

it.each(TABLE)("%s: %s", async (_section, _rule, path, request, answer) => {
  const reply = await send(host.port, path, request);
  expect({ status: reply.status, contentType: reply.headers["content-type"] }).toEqual({
    status: answer.status,
    contentType: answer.contentType,
  });
  if (answer.code !== undefined) {
    const { code, msg, meta = {}, ...others } = reply.json();
    expect({ code, others }).toEqual({ code: answer.code, others: {} });
    expect(typeof msg).toBe("string");
    expect(Object.values(meta as object).every((value) => typeof value === "string")).toBe(true);
  } else {
    expect(decode(reply, answer.contentType).user).toBeDefined();
  }
});

function decode(reply: Reply, contentType: string): GetUserResponse {
  return contentType === PROTOBUF
    ? GetUserResponse.fromBinary(reply.body)
    : GetUserResponse.fromJsonString(reply.body.toString());
}
