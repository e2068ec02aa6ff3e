import Koa from "koa";
import { type TwirpContext, TwirpErrorCode } from "twirp-ts";
import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import {
  ClientService as ClientContract,
  type ClientServiceNotifyEmailDeliveredRequest,
  type ClientServiceNotifyImageConvertedRequest,
} from "../../../gen/twirp/mcsv/v1/client";
import { type ClientServiceTwirp, createClientServiceServer } from "../../../gen/twirp/mcsv/v1/client.twirp";
import {
  EnqueueEmailRequest,
  EnqueueImageConversionRequest,
  JobService as JobContract,
} from "../../../gen/twirp/mcsv/v1/job";
import { createJobServiceServer, type JobServiceTwirp } from "../../../gen/twirp/mcsv/v1/job.twirp";
import { gateOf } from "../../../tests/support/auth-files";
import { listen } from "../../platform/http/listen";
import { jobId } from "../../platform/ids/deterministic-id";
import { createLifecycle } from "../../platform/lifecycle/lifecycle";
import { alreadyExists, twirpError } from "../../platform/twirp/errors";
import { twirpHost } from "../../platform/twirp/host/twirp-host";
import { silentLogger } from "./silent-logger";

/** A job and a client service on one port, real but for what they do: they keep what they are told. */
export interface Peer {
  readonly url: string;
  readonly port: number;
  /** Every EnqueueEmail that was accepted, repetitions included. */
  readonly emails: EnqueueEmailRequest[];
  /** Every EnqueueImageConversion that was accepted, repetitions included. */
  readonly conversions: EnqueueImageConversionRequest[];
  readonly emailCallbacks: ClientServiceNotifyEmailDeliveredRequest[];
  readonly imageCallbacks: ClientServiceNotifyImageConvertedRequest[];
  /** Header traceparent of every call, by method (W3C Trace Context, section 3.2). */
  readonly traceparents: { method: string; traceparent: string }[];
  /** What calls do before they are accepted; may wait or throw. Nothing unless set. */
  before: (method: string) => Promise<void> | void;
  /** What calls do once they are accepted; may wait or throw. Nothing unless set. */
  after: (method: string) => Promise<void> | void;
  close(): Promise<void>;
}

/** What differs from one peer to another. */
export interface PeerOptions {
  /** Keys: it admits the user service only, as job and client service do. */
  auth: AuthFiles;
  /** Port of a peer that was there before; any free one unless given. */
  port?: number;
}

/** Starts a peer. */
export async function startPeer({ auth, port = 0 }: PeerOptions): Promise<Peer> {
  const logger = silentLogger();
  const owned = createLifecycle("peer");
  const emails: EnqueueEmailRequest[] = [];
  const conversions: EnqueueImageConversionRequest[] = [];
  const emailCallbacks: ClientServiceNotifyEmailDeliveredRequest[] = [];
  const imageCallbacks: ClientServiceNotifyImageConvertedRequest[] = [];
  const traceparents: Peer["traceparents"] = [];
  const contents = new Map<string, string>();

  const acceptOnce = (id: string, content: string) => {
    if ((contents.get(id) ?? content) !== content) {
      throw alreadyExists("idempotency_key", "stands for other content");
    }
    const existing = contents.has(id);
    contents.set(id, content);
    return { jobId: id, existing };
  };
  const received = async (method: string, { req }: TwirpContext) => {
    traceparents.push({ method, traceparent: String(req.headers["traceparent"] ?? "") });
    await peer.before(method);
  };
  const notServed = () => Promise.reject(twirpError(TwirpErrorCode.Unimplemented, "not served by the peer"));
  const jobs: JobServiceTwirp = {
    EnqueueEmail: async (ctx, request) => {
      await received("EnqueueEmail", ctx);
      const answer = acceptOnce(jobId("email", request.idempotencyKey), EnqueueEmailRequest.toJsonString(request));
      emails.push(request);
      await peer.after("EnqueueEmail");
      return answer;
    },
    EnqueueImageConversion: async (ctx, request) => {
      await received("EnqueueImageConversion", ctx);
      const content = EnqueueImageConversionRequest.toJsonString({ ...request, sourceUrl: "" });
      const answer = acceptOnce(jobId("image-conversion", request.idempotencyKey), content);
      conversions.push(request);
      await peer.after("EnqueueImageConversion");
      return answer;
    },
    GetJob: notServed,
    ListJobs: notServed,
    GetQueueStats: notServed,
    RedriveQueue: notServed,
    GetJobHistory: notServed,
    SearchJobEvents: notServed,
    CancelJob: notServed,
    RetryJob: notServed,
    ReplayJobs: notServed,
    PauseQueue: notServed,
    ResumeQueue: notServed,
  };
  const client: ClientServiceTwirp = {
    NotifyEmailDelivered: async (ctx, request) => {
      await received("NotifyEmailDelivered", ctx);
      emailCallbacks.push(request);
      await peer.after("NotifyEmailDelivered");
      return {};
    },
    NotifyImageConverted: async (ctx, request) => {
      await received("NotifyImageConverted", ctx);
      imageCallbacks.push(request);
      await peer.after("NotifyImageConverted");
      return {};
    },
  };

  const app = new Koa();
  app.use(
    twirpHost({
      services: [{ server: createJobServiceServer(jobs) }, { server: createClientServiceServer(client) }],
      gate: await gateOf(auth, [JobContract, ClientContract], logger),
      logger,
    }),
  );
  const listening = await listen(app, { host: "127.0.0.1", port, logger, lifecycle: owned.lifecycle });
  const peer: Peer = {
    url: `http://127.0.0.1:${listening.port}`,
    port: listening.port,
    emails,
    conversions,
    emailCallbacks,
    imageCallbacks,
    traceparents,
    before: () => undefined,
    after: () => undefined,
    close: () => owned.stop("test", 1_000),
  };
  return peer;
}
