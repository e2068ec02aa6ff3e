import { afterEach, describe, expect, it } from "vitest";
import { UserServiceClientProtobuf } from "../../../../gen/twirp/mcsv/v1/user.twirp";
import { recordMetrics } from "../../../../tests/support/record-metrics";
import { createTransport } from "../client/create-transport";
import { notFound } from "../errors";
import { sendJson } from "../testing/send";
import { type RunningHost, startHost } from "../testing/start-host";

const GET_USER = "mcsv.v1.UserService/GetUser";

describe("a call that has ended", () => {
  const metrics = recordMetrics();
  let host: RunningHost;

  afterEach(() => host.close());

  async function start(getUser: () => Promise<object>): Promise<void> {
    host = await startHost(
      { GetUser: async () => ({ user: undefined, ...(await getUser()) }) },
      { meter: metrics.meter },
    );
  }

  const countOf = async (name: string, code: string) =>
    (await metrics.points(name)).find(
      ({ attributes }) => attributes["rpc.status_code"] === code || Object.values(attributes).includes(code),
    );

  it("has one line with code, duration, sizes, method and caller", async () => {
    await start(() => Promise.resolve({}));
    const { body } = await sendJson(host.port, GET_USER, { id: "1" });
    expect(host.accessLog).toEqual([
      expect.objectContaining({
        level: "info",
        rpc_method: GET_USER,
        code: "ok",
        caller: "test service",
        request_bytes: 10,
        response_bytes: body.length,
        duration_ms: expect.any(Number),
      }),
    ]);
  });

  it("has one line with code and message when it fails, and one for what is no method", async () => {
    await start(() => Promise.reject(notFound("there is no such user")));
    await sendJson(host.port, GET_USER, {});
    await sendJson(host.port, "mcsv.v1.UserService/GetMoon", {});
    expect(host.accessLog).toEqual([
      expect.objectContaining({ code: "not_found", error_message: "there is no such user" }),
      expect.objectContaining({ code: "bad_route" }),
    ]);
  });

  it("counts by method and code, at the server and at the client", async () => {
    await start(() => Promise.reject(notFound("there is no such user")));
    const transport = createTransport({ baseUrl: host.url, target: "user", meter: metrics.meter });
    const client = new UserServiceClientProtobuf(transport);
    await expect(client.GetUser({ key: { oneofKind: "id", id: "1" } })).rejects.toMatchObject({ code: "not_found" });
    transport.close();

    for (const name of ["rpc.server.call.duration", "rpc.client.call.duration"]) {
      const point = await countOf(name, "not_found");
      expect(point?.attributes).toMatchObject({ "rpc.method": GET_USER, "error.type": "not_found" });
      expect(point?.value).toMatchObject({ count: expect.any(Number), sum: expect.any(Number) });
    }
  });
});
