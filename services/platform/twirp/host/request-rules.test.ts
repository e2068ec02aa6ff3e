import { afterEach, expect, it } from "vitest";
import { UserService } from "../../../../gen/twirp/mcsv/v1/user";
import { invalidArgument } from "../errors";
import { GET_USER, getUserBytes, sendJson, sendProtobuf } from "../testing/send";
import { type RunningHost, startHost } from "../testing/start-host";
import type { RequestRules } from "./routes";

let host: RunningHost;
afterEach(() => host.close());

/** A host of an implementation that answers the id that it is given, with rules for every method. */
async function start(rules: RequestRules): Promise<void> {
  const requests = new Map(UserService.methods.map(({ name }) => [`${UserService.typeName}/${name}`, rules]));
  host = await startHost(
    { GetUser: (_, { key }) => Promise.resolve({ user: { ...USER, id: key.oneofKind === "id" ? key.id : "" } }) },
    { requests },
  );
}

const USER = { id: "", email: "", name: "", welcomeJobId: "" };
const decoded = { key: { oneofKind: "id", id: "decoded by the rules" } };

it("decode JSON, while protobuf is decoded by the generated code; both are checked", async () => {
  const checked: unknown[] = [];
  await start({ decodeJson: () => decoded, check: (request) => checked.push(request) });
  const json = await sendJson(host.port, GET_USER, { id: "sent" });
  expect(json.json()).toMatchObject({ user: { id: "decoded by the rules" } });
  const binary = await sendProtobuf(host.port, GET_USER, getUserBytes("sent"));
  expect(binary.status).toBe(200);
  expect(checked).toEqual([decoded, { key: { oneofKind: "id", id: "sent" } }]);
});

it("refuse a request before the implementation sees it, in both encodings", async () => {
  const refuse = () => {
    throw invalidArgument("id", "must be a UUID");
  };
  const answer = { code: "invalid_argument", msg: "id must be a UUID", meta: { argument: "id" } };
  await start({ decodeJson: () => decoded, check: refuse });
  expect((await sendJson(host.port, GET_USER, {})).json()).toEqual(answer);
  expect((await sendProtobuf(host.port, GET_USER, getUserBytes("7"))).json()).toEqual(answer);
  await host.close();
  await start({ decodeJson: refuse, check: () => undefined });
  expect((await sendJson(host.port, GET_USER, {})).json()).toEqual(answer);
});
