import { afterEach, describe, expect, it } from "vitest";
import { recordMetrics } from "../../../../tests/support/record-metrics";
import { noteSubject } from "../../http/request-context";
import { notFound } from "../errors";
import { GET_USER, sendJson } from "../testing/send";
import { type PartialUserService, type RunningHost, startHost } from "../testing/start-host";

describe("a call that has ended", () => {
  let host: RunningHost;

  afterEach(() => host.close());

  const start = async (GetUser: NonNullable<PartialUserService["GetUser"]>, settings = {}) => {
    host = await startHost({ GetUser }, settings);
  };
  const refusing = () => Promise.reject(notFound("there is no such user"));

  it("has one line with code, duration, sizes, method and caller", async () => {
    await start(() => Promise.resolve({}));
    const { body } = await sendJson(host.port, GET_USER, { id: "1" });
    expect(host.accessLog).toEqual([
      expect.objectContaining({
        level: "info",
        rpc_method: "mcsv.v1.UserService/GetUser",
        code: "ok",
        caller: "test service",
        request_bytes: 10,
        response_bytes: body.length,
        duration_ms: expect.any(Number),
      }),
    ]);
  });

  it("names in its line, and in those before it, what it was about", async () => {
    await start(({ logger }) => {
      noteSubject({ userId: "u-1", jobId: "j-1" });
      noteSubject({ conversionId: "c-1" });
      logger.info("half way");
      return refusing();
    });
    await sendJson(host.port, GET_USER, {});
    const subject = { user_id: "u-1", job_id: "j-1", conversion_id: "c-1" };
    expect([...host.log, ...host.accessLog]).toMatchObject([
      { message: "half way", ...subject },
      { message: "call", ...subject },
    ]);
  });

  it("has one line with code and message when it fails, also when there is no such method", async () => {
    await start(refusing);
    await sendJson(host.port, GET_USER, {});
    await sendJson(host.port, "/twirp/mcsv.v1.UserService/GetMoon", {});
    expect(host.accessLog).toEqual([
      expect.objectContaining({ code: "not_found", error_message: "there is no such user" }),
      expect.objectContaining({ code: "bad_route" }),
    ]);
  });

  it("is measured by method and code", async () => {
    const metrics = recordMetrics();
    await start(refusing, { meter: metrics.meter });
    await sendJson(host.port, GET_USER, {});
    await sendJson(host.port, GET_USER, {});
    await sendJson(host.port, "/twirp/mcsv.v1.UserService/GetMoon", {});
    expect(await metrics.points("rpc.server.call.duration")).toEqual([
      {
        attributes: expect.objectContaining({
          "rpc.method": "mcsv.v1.UserService/GetUser",
          "error.type": "not_found",
        }),
        value: { count: 2, sum: expect.any(Number) },
      },
      {
        attributes: expect.objectContaining({ "rpc.method": "_OTHER", "error.type": "bad_route" }),
        value: { count: 1, sum: expect.any(Number) },
      },
    ]);
  });
});
