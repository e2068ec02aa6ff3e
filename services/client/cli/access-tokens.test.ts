import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createUserAuthorizations, type TokenIssuer } from "./access-tokens";

/** An issuer whose tokens are numbered, and live for five minutes. */
function numbered(): TokenIssuer & { asked: string[]; fails: boolean } {
  const asked: string[] = [];
  return {
    asked,
    fails: false,
    CreateAccessToken({ userId }) {
      asked.push(userId);
      if (this.fails) return Promise.reject(new Error("not now"));
      return Promise.resolve({ token: `${userId}-${asked.length}`, expiresAt: new Date(Date.now() + 300_000) });
    },
  };
}

describe("createUserAuthorizations", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("asks once for each user, however many calls are made at once", async () => {
    const issuer = numbered();
    const authorizations = createUserAuthorizations(issuer);
    const headers = await Promise.all(["ada", "grace", "ada", "ada"].map((user) => authorizations.of(user)));
    expect(headers).toEqual(["Bearer ada-1", "Bearer grace-2", "Bearer ada-1", "Bearer ada-1"]);
    expect(await authorizations.of("grace")).toBe("Bearer grace-2");
  });

  it("asks again when four fifths of a token's life are over", async () => {
    const authorizations = createUserAuthorizations(numbered());
    await authorizations.of("ada");
    vi.setSystemTime(Date.now() + 239_000);
    expect(await authorizations.of("ada")).toBe("Bearer ada-1");
    vi.setSystemTime(Date.now() + 2_000);
    expect(await authorizations.of("ada")).toBe("Bearer ada-2");
  });

  it("asks again after it was given none", async () => {
    const issuer = numbered();
    const authorizations = createUserAuthorizations(issuer);
    issuer.fails = true;
    await expect(authorizations.of("ada")).rejects.toThrow("not now");
    issuer.fails = false;
    expect(await authorizations.of("ada")).toBe("Bearer ada-2");
  });
});
