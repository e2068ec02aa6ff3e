import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageFormat } from "../../gen/twirp/mcsv/v1/image";
import { ListConversionsRequest, type User } from "../../gen/twirp/mcsv/v1/user";
import { PNG } from "./testing/images";
import { startUserService, type TestUserService } from "./testing/start-user-service";

const FOREIGN = { code: "permission_denied", msg: "user_id must be the caller's own", meta: { argument: "user_id" } };

describe("a user", () => {
  let service: TestUserService;
  let ada: User;
  let bob: User;
  beforeAll(async () => {
    service = await startUserService({ withoutRelays: true });
    [ada, bob] = await Promise.all([newUser(), newUser()]);
  });
  afterAll(() => service.stop());

  const newUser = async (): Promise<User> => {
    const id = randomUUID();
    const { user } = await service.application.CreateUser({
      idempotencyKey: id,
      email: `${id}@example.com`,
      name: "A",
    });
    return user ?? expect.unreachable("no user");
  };
  const order = (userId = "") => ({
    idempotencyKey: randomUUID(),
    userId,
    fileName: "a.png",
    source: { oneofKind: "image" as const, image: PNG },
  });
  const convertAs = async (user: User) => {
    const { conversion } = await service.as(user.id).ConvertImage(order());
    return conversion ?? expect.unreachable("no conversion");
  };

  it("owns what it orders, without saying who it is", async () => {
    const conversion = await convertAs(ada);
    expect(conversion.userId).toBe(ada.id);
    const { conversions } = await service.as(ada.id).ListConversions(ListConversionsRequest.create());
    expect(conversions.map(({ id }) => id)).toContain(conversion.id);
  });

  it("may say who it is, in either case", async () => {
    const { conversion } = await service.as(ada.id).ConvertImage(order(ada.id.toUpperCase()));
    expect(conversion?.userId).toBe(ada.id);
    const upload = { idempotencyKey: randomUUID(), userId: ada.id, format: ImageFormat.PNG, sizeBytes: 1n };
    await expect(service.as(ada.id).CreateUpload(upload)).resolves.toMatchObject({ upload: {} });
    await expect(
      service.as(ada.id).ListConversions(ListConversionsRequest.create({ userId: ada.id })),
    ).resolves.toMatchObject({ nextPageToken: "" });
  });

  it("orders and lists nothing in the name of another", async () => {
    const asBob = service.as(bob.id);
    await expect(asBob.ConvertImage(order(ada.id))).rejects.toMatchObject(FOREIGN);
    const upload = { idempotencyKey: randomUUID(), userId: ada.id, format: ImageFormat.PNG, sizeBytes: 1n };
    await expect(asBob.CreateUpload(upload)).rejects.toMatchObject(FOREIGN);
    await expect(asBob.ListConversions(ListConversionsRequest.create({ userId: ada.id }))).rejects.toMatchObject(
      FOREIGN,
    );
  });

  it("gets the same answer for another's conversion as for one that does not exist", async () => {
    const { id } = await convertAs(ada);
    await expect(service.as(ada.id).GetConversion({ conversionId: id })).resolves.toMatchObject({ conversion: { id } });
    const answers = await Promise.all(
      [id, randomUUID()].map((conversionId) =>
        service
          .as(bob.id)
          .GetConversion({ conversionId })
          .catch(({ code, msg, meta }: Record<string, unknown>) => ({ code, msg, meta })),
      ),
    );
    expect(answers[0]).toEqual({ code: "not_found", msg: "no such conversion", meta: {} });
    expect(answers[1]).toEqual(answers[0]);
    const { conversions } = await service.as(bob.id).ListConversions(ListConversionsRequest.create());
    expect(conversions).toEqual([]);
  });

  it("finds itself by id and by address, and nobody else by either", async () => {
    const asBob = service.as(bob.id);
    const byId = (id: string) => asBob.GetUser({ key: { oneofKind: "id", id } });
    const byEmail = (email: string) => asBob.GetUser({ key: { oneofKind: "email", email } });
    expect((await byId(bob.id)).user).toEqual(bob);
    expect((await byEmail(bob.email.toUpperCase())).user).toEqual(bob);
    const others = [
      () => byId(ada.id),
      () => byEmail(ada.email),
      () => byId(randomUUID()),
      () => byEmail("nobody@example.com"),
    ];
    for (const call of others) {
      await expect(call()).rejects.toMatchObject({ code: "not_found", msg: "no such user" });
    }
    const byApplication = await service.application.GetUser({ key: { oneofKind: "id", id: ada.id } });
    expect(byApplication.user).toEqual(ada);
  });

  it("is who its token says, as CreateAccessToken gave it to an application", async () => {
    const { token } = await service.application.CreateAccessToken({ userId: ada.id });
    const answer = await fetch(`${service.url}/twirp/mcsv.v1.UserService/GetUser`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ id: ada.id }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { user: { id: ada.id } }]);
  });
});

describe("a caller from outside that is too fast", () => {
  it("is told when to come back, while others are served", async () => {
    const limits = { application: { perSecond: 1_000, burst: 0 }, user: { perSecond: 1, burst: 1 } };
    const service = await startUserService({ withoutRelays: true, limits });
    const list = async (userId: string) =>
      fetch(`${service.url}/twirp/mcsv.v1.UserService/GetUser`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${await service.auth.userToken(userId)}`,
        },
        body: JSON.stringify({ id: userId }),
      });
    const fast = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => list(fast)));
    const refused = answers.filter(({ status }) => status === 429);
    // Two, and one more for every further second that a busy machine needs for all.
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused.map(({ headers }) => headers.get("retry-after"))).toEqual(refused.map(() => "1"));
    expect(await refused[0]?.json()).toMatchObject({
      code: "resource_exhausted",
      meta: { retry_after_ms: expect.stringMatching(/^\d+$/) },
    });
    expect((await list(randomUUID())).status).toBe(404);
    await service.stop();
  });
});
