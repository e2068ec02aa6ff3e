import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startTestApp } from "../platform/http/testing/start-test-app";
import { NOWHERE, type RunningDocs, startDocs } from "./testing/start-docs";

interface Spec {
  readonly info: { readonly title: string; readonly description: string };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly paths: object;
}

/** What takes the place of a service: each fails in a way of its own. */
const FAILURES = {
  job: [(_, answer) => answer.writeHead(503).end('{"code":"unavailable"}'), "HTTP 503"],
  email: [(_, answer) => answer.end("<!doctype html>"), "not valid JSON"],
  image: [(_, answer) => answer.writeHead(302, { location: "/" }).end(), "redirect"],
  client: [() => undefined, "timeout"],
} as const satisfies Record<string, readonly [RequestListener, string]>;

const servers: Server[] = [];
let docs: RunningDocs;

beforeAll(async () => {
  const urls = Object.entries(FAILURES).map(async ([service, [listener]]) => [service, await serve(listener)]);
  docs = await startDocs(Object.fromEntries(await Promise.all(urls)));
});

afterAll(async () => {
  await docs.stop();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function readSpec(url: string): Promise<Spec> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return parse(await answer.text()) as Spec;
}

describe("the spec of a service that runs", () => {
  it("is the one that it serves itself, in both forms and on both ports", async () => {
    const { url } = await startTestApp();
    const { swaggerUi, redoc, stop } = await startDocs({ client: url });
    const own = await readSpec(`${url}/openapi.json`);
    expect(own.servers).toEqual([{ url, description: "Where this service runs" }]);
    for (const path of ["/specs/client.json", "/specs/client.yaml"]) {
      expect(await readSpec(`${swaggerUi}${path}`)).toEqual(own);
      expect(await readSpec(`${redoc}${path}`)).toEqual(own);
    }
    await stop();
  });
});

describe("the spec of a service that does not answer", () => {
  it("is the built-in one, and says so", async () => {
    const { info, servers, paths } = await readSpec(`${docs.swaggerUi}/specs/user.json`);
    expect(info.title).toBe("User Service");
    expect(info.description).toMatch(
      /^> \*\*The user service does not answer at http:\/\/127\.0\.0\.1:1 \(.+\)\.\*\* .+\n\n.*gateway/s,
    );
    expect(servers).toEqual([{ url: NOWHERE, description: "Does not answer" }]);
    expect(paths).toHaveProperty(["/twirp/mcsv.v1.UserService/CreateUser"]);
    expect(docs.log.join("\n")).toContain("a service did not give its spec");
  });

  it.each(Object.entries(FAILURES).map(([service, [, reason]]) => [reason, service]))(
    "is the built-in one too where the reason is: %s",
    async (reason, service) => {
      const { info, paths } = await readSpec(`${docs.redoc}/specs/${service}.yaml`);
      expect(info.description).toContain(reason);
      expect(Object.keys(paths).filter((path) => path.startsWith("/twirp/mcsv.v1."))).not.toEqual([]);
    },
  );
});

describe("other paths below /specs", () => {
  it.each(["docs.json", "user.xml", "user", "USER.json", "..%2Fpackage.json"])("have nothing: %s", async (path) => {
    expect((await fetch(`${docs.swaggerUi}/specs/${path}`)).status).toBe(404);
  });
});
