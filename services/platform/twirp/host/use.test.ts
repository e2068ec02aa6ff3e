import type { ServerHooks } from "twirp-ts";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { CallContext } from "../call-context";
import { permissionDenied } from "../errors";
import { GET_USER, getUserBytes, sendJson, sendProtobuf } from "../testing/send";
import { type PartialUserService, type RunningHost, startHost } from "../testing/start-host";

let host: RunningHost;
afterEach(() => host.close());

const service: PartialUserService = {
  GetUser(ctx, request) {
    const user = {
      id: request.key.oneofKind === "id" ? request.key.id : "",
      name: (ctx as CallContext & { greeting?: string }).greeting ?? "",
      email: `${ctx.packageName} ${ctx.serviceName} ${ctx.methodName}`,
      welcomeJobId: String(ctx.signal.aborted),
    };
    return Promise.resolve({ user });
  },
};

describe("interceptors added by server.use", () => {
  it("run in their order, after decoding, and may change context, request and answer", async () => {
    const seen: unknown[] = [];
    host = await startHost(service, {
      prepare: (server) => {
        server.use(async (ctx, request, next) => {
          seen.push(["first", request]);
          const answer = await next({ ...ctx, greeting: "ada" } as CallContext, request);
          return { user: { ...answer.user, id: `${answer.user.id}!` } };
        });
        server.use((ctx, request, next) => {
          seen.push(["second", ctx.methodName]);
          return next(ctx, { key: { oneofKind: "id", id: `${request.key.id}?` } });
        });
      },
    });
    const reply = await sendJson(host.port, GET_USER, { id: "7" });
    expect(seen).toEqual([
      ["first", { key: { oneofKind: "id", id: "7" } }],
      ["second", "GetUser"],
    ]);
    expect(reply.json()).toMatchObject({
      user: { id: "7?!", name: "ada", email: "mcsv.v1 UserService GetUser", welcome_job_id: "false" },
    });
  });

  it("may be added after the server was mounted", async () => {
    let add: (() => void) | undefined;
    host = await startHost(service, {
      prepare: (server) => {
        add = () => server.use(async () => Promise.reject(permissionDenied("not you")));
      },
    });
    expect((await sendProtobuf(host.port, GET_USER, getUserBytes("1"))).status).toBe(200);
    add?.();
    const reply = await sendProtobuf(host.port, GET_USER, getUserBytes("1"));
    expect(reply.json()).toEqual({ code: "permission_denied", msg: "not you" });
  });

  it("that throw what nobody foresaw give internal", async () => {
    host = await startHost(service, {
      prepare: (server) => {
        server.use(() => {
          throw new Error("hunter2");
        });
      },
    });
    const reply = await sendJson(host.port, GET_USER, {});
    expect(reply.json()).toMatchObject({ code: "internal", msg: "internal error" });
  });

  it("do not see requests that cannot be decoded", async () => {
    const interceptor = vi.fn(async (ctx, request, next) => next(ctx, request));
    host = await startHost(service, { prepare: (server) => server.use(interceptor) });
    await sendJson(host.port, GET_USER, "[]");
    expect(interceptor).not.toHaveBeenCalled();
  });
});

describe("hooks added by server.use", () => {
  function recorder(seen: string[]): ServerHooks<CallContext> {
    return {
      requestReceived: ({ methodName }) => void seen.push(`received ${methodName}`),
      requestRouted: ({ methodName }) => void seen.push(`routed ${methodName}`),
      responsePrepared: () => void seen.push("prepared"),
      responseSent: ({ res }) => void seen.push(`sent ${res.writableFinished}`),
      error: (_ctx, error) => void seen.push(`error ${error.code}`),
    };
  }

  it("see a call in order, its method, and its end only when it is sent", async () => {
    const seen: string[] = [];
    host = await startHost(service, { prepare: (server) => server.use(recorder(seen)) });
    await sendJson(host.port, GET_USER, {});
    await vi.waitFor(() => expect(seen).toHaveLength(4));
    expect(seen).toEqual(["received GetUser", "routed GetUser", "prepared", "sent true"]);
  });

  it("see an error as the caller sees it", async () => {
    const seen: string[] = [];
    host = await startHost({}, { prepare: (server) => server.use(recorder(seen)) });
    await sendJson(host.port, GET_USER, {});
    await vi.waitFor(() => expect(seen).toHaveLength(4));
    expect(seen).toEqual(["received GetUser", "routed GetUser", "error internal", "sent true"]);
  });

  it("refuse a call by throwing before it runs", async () => {
    host = await startHost(service, {
      prepare: (server) => server.use({ requestRouted: () => Promise.reject(permissionDenied("closed")) }),
    });
    expect((await sendJson(host.port, GET_USER, {})).json()).toEqual({ code: "permission_denied", msg: "closed" });
  });

  it.each([["error"], ["responseSent"]] as const)("that throw in %s change nothing and are logged", async (name) => {
    const hook = {
      [name]: () => {
        throw new Error("broken hook");
      },
    };
    host = await startHost(name === "error" ? {} : service, { prepare: (server) => server.use(hook) });
    const reply = await sendJson(host.port, GET_USER, {});
    expect(reply.status).toBe(name === "error" ? 500 : 200);
    await vi.waitFor(() =>
      expect(host.log).toContainEqual(expect.objectContaining({ level: "error", message: "hook failed" })),
    );
    expect((await sendJson(host.port, GET_USER, {})).status).toBe(reply.status);
  });
});
