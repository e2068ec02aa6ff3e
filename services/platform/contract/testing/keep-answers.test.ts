import { expect, it } from "vitest";
import { GetUserResponse, UserService } from "../../../../gen/twirp/mcsv/v1/user";
import type { CallContext } from "../../twirp/call-context";
import { alreadyExists, notFound } from "../../twirp/errors";
import { keepAnswers } from "./keep-answers";

const ID = "6f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10";
const interceptor = keepAnswers(UserService);
const context = { serviceName: "UserService", methodName: "GetUser" } as CallContext;
const call = (implementation: () => Promise<unknown>) => interceptor(context, {}, implementation);
const user = { id: ID, email: "ada@example.com", name: "Ada", welcomeJobId: ID, createdAt: { seconds: 1n, nanos: 0 } };

it("lets pass what the spec admits", async () => {
  const answer = GetUserResponse.create({ user });
  expect(await call(() => Promise.resolve(answer))).toBe(answer);
  await expect(call(() => Promise.reject(notFound("no such user")))).rejects.toMatchObject({ code: "not_found" });
});

it("tells of an answer that its schema does not admit", async () => {
  const { createdAt: _, ...withoutTime } = user;
  for (const [wrong, path] of [
    [{ ...user, id: "7" }, "/user/id"],
    [withoutTime, "/user/created_at"],
  ] as const) {
    const answer = GetUserResponse.create({ user: wrong });
    await expect(call(() => Promise.resolve(answer))).rejects.toMatchObject({
      code: "internal",
      msg: expect.stringContaining(`UserService/GetUser answered what its schema does not admit: ${path} `),
    });
  }
});

it("tells of an error that the operation does not name", async () => {
  await expect(call(() => Promise.reject(alreadyExists("email", "is taken")))).rejects.toMatchObject({
    code: "internal",
    msg: "UserService/GetUser answered already_exists, which its spec does not name",
  });
});
