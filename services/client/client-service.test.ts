import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import { ClientService as ClientContract } from "../../gen/twirp/mcsv/v1/client";
import {
  ClientServiceClientJSON,
  ClientServiceClientProtobuf,
  createClientServiceServer,
} from "../../gen/twirp/mcsv/v1/client.twirp";
import { EmailTemplate } from "../../gen/twirp/mcsv/v1/email";
import { Conversion, ConversionStatus } from "../../gen/twirp/mcsv/v1/user";
import { trustingAuthenticator } from "../platform/auth/testing/trusting-authenticator";
import { loadContract } from "../platform/contract/load-contract";
import { keepAnswers } from "../platform/contract/testing/keep-answers";
import { createHealth } from "../platform/health/health";
import { createServiceApp } from "../platform/http/create-service-app";
import { listen } from "../platform/http/listen";
import { createLifecycle, type OwnedLifecycle } from "../platform/lifecycle/lifecycle";
import { createLogger } from "../platform/logging/create-logger";
import type { CallContext } from "../platform/twirp/call-context";
import { createTransport, type TwirpTransport } from "../platform/twirp/client/create-transport";
import { ClientService } from "./client-service";
import { EventLog } from "./event-log";
import { createRoutes } from "./routes";

const USER = "11111111-1111-4111-8111-111111111111";
const MAX_LISTENERS = 2;

/** A valid UUID that ends in this number. */
const uuid = (number: number) => `22222222-2222-4222-8222-${String(number).padStart(12, "0")}`;

function delivered(jobId: string) {
  const delivery = {
    messageId: "id@mcsv.example",
    template: EmailTemplate.WELCOME,
    recipientAddress: "ada@example.com",
    deliveredAt: Timestamp.fromDate(new Date("2026-01-01T00:00:00Z")),
  };
  return { jobId, userId: USER, outcome: { oneofKind: "delivery" as const, delivery } };
}

