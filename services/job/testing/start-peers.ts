import Koa from "koa";
import { TwirpErrorCode } from "twirp-ts";
import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import { Timestamp } from "../../../gen/twirp/google/protobuf/timestamp";
import { EmailService as EmailContract, EmailTemplate, type SendEmailRequest } from "../../../gen/twirp/mcsv/v1/email";
import { createEmailServiceServer } from "../../../gen/twirp/mcsv/v1/email.twirp";
import {
  ImageService as ImageContract,
  ImageFormat,
  type ImageServiceConvertImageRequest,
} from "../../../gen/twirp/mcsv/v1/image";
import { createImageServiceServer } from "../../../gen/twirp/mcsv/v1/image.twirp";
import {
  UserService as UserContract,
  type UserServiceNotifyEmailDeliveredRequest,
  type UserServiceNotifyImageConvertedRequest,
} from "../../../gen/twirp/mcsv/v1/user";
import { createUserServiceServer } from "../../../gen/twirp/mcsv/v1/user.twirp";
import { gateOf } from "../../../tests/support/auth-files";
import { recordLog } from "../../../tests/support/record-log";
import { listen } from "../../platform/http/listen";
import { createLifecycle } from "../../platform/lifecycle/lifecycle";
import type { CallContext } from "../../platform/twirp/call-context";
import { twirpError } from "../../platform/twirp/errors";
import { twirpHost } from "../../platform/twirp/host/twirp-host";

/** The services that the job service calls, on one port: real but for what they do, which is to keep what they are told. */
export interface Peers {
  readonly url: string;
  readonly port: number;
  /** Every call, when it began. */
  readonly emails: SendEmailRequest[];
  readonly conversions: ImageServiceConvertImageRequest[];
  readonly emailCallbacks: UserServiceNotifyEmailDeliveredRequest[];
  readonly imageCallbacks: UserServiceNotifyImageConvertedRequest[];
  /** What a call does before it succeeds: wait, or throw. Nothing unless set. */
  before: (method: string, jobId: string, ctx: CallContext) => Promise<void> | void;
  stop(): Promise<void>;
}

/** What differs from one peer to another. */
export interface PeersOptions {
  /** Keys: they admit the job service only, as the services have it. */
  auth: AuthFiles;
  /** Port of peers that were there before; any free one unless given. */
  port?: number;
}

/** Starts the peers. */
export async function startPeers({ auth, port: givenPort = 0 }: PeersOptions): Promise<Peers> {
  const { logger } = recordLog();
  const owned = createLifecycle("peers");
  const emails: Peers["emails"] = [];
  const conversions: Peers["conversions"] = [];
  const emailCallbacks: Peers["emailCallbacks"] = [];
  const imageCallbacks: Peers["imageCallbacks"] = [];

  const emailServer = createEmailServiceServer<CallContext>({
    SendEmail: async (ctx, request) => {
      emails.push(request);
      await peers.before("SendEmail", request.jobId, ctx);
      return {
        delivery: {
          messageId: `${request.jobId}@mcsv.example`,
          template: EmailTemplate.WELCOME,
          recipientAddress: request.email?.recipient?.address ?? "",
          deliveredAt: Timestamp.fromDate(new Date(1_700_000_000_000)),
        },
      };
    },
  });
  const imageServer = createImageServiceServer<CallContext>({
    ConvertImage: async (ctx, request) => {
      conversions.push(request);
      await peers.before("ConvertImage", request.jobId, ctx);
      return {
        pdf: {
          objectKey: `pdf/${request.jobId}.pdf`,
          sourceFormat: ImageFormat.PNG,
          widthPx: 640,
          heightPx: 480,
          inputBytes: 12_345n,
          outputBytes: 5_000_000_000n,
          durationMs: 40,
        },
      };
    },
  });
  const notServed = () => Promise.reject(twirpError(TwirpErrorCode.Unimplemented, "not served by the peer"));
  const userServer = createUserServiceServer<CallContext>({
    CreateUser: notServed,
    CreateAccessToken: notServed,
    GetUser: notServed,
    CreateUpload: notServed,
    ConvertImage: notServed,
    GetConversion: notServed,
    ListConversions: notServed,
    NotifyEmailDelivered: async (ctx, request) => {
      emailCallbacks.push(request);
      await peers.before("NotifyEmailDelivered", request.jobId, ctx);
      return {};
    },
    NotifyImageConverted: async (ctx, request) => {
      imageCallbacks.push(request);
      await peers.before("NotifyImageConverted", request.jobId, ctx);
      return {};
    },
  });

  const app = new Koa();
  app.use(
    twirpHost({
      services: [{ server: emailServer }, { server: imageServer }, { server: userServer }],
      gate: await gateOf(auth, [EmailContract, ImageContract, UserContract], logger),
      logger,
    }),
  );
  const { port } = await listen(app, { host: "127.0.0.1", port: givenPort, logger, lifecycle: owned.lifecycle });
  const peers: Peers = {
    url: `http://127.0.0.1:${port}`,
    port,
    emails,
    conversions,
    emailCallbacks,
    imageCallbacks,
    before: () => undefined,
    stop: () => owned.stop("test", 500),
  };
  return peers;
}
