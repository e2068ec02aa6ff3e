import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import type {
  CreateAccessTokenRequest,
  CreateAccessTokenResponse,
  CreateUploadRequest,
  CreateUploadResponse,
  CreateUserRequest,
  CreateUserResponse,
  GetConversionRequest,
  GetConversionResponse,
  GetUserRequest,
  GetUserResponse,
  ListConversionsRequest,
  ListConversionsResponse,
  UserServiceConvertImageRequest,
  UserServiceConvertImageResponse,
  UserServiceNotifyEmailDeliveredRequest,
  UserServiceNotifyEmailDeliveredResponse,
  UserServiceNotifyImageConvertedRequest,
  UserServiceNotifyImageConvertedResponse,
} from "../../gen/twirp/mcsv/v1/user";
import type { UserServiceTwirp } from "../../gen/twirp/mcsv/v1/user.twirp";
import { ownerOf } from "../platform/auth/owner";
import { noteSubject } from "../platform/http/request-context";
import { encodePageToken } from "../platform/paging/page-token";
import type { Subject } from "../platform/telemetry/subject";
import type { CallContext } from "../platform/twirp/call-context";
import type { Conversion } from "./conversion-rows";
import { getConversionOf, listConversions } from "./conversions";
import { type OrderConversionDependencies, orderConversion } from "./order-conversion";
import { type RecordConversionDependencies, recordConversionOutcome } from "./record-conversion";
import { recordEmailOutcome } from "./record-email";
import * as requests from "./requests";
import { conversionToProto, uploadToProto, userToProto } from "./to-proto";
import { answer } from "./unavailability";
import { type CreateUploadDependencies, createUpload } from "./uploads";
import { type CreateAccessTokenDependencies, createAccessToken, createUser, getUserFor } from "./users";

/** What the calls work with. */
export type UserServiceDependencies = OrderConversionDependencies &
  RecordConversionDependencies &
  CreateUploadDependencies &
  CreateAccessTokenDependencies;

/** UserService of the contract: every call reads its request, lets the domain do the work, and converts the answer. */
export class UserService implements UserServiceTwirp<CallContext> {
  constructor(private readonly dependencies: UserServiceDependencies) {}

  CreateUser(ctx: CallContext, request: CreateUserRequest): Promise<CreateUserResponse> {
    return answer(ctx, async () => {
      const user = await createUser(this.dependencies, requests.readCreateUser(request));
      noteSubject({ userId: user.id, jobId: user.welcomeJobId });
      return { user: userToProto(user) };
    });
  }

  CreateAccessToken(ctx: CallContext, request: CreateAccessTokenRequest): Promise<CreateAccessTokenResponse> {
    return answer(ctx, async () => {
      const userId = requests.readCreateAccessToken(request);
      const { token, expiresAt } = await createAccessToken(this.dependencies, userId);
      return { token, expiresAt: Timestamp.fromDate(expiresAt) };
    });
  }

  GetUser(ctx: CallContext, request: GetUserRequest): Promise<GetUserResponse> {
    return answer(ctx, async () => {
      const user = await getUserFor(ctx.caller, this.dependencies.pool, requests.readGetUser(request));
      return { user: userToProto(user) };
    });
  }

  CreateUpload(ctx: CallContext, request: CreateUploadRequest): Promise<CreateUploadResponse> {
    return answer(ctx, async () => {
      const upload = await createUpload(this.dependencies, requests.readCreateUpload(request, ctx.caller));
      return { upload: uploadToProto(upload) };
    });
  }

  ConvertImage(ctx: CallContext, request: UserServiceConvertImageRequest): Promise<UserServiceConvertImageResponse> {
    return answer(ctx, async () => {
      const asked = requests.readConvertImage(request, ctx.caller);
      noteSubject({ userId: asked.userId });
      const conversion = await orderConversion(this.dependencies, asked, ctx.signal);
      noteSubject(subjectOf(conversion));
      return { conversion: conversionToProto(conversion) };
    });
  }

  GetConversion(ctx: CallContext, request: GetConversionRequest): Promise<GetConversionResponse> {
    return answer(ctx, async () => {
      const conversion = await getConversionOf(
        this.dependencies.pool,
        ownerOf(ctx.caller),
        requests.readGetConversion(request),
      );
      noteSubject(subjectOf(conversion));
      const pdfUrl = await this.dependencies.pdfUrls.forCaller(conversion);
      return { conversion: conversionToProto(conversion, pdfUrl) };
    });
  }

  ListConversions(ctx: CallContext, request: ListConversionsRequest): Promise<ListConversionsResponse> {
    return answer(ctx, async () => {
      const { conversions, hasMore } = await listConversions(
        this.dependencies.pool,
        requests.readListConversions(request, ctx.caller),
      );
      const last = conversions.at(-1);
      return {
        conversions: conversions.map((conversion) => conversionToProto(conversion)),
        nextPageToken: hasMore && last !== undefined ? encodePageToken(last) : "",
      };
    });
  }

  NotifyEmailDelivered(
    ctx: CallContext,
    request: UserServiceNotifyEmailDeliveredRequest,
  ): Promise<UserServiceNotifyEmailDeliveredResponse> {
    return answer(ctx, async () => {
      const outcome = requests.readNotifyEmailDelivered(request);
      noteSubject({ jobId: outcome.jobId, userId: outcome.userId });
      await recordEmailOutcome(this.dependencies, outcome);
      return {};
    });
  }

  NotifyImageConverted(
    ctx: CallContext,
    request: UserServiceNotifyImageConvertedRequest,
  ): Promise<UserServiceNotifyImageConvertedResponse> {
    return answer(ctx, async () => {
      const outcome = requests.readNotifyImageConverted(request);
      noteSubject({ conversionId: outcome.conversionId, jobId: outcome.jobId });
      await recordConversionOutcome(this.dependencies, outcome);
      return {};
    });
  }
}

function subjectOf({ id, jobId, userId }: Conversion): Subject {
  return { conversionId: id, jobId, userId };
}
