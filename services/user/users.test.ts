import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jobId } from "../platform/ids/deterministic-id";
import { startUserService, type TestUserService } from "./testing/start-user-service";

describe("users", () => {
  let service: TestUserService;
  beforeAll(async () => {
    service = await startUserService();
  });
  afterAll(() => service.stop());

  const newUser = (over: object = {}) => {
    const id = randomUUID();
    return { idempotencyKey: id, email: `${id}@example.com`, name: "Ada Lovelace", ...over };
  };
  const countUsers = async (email: string) => {
    const { rows } = await service.pool.query("SELECT FROM users WHERE lower(email) = lower($1)", [email]);
    return rows.length;
  };
  const mailsTo = (email: string) =>
    service.peer.emails.filter((request) => request.email?.recipient?.address === email);

  it("stores a user, finds it by id and by address in any case, and orders the welcome mail", async () => {
    const asked = newUser({ email: `Ada.${randomUUID()}@Example.COM` });
    const { user } = await service.application.CreateUser(asked);
    expect(user).toMatchObject({ email: asked.email, name: "Ada Lovelace" });
    expect(user?.welcomeJobId).toBe(jobId("email", `welcome:${user?.id}`));
    expect(user?.welcomeDeliveredAt).toBeUndefined();

    const byId = await service.application.GetUser({ key: { oneofKind: "id", id: user?.id.toUpperCase() ?? "" } });
    expect(byId.user).toEqual(user);
    const byEmail = await service.application.GetUser({
      key: { oneofKind: "email", email: asked.email.toLowerCase() },
    });
    expect(byEmail.user).toEqual(user);

    await expect.poll(() => mailsTo(asked.email)).toHaveLength(1);
    expect(mailsTo(asked.email)[0]).toMatchObject({
      idempotencyKey: `welcome:${user?.id}`,
      userId: user?.id,
      email: { recipient: { name: "Ada Lovelace" }, content: { oneofKind: "welcome" } },
    });
  });

  it("answers a repetition as the first call, also after the welcome mail was delivered", async () => {
    const asked = newUser();
    const first = await service.application.CreateUser(asked);
    const { id: userId = "", welcomeJobId = "" } = first.user ?? {};
    const delivery = { messageId: "m", template: 1, recipientAddress: asked.email };
    await service.jobService.NotifyEmailDelivered({
      jobId: welcomeJobId,
      userId,
      outcome: { oneofKind: "delivery", delivery },
    });
    expect(await service.application.CreateUser(asked)).toEqual(first);
    const { user } = await service.application.GetUser({ key: { oneofKind: "id", id: userId } });
    expect(user?.welcomeDeliveredAt).toBeDefined();
  });

  it("refuses the same key with other content, whichever field differs", async () => {
    const asked = newUser();
    await service.application.CreateUser(asked);
    for (const other of [{ name: "Grace" }, { email: `${randomUUID()}@example.com` }]) {
      await expect(service.application.CreateUser({ ...asked, ...other })).rejects.toMatchObject({
        code: "already_exists",
        meta: { argument: "idempotency_key" },
      });
    }
  });

  it("refuses an address in use, in any case, under another key", async () => {
    const asked = newUser();
    await service.application.CreateUser(asked);
    const again = { ...asked, idempotencyKey: randomUUID(), email: asked.email.toUpperCase() };
    await expect(service.application.CreateUser(again)).rejects.toMatchObject({
      code: "already_exists",
      meta: { argument: "email" },
    });
    await expect(service.application.CreateUser(again)).rejects.toMatchObject({ meta: { argument: "email" } });
  });

  it("makes one user and one mail of 20 calls at the same time with the same key", async () => {
    const asked = newUser();
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.application.CreateUser(asked)));
    expect(new Set(answers.map(({ user }) => user?.id)).size).toBe(1);
    expect(answers).toEqual(answers.map(() => answers[0]));
    expect(await countUsers(asked.email)).toBe(1);
    await expect.poll(() => mailsTo(asked.email)).toHaveLength(1);
  });

  it("lets one of 20 calls at the same time have an address, and tells the others that it is taken", async () => {
    const { email } = newUser();
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        service.application.CreateUser(newUser({ email: index % 2 === 0 ? email : email.toUpperCase() })),
      ),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status === "rejected")) {
      expect(answer).toMatchObject({ reason: { code: "already_exists", meta: { argument: "email" } } });
    }
    expect(await countUsers(email)).toBe(1);
  });

  it("stores a name in composed form, so that both spellings of é are one content", async () => {
    const asked = newUser({ name: "Jose\u0301" });
    const { user } = await service.application.CreateUser(asked);
    expect(user?.name).toBe("Jos\u00e9");
    expect(await service.application.CreateUser({ ...asked, name: "Jos\u00e9" })).toEqual({ user });
  });

  it("answers not_found for nobody", async () => {
    for (const key of [
      { oneofKind: "id", id: randomUUID() },
      { oneofKind: "email", email: "nobody@example.com" },
    ] as const) {
      await expect(service.application.GetUser({ key })).rejects.toMatchObject({ code: "not_found" });
    }
  });

  it("gives an application a token of a user, which says who it is and when it expires", async () => {
    const { user } = await service.application.CreateUser(newUser());
    const { token, expiresAt } = await service.application.CreateAccessToken({ userId: user?.id.toUpperCase() ?? "" });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ iss: "user", sub: user?.id, aud: ["user", "job"], role: "user" });
    expect(Number(expiresAt?.seconds)).toBe(claims.exp);
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
  });

  it("gives no token of a user who does not exist", async () => {
    const call = service.application.CreateAccessToken({ userId: randomUUID() });
    await expect(call).rejects.toMatchObject({ code: "not_found", msg: "no such user" });
  });
});