describe("the client service", () => {
  let owned: OwnedLifecycle;
  let origin: string;
  let transport: TwirpTransport;
  let events: EventLog;

  beforeEach(async () => {
    owned = createLifecycle("client");
    const { lifecycle } = owned;
    const logger = createLogger({ service: "client", level: "error", format: "json" });
    events = new EventLog(5);
    const server = createClientServiceServer<CallContext>(new ClientService(events));
    server.use(keepAnswers(ClientContract));
    const app = createServiceApp({
      contract: loadContract(ClientContract),
      authenticator: trustingAuthenticator({ role: "service", name: "user" }),
      logger,
      health: createHealth(lifecycle),
      twirp: { services: [{ server }], logger },
      routes: createRoutes({
        events,
        processId: "life",
        maxListeners: MAX_LISTENERS,
        stopping: lifecycle.stopping,
        heartbeatMs: 20,
        maxUnreadBytes: 200_000,
      }),
    });
    const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle });
    lifecycle.markReady();
    origin = `http://127.0.0.1:${port}`;
    transport = createTransport({ baseUrl: origin, target: "client", maxAttempts: 1 });
  });

  afterEach(async () => {
    transport.close();
    await owned.stop("test", 1_000);
  });

  /** Follows /events until the text of them matches. */
  async function follow(until: RegExp, headers: Record<string, string> = {}): Promise<string> {
    const abort = new AbortController();
    const answer = await fetch(`${origin}/events`, { headers, signal: abort.signal });
    let text = "";
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (until.test(text)) break;
    }
    abort.abort();
    return text;
  }

  it("takes callbacks in protobuf and JSON and streams them with their kind, job and body", async () => {
    const following = follow(/image-failed[\s\S]*\n\n/);
    await new ClientServiceClientProtobuf(transport).NotifyEmailDelivered(delivered(uuid(1)));
    const failure = { code: "invalid_argument", message: "not an image" };
    const conversion = Conversion.create({ id: uuid(9), jobId: uuid(2), status: ConversionStatus.FAILED, failure });
    await new ClientServiceClientJSON(transport).NotifyImageConverted({ conversion });
    const events = (await following).split("\n\n").filter((event) => event.startsWith("id:"));
    expect(events).toHaveLength(2);
    expect(events[0]).toMatch(/^id: life-1\nevent: email-delivered\ndata: \{.*"recipientAddress":"ada@example.com"/);
    expect(events[1]).toMatch(/^id: life-2\nevent: image-failed\ndata: \{.*"message":"not an image"/);
  });

  it("acknowledges a second callback for the same job and streams one", async () => {
    const client = new ClientServiceClientProtobuf(transport);
    await client.NotifyEmailDelivered(delivered(uuid(1)));
    await client.NotifyEmailDelivered(delivered(uuid(1)));
    await client.NotifyEmailDelivered(delivered(uuid(2)));
    const text = await follow(/life-2[\s\S]*\n\n/);
    expect(text.match(/^id: /gm)).toHaveLength(2);
  });

  it("resumes after Last-Event-ID, and sends everything kept when that is of another life", async () => {
    const client = new ClientServiceClientProtobuf(transport);
    for (const number of [1, 2, 3]) await client.NotifyEmailDelivered(delivered(uuid(number)));
    expect(await follow(/life-3[\s\S]*\n\n/, { "last-event-id": "life-2" })).not.toContain("id: life-2");
    expect(await follow(/life-3[\s\S]*\n\n/, { "last-event-id": "other-2" })).toContain("id: life-1");
  });

  it("keeps a silent stream alive with comments", async () => {
    expect(await follow(/: still here\n\n: still here\n\n/)).toContain("retry:");
  });

  it("turns further listeners away, and takes them again when one has left", async () => {
    const abort = new AbortController();
    for (let i = 0; i < MAX_LISTENERS; i += 1) await fetch(`${origin}/events`, { signal: abort.signal });
    const refused = await fetch(`${origin}/events`);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: "resource_exhausted" });
    abort.abort();
    await expect.poll(() => events.listenerCount).toBe(0);
    await follow(/retry/);
  });

  it("cuts off a listener that does not read, and goes on serving", async () => {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.pause();
    socket.write("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    await expect.poll(() => events.listenerCount).toBe(1);
    const client = new ClientServiceClientProtobuf(transport);
    const failure = { code: "internal", message: "x".repeat(500_000) };
    for (let number = 1; events.listenerCount > 0 && number < 100; number += 1) {
      await client.NotifyEmailDelivered({
        jobId: uuid(number),
        userId: USER,
        outcome: { oneofKind: "failure", failure },
      });
    }
    expect(events.listenerCount).toBe(0);
    socket.destroy();
    await client.NotifyEmailDelivered(delivered(uuid(1000)));
  });

  it("ends the streams when the service stops", async () => {
    const answer = await fetch(`${origin}/events`);
    const ended = answer.text();
    await owned.stop("test", 1_000);
    expect(await ended).toContain("retry:");
  });

  it.each([
    ["job_id", { ...delivered("1"), userId: USER }],
    ["user_id", { ...delivered(uuid(1)), userId: "ada" }],
    ["outcome", { jobId: uuid(1), userId: USER, outcome: { oneofKind: undefined } }],
  ])("names %s when it is wrong in NotifyEmailDelivered", async (argument, request) => {
    const call = new ClientServiceClientProtobuf(transport).NotifyEmailDelivered(request);
    await expect(call).rejects.toMatchObject({ code: "invalid_argument", meta: { argument } });
  });

  it.each([
    ["conversion", undefined],
    ["conversion.job_id", Conversion.create({ id: uuid(1) })],
    ["conversion.id", Conversion.create({ jobId: uuid(1) })],
    ["conversion.status", Conversion.create({ id: uuid(1), jobId: uuid(1), status: ConversionStatus.PENDING })],
  ])("names %s when it is wrong in NotifyImageConverted", async (argument, conversion) => {
    const request = conversion === undefined ? {} : { conversion };
    const call = new ClientServiceClientProtobuf(transport).NotifyImageConverted(request);
    await expect(call).rejects.toMatchObject({ code: "invalid_argument", meta: { argument } });
  });

  it("serves a page that runs its own script and no other", async () => {
    const answer = await fetch(origin);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("content-security-policy")).toMatch(
      /default-src 'none'.*script-src 'sha256-[\w+/=]{44}'/,
    );
    expect(await answer.text()).toContain('new EventSource("/events")');
  });
});
