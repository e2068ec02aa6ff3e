import { afterEach, describe, expect, it, vi } from "vitest";
import { UserServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/user.twirp";
import { createTransport } from "./client/create-transport";
import { contentDigest, isIntact } from "./content-digest";
import { GET_USER, getUserBytes, sendProtobuf } from "./testing/send";
import { startHost } from "./testing/start-host";
import { startServer } from "./testing/start-server";

let cleanup: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(cleanup.map((close) => close()));
  cleanup = [];
});

describe("Content-Digest", () => {
  it("is the SHA-256 of the body, as RFC 9530's example has it", () => {
    expect(contentDigest('{"hello": "world"}\n')).toBe("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
  });

  it("tells a body that was changed from one that was not", () => {
    const body = Buffer.from("whole");
    expect(isIntact(contentDigest(body), body)).toBe(true);
    expect(isIntact(contentDigest(body), Buffer.from("whale"))).toBe(false);
    expect(isIntact(`sha-512=:AAAA:, ${contentDigest(body)}`, Buffer.from("whale"))).toBe(false);
  });

  it("says nothing of a body without a hash of a kind that it knows", () => {
    expect(isIntact(undefined, Buffer.from("any"))).toBe(true);
    expect(isIntact("sha-512=:AAAA:", Buffer.from("any"))).toBe(true);
  });

  it("keeps a request that was changed on its way from the implementation", async () => {
    const implementation = vi.fn(() => Promise.resolve({}));
    const host = await startHost({ GetUser: implementation });
    cleanup.push(() => host.close());
    const headers = { "content-digest": contentDigest(getUserBytes("1")) };
    expect((await sendProtobuf(host.port, GET_USER, getUserBytes("1"), headers)).status).toBe(200);
    const refused = await sendProtobuf(host.port, GET_USER, getUserBytes("3"), headers);
    expect(refused.json()).toMatchObject({ code: "unavailable" });
    expect(implementation).toHaveBeenCalledTimes(1);
  });

  it("goes with every answer, errors too", async () => {
    const host = await startHost({});
    cleanup.push(() => host.close());
    const { headers, body } = await sendProtobuf(host.port, GET_USER, getUserBytes("1"));
    expect(headers["content-digest"]).toBe(contentDigest(body));
  });

  it("makes the client ask again when an answer was changed on its way", async () => {
    let asked = 0;
    const digests: unknown[] = [];
    const server = await startServer((request, response) => {
      digests.push(request.headers["content-digest"]);
      asked += 1;
      const body = asked === 1 ? Buffer.from("changed") : Buffer.alloc(0);
      const headers = { "content-type": "application/protobuf", "content-digest": contentDigest(Buffer.alloc(0)) };
      request.resume().on("end", () => response.writeHead(200, headers).end(body));
    });
    const transport = createTransport({ baseUrl: server.url, target: "user", retryDelay: { initialMs: 1 } });
    cleanup.push(
      () => transport.close(),
      () => server.close(),
    );
    const call = (idempotent: boolean) =>
      new UserServiceClientProtobuf(transport.with({ idempotent })).GetUser({ key: { oneofKind: "id", id: "1" } });
    await expect(call(true)).resolves.toEqual({});
    expect(digests).toEqual([contentDigest(getUserBytes("1")), contentDigest(getUserBytes("1"))]);
    asked = 0;
    await expect(call(false)).rejects.toMatchObject({
      code: "unavailable",
      msg: "answer of user was changed on its way",
    });
  });
});
