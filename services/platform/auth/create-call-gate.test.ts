import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UserService } from "../../../gen/twirp/mcsv/v1/user";
import { resourceExhausted } from "../twirp/errors";
import { GET_USER, send, sendJson } from "../twirp/testing/send";
import { type HostSettings, type PartialUserService, type RunningHost, startHost } from "../twirp/testing/start-host";
import type { Authenticator } from "./authenticator";
import type { Caller } from "./caller";
import type { CallerRole } from "./caller-role";
import { type CallGateOptions, createCallGate } from "./create-call-gate";
import { CredentialError } from "./credential-error";

const USER_ID = "6f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10";
const CALLERS: Readonly<Record<string, Caller>> = {
  application: { role: "application", name: "web" },
  user: { role: "user", userId: USER_ID },
  job: { role: "service", name: "job" },
  email: { role: "service", name: "email" },
};

/** Knows callers by the words of CALLERS. */
const authenticator: Authenticator = {
  authenticate: (word = "") => {
    const caller = CALLERS[word];
    return caller === undefined ? Promise.reject(new CredentialError(`"${word}" is expired`)) : Promise.resolve(caller);
  },
};

/** The methods of the user service, all with the same callers. */
function operationsOf(callers: readonly CallerRole[]): CallGateOptions["operations"] {
  return new Map(UserService.methods.map(({ name }) => [`${UserService.typeName}/${name}`, { callers }]));
}

let host: RunningHost;
afterEach(() => host.close());

const seen = vi.fn<(caller: Caller) => void>();
const service: PartialUserService = {
  GetUser: ({ caller, logger }) => {
    seen(caller);
    logger.info("asked");
    return Promise.resolve({});
  },
};

async function start(gate: Partial<CallGateOptions>, settings: HostSettings = {}): Promise<void> {
  seen.mockClear();
  const operations = operationsOf(["application", "user"]);
  host = await startHost(service, { gate: createCallGate({ operations, authenticator, ...gate }), ...settings });
}

const call = (authorization?: string) =>
  sendJson(host.port, GET_USER, {}, authorization === undefined ? {} : { authorization });

describe("a caller that the contract names", () => {
  it.each([
    ["application", "application web"],
    ["user", `user ${USER_ID}`],
  ])("reaches the implementation, which knows who it is, as do the log lines: %s", async (word, description) => {
    await start({});
    expect((await call(word)).status).toBe(200);
    expect(seen).toHaveBeenCalledExactlyOnceWith(CALLERS[word]);
    expect(host.log).toContainEqual(expect.objectContaining({ message: "asked", caller: description }));
  });
});

describe("a caller that the contract does not name", () => {
  it.each(["job", "email"])("is refused with permission_denied and nothing else: %s", async (word) => {
    await start({});
    const reply = await call(word);
    expect([reply.status, reply.json()]).toEqual([
      403,
      { code: "permission_denied", msg: "this caller may not call this method" },
    ]);
    expect(seen).not.toHaveBeenCalled();
  });
});

describe("a caller without a valid credential", () => {
  it.each([undefined, "", "forged"])(
    "is refused without a word of why, and told how to authenticate: %j",
    async (word) => {
      await start({});
      const reply = await call(word);
      expect([reply.status, reply.json()]).toEqual([
        401,
        { code: "unauthenticated", msg: "a valid credential is needed" },
      ]);
      expect(reply.headers["www-authenticate"]).toBe("Bearer");
      expect(JSON.stringify(reply.headers)).not.toContain("expired");
      expect(seen).not.toHaveBeenCalled();
    },
  );

  it("leaves the reason in the debug log", async () => {
    await start({});
    await call("forged");
    expect(host.log).toContainEqual(
      expect.objectContaining({
        level: "debug",
        error_code: "unauthenticated",
        error: expect.objectContaining({ message: '"forged" is expired' }),
      }),
    );
  });

  it("is refused before its body is read, which need not even come", async () => {
    await start({});
    for (const length of ["content-length: 1000000", "transfer-encoding: chunked"]) {
      const socket = connect(host.port, "127.0.0.1");
      socket.write(`POST ${GET_USER} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${length}\r\n\r\n`);
      const answer = await new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(String(chunk))));
      socket.destroy();
      expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    }
  });

  it("is refused for its credential, whatever its body would have been refused for", async () => {
    await start({});
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    expect((await send(host.port, GET_USER, { headers, body: "x".repeat(2 * 1024 * 1024) })).status).toBe(401);
  });

  it("is nothing that hooks get to see", async () => {
    const hook = vi.fn();
    await start({}, { prepare: (server) => server.use({ requestReceived: hook, error: hook, responseSent: hook }) });
    await call("forged");
    await call("job");
    expect(hook).not.toHaveBeenCalled();
    await call("user");
    await vi.waitFor(() => expect(hook).toHaveBeenCalledTimes(2));
  });
});

describe("the gate", () => {
  it("refuses a caller that is too fast, and says when to come back", async () => {
    const take = () => Promise.reject(resourceExhausted("too many calls; try again later", { retry_after_ms: "1001" }));
    await start({ limiter: { take } });
    const reply = await call("user");
    expect([reply.status, reply.headers["retry-after"], reply.json()]).toEqual([
      429,
      "2",
      { code: "resource_exhausted", msg: "too many calls; try again later", meta: { retry_after_ms: "1001" } },
    ]);
    expect((await call("job")).status).toBe(403);
    expect(seen).not.toHaveBeenCalled();
  });

  it("answers internal, and lets nobody in, when who calls cannot be found out", async () => {
    const broken = { authenticate: () => Promise.reject(new Error("the disk is gone")) };
    await start({ authenticator: broken });
    const reply = await call("application");
    expect([reply.status, reply.json()]).toMatchObject([500, { code: "internal", msg: "internal error" }]);
    expect(seen).not.toHaveBeenCalled();
  });

  it("answers unknown methods before it asks who calls", async () => {
    await start({});
    expect((await sendJson(host.port, "/twirp/mcsv.v1.UserService/DropTables", {})).json()).toMatchObject({
      code: "bad_route",
    });
  });

  it("does not open for a method whose callers nobody named", async () => {
    await start({});
    const gate = createCallGate({ operations: operationsOf([]), authenticator });
    await expect(startHost(service, { gate })).rejects.toThrow(/nobody who may call mcsv\.v1\.UserService\/CreateUser/);
    expect(() => createCallGate({ operations: new Map(), authenticator }).entranceTo("a/B")).toThrow("a/B");
  });
});

it("a refused caller that reads the answer only after it has sent everything gets it", async () => {
  await start({});
  const response = await fetch(`${host.url}${GET_USER}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: new Blob(["x".repeat(4 * 1024 * 1024)]).stream(),
    duplex: "half",
  } as RequestInit);
  expect(await response.json()).toMatchObject({ code: "unauthenticated" });
});
