import {
  TwirpContext,
  TwirpServer,
  RouterEvents,
  TwirpError,
  TwirpErrorCode,
  Interceptor,
  TwirpContentType,
  chainInterceptors,
} from "twirp-ts";
import {
  EnqueueEmailRequest,
  EnqueueEmailResponse,
  EnqueueImageConversionRequest,
  EnqueueImageConversionResponse,
  GetJobRequest,
  GetJobResponse,
  ListJobsRequest,
  ListJobsResponse,
  GetQueueStatsRequest,
  GetQueueStatsResponse,
  RedriveQueueRequest,
  RedriveQueueResponse,
  GetJobHistoryRequest,
  GetJobHistoryResponse,
  SearchJobEventsRequest,
  SearchJobEventsResponse,
  CancelJobRequest,
  CancelJobResponse,
  RetryJobRequest,
  RetryJobResponse,
  ReplayJobsRequest,
  ReplayJobsResponse,
  PauseQueueRequest,
  PauseQueueResponse,
  ResumeQueueRequest,
  ResumeQueueResponse,
} from "./job";

//==================================//
//          Client Code             //
//==================================//

interface Rpc {
  request(
    service: string,
    method: string,
    contentType: "application/json" | "application/protobuf",
    data: object | Uint8Array
  ): Promise<object | Uint8Array>;
}

export interface JobServiceClient {
  EnqueueEmail(request: EnqueueEmailRequest): Promise<EnqueueEmailResponse>;
  EnqueueImageConversion(
    request: EnqueueImageConversionRequest
  ): Promise<EnqueueImageConversionResponse>;
  GetJob(request: GetJobRequest): Promise<GetJobResponse>;
  ListJobs(request: ListJobsRequest): Promise<ListJobsResponse>;
  GetQueueStats(request: GetQueueStatsRequest): Promise<GetQueueStatsResponse>;
  RedriveQueue(request: RedriveQueueRequest): Promise<RedriveQueueResponse>;
  GetJobHistory(request: GetJobHistoryRequest): Promise<GetJobHistoryResponse>;
  SearchJobEvents(
    request: SearchJobEventsRequest
  ): Promise<SearchJobEventsResponse>;
  CancelJob(request: CancelJobRequest): Promise<CancelJobResponse>;
  RetryJob(request: RetryJobRequest): Promise<RetryJobResponse>;
  ReplayJobs(request: ReplayJobsRequest): Promise<ReplayJobsResponse>;
  PauseQueue(request: PauseQueueRequest): Promise<PauseQueueResponse>;
  ResumeQueue(request: ResumeQueueRequest): Promise<ResumeQueueResponse>;
}

export class JobServiceClientJSON implements JobServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.EnqueueEmail.bind(this);
    this.EnqueueImageConversion.bind(this);
    this.GetJob.bind(this);
    this.ListJobs.bind(this);
    this.GetQueueStats.bind(this);
    this.RedriveQueue.bind(this);
    this.GetJobHistory.bind(this);
    this.SearchJobEvents.bind(this);
    this.CancelJob.bind(this);
    this.RetryJob.bind(this);
    this.ReplayJobs.bind(this);
    this.PauseQueue.bind(this);
    this.ResumeQueue.bind(this);
  }
  EnqueueEmail(request: EnqueueEmailRequest): Promise<EnqueueEmailResponse> {
    const data = EnqueueEmailRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "EnqueueEmail",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      EnqueueEmailResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  EnqueueImageConversion(
    request: EnqueueImageConversionRequest
  ): Promise<EnqueueImageConversionResponse> {
    const data = EnqueueImageConversionRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "EnqueueImageConversion",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      EnqueueImageConversionResponse.fromJson(data as any, {
        ignoreUnknownFields: true,
      })
    );
  }

  GetJob(request: GetJobRequest): Promise<GetJobResponse> {
    const data = GetJobRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetJob",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      GetJobResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  ListJobs(request: ListJobsRequest): Promise<ListJobsResponse> {
    const data = ListJobsRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ListJobs",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ListJobsResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  GetQueueStats(request: GetQueueStatsRequest): Promise<GetQueueStatsResponse> {
    const data = GetQueueStatsRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetQueueStats",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      GetQueueStatsResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  RedriveQueue(request: RedriveQueueRequest): Promise<RedriveQueueResponse> {
    const data = RedriveQueueRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "RedriveQueue",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      RedriveQueueResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  GetJobHistory(request: GetJobHistoryRequest): Promise<GetJobHistoryResponse> {
    const data = GetJobHistoryRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetJobHistory",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      GetJobHistoryResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  SearchJobEvents(
    request: SearchJobEventsRequest
  ): Promise<SearchJobEventsResponse> {
    const data = SearchJobEventsRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "SearchJobEvents",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      SearchJobEventsResponse.fromJson(data as any, {
        ignoreUnknownFields: true,
      })
    );
  }

  CancelJob(request: CancelJobRequest): Promise<CancelJobResponse> {
    const data = CancelJobRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "CancelJob",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      CancelJobResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  RetryJob(request: RetryJobRequest): Promise<RetryJobResponse> {
    const data = RetryJobRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "RetryJob",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      RetryJobResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  ReplayJobs(request: ReplayJobsRequest): Promise<ReplayJobsResponse> {
    const data = ReplayJobsRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ReplayJobs",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ReplayJobsResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  PauseQueue(request: PauseQueueRequest): Promise<PauseQueueResponse> {
    const data = PauseQueueRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "PauseQueue",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      PauseQueueResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  ResumeQueue(request: ResumeQueueRequest): Promise<ResumeQueueResponse> {
    const data = ResumeQueueRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ResumeQueue",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ResumeQueueResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }
}

export class JobServiceClientProtobuf implements JobServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.EnqueueEmail.bind(this);
    this.EnqueueImageConversion.bind(this);
    this.GetJob.bind(this);
    this.ListJobs.bind(this);
    this.GetQueueStats.bind(this);
    this.RedriveQueue.bind(this);
    this.GetJobHistory.bind(this);
    this.SearchJobEvents.bind(this);
    this.CancelJob.bind(this);
    this.RetryJob.bind(this);
    this.ReplayJobs.bind(this);
    this.PauseQueue.bind(this);
    this.ResumeQueue.bind(this);
  }
  EnqueueEmail(request: EnqueueEmailRequest): Promise<EnqueueEmailResponse> {
    const data = EnqueueEmailRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "EnqueueEmail",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      EnqueueEmailResponse.fromBinary(data as Uint8Array)
    );
  }

  EnqueueImageConversion(
    request: EnqueueImageConversionRequest
  ): Promise<EnqueueImageConversionResponse> {
    const data = EnqueueImageConversionRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "EnqueueImageConversion",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      EnqueueImageConversionResponse.fromBinary(data as Uint8Array)
    );
  }

  GetJob(request: GetJobRequest): Promise<GetJobResponse> {
    const data = GetJobRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetJob",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      GetJobResponse.fromBinary(data as Uint8Array)
    );
  }

  ListJobs(request: ListJobsRequest): Promise<ListJobsResponse> {
    const data = ListJobsRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ListJobs",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ListJobsResponse.fromBinary(data as Uint8Array)
    );
  }

  GetQueueStats(request: GetQueueStatsRequest): Promise<GetQueueStatsResponse> {
    const data = GetQueueStatsRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetQueueStats",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      GetQueueStatsResponse.fromBinary(data as Uint8Array)
    );
  }

  RedriveQueue(request: RedriveQueueRequest): Promise<RedriveQueueResponse> {
    const data = RedriveQueueRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "RedriveQueue",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      RedriveQueueResponse.fromBinary(data as Uint8Array)
    );
  }

  GetJobHistory(request: GetJobHistoryRequest): Promise<GetJobHistoryResponse> {
    const data = GetJobHistoryRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetJobHistory",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      GetJobHistoryResponse.fromBinary(data as Uint8Array)
    );
  }

  SearchJobEvents(
    request: SearchJobEventsRequest
  ): Promise<SearchJobEventsResponse> {
    const data = SearchJobEventsRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "SearchJobEvents",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      SearchJobEventsResponse.fromBinary(data as Uint8Array)
    );
  }

  CancelJob(request: CancelJobRequest): Promise<CancelJobResponse> {
    const data = CancelJobRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "CancelJob",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      CancelJobResponse.fromBinary(data as Uint8Array)
    );
  }

  RetryJob(request: RetryJobRequest): Promise<RetryJobResponse> {
    const data = RetryJobRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "RetryJob",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      RetryJobResponse.fromBinary(data as Uint8Array)
    );
  }

  ReplayJobs(request: ReplayJobsRequest): Promise<ReplayJobsResponse> {
    const data = ReplayJobsRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ReplayJobs",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ReplayJobsResponse.fromBinary(data as Uint8Array)
    );
  }

  PauseQueue(request: PauseQueueRequest): Promise<PauseQueueResponse> {
    const data = PauseQueueRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "PauseQueue",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      PauseQueueResponse.fromBinary(data as Uint8Array)
    );
  }

  ResumeQueue(request: ResumeQueueRequest): Promise<ResumeQueueResponse> {
    const data = ResumeQueueRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ResumeQueue",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ResumeQueueResponse.fromBinary(data as Uint8Array)
    );
  }
}

//==================================//
//          Server Code             //
//==================================//

export interface JobServiceTwirp<T extends TwirpContext = TwirpContext> {
  EnqueueEmail(
    ctx: T,
    request: EnqueueEmailRequest
  ): Promise<EnqueueEmailResponse>;
  EnqueueImageConversion(
    ctx: T,
    request: EnqueueImageConversionRequest
  ): Promise<EnqueueImageConversionResponse>;
  GetJob(ctx: T, request: GetJobRequest): Promise<GetJobResponse>;
  ListJobs(ctx: T, request: ListJobsRequest): Promise<ListJobsResponse>;
  GetQueueStats(
    ctx: T,
    request: GetQueueStatsRequest
  ): Promise<GetQueueStatsResponse>;
  RedriveQueue(
    ctx: T,
    request: RedriveQueueRequest
  ): Promise<RedriveQueueResponse>;
  GetJobHistory(
    ctx: T,
    request: GetJobHistoryRequest
  ): Promise<GetJobHistoryResponse>;
  SearchJobEvents(
    ctx: T,
    request: SearchJobEventsRequest
  ): Promise<SearchJobEventsResponse>;
  CancelJob(ctx: T, request: CancelJobRequest): Promise<CancelJobResponse>;
  RetryJob(ctx: T, request: RetryJobRequest): Promise<RetryJobResponse>;
  ReplayJobs(ctx: T, request: ReplayJobsRequest): Promise<ReplayJobsResponse>;
  PauseQueue(ctx: T, request: PauseQueueRequest): Promise<PauseQueueResponse>;
  ResumeQueue(
    ctx: T,
    request: ResumeQueueRequest
  ): Promise<ResumeQueueResponse>;
}

export enum JobServiceMethod {
  EnqueueEmail = "EnqueueEmail",
  EnqueueImageConversion = "EnqueueImageConversion",
  GetJob = "GetJob",
  ListJobs = "ListJobs",
  GetQueueStats = "GetQueueStats",
  RedriveQueue = "RedriveQueue",
  GetJobHistory = "GetJobHistory",
  SearchJobEvents = "SearchJobEvents",
  CancelJob = "CancelJob",
  RetryJob = "RetryJob",
  ReplayJobs = "ReplayJobs",
  PauseQueue = "PauseQueue",
  ResumeQueue = "ResumeQueue",
}

export const JobServiceMethodList = [
  JobServiceMethod.EnqueueEmail,
  JobServiceMethod.EnqueueImageConversion,
  JobServiceMethod.GetJob,
  JobServiceMethod.ListJobs,
  JobServiceMethod.GetQueueStats,
  JobServiceMethod.RedriveQueue,
  JobServiceMethod.GetJobHistory,
  JobServiceMethod.SearchJobEvents,
  JobServiceMethod.CancelJob,
  JobServiceMethod.RetryJob,
  JobServiceMethod.ReplayJobs,
  JobServiceMethod.PauseQueue,
  JobServiceMethod.ResumeQueue,
];

export function createJobServiceServer<T extends TwirpContext = TwirpContext>(
  service: JobServiceTwirp<T>
) {
  return new TwirpServer<JobServiceTwirp, T>({
    service,
    packageName: "mcsv.v1",
    serviceName: "JobService",
    methodList: JobServiceMethodList,
    matchRoute: matchJobServiceRoute,
  });
}

function matchJobServiceRoute<T extends TwirpContext = TwirpContext>(
  method: string,
  events: RouterEvents<T>
) {
  switch (method) {
    case "EnqueueEmail":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          EnqueueEmailRequest,
          EnqueueEmailResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "EnqueueEmail" };
        await events.onMatch(ctx);
        return handleJobServiceEnqueueEmailRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "EnqueueImageConversion":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          EnqueueImageConversionRequest,
          EnqueueImageConversionResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "EnqueueImageConversion" };
        await events.onMatch(ctx);
        return handleJobServiceEnqueueImageConversionRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "GetJob":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<T, GetJobRequest, GetJobResponse>[]
      ) => {
        ctx = { ...ctx, methodName: "GetJob" };
        await events.onMatch(ctx);
        return handleJobServiceGetJobRequest(ctx, service, data, interceptors);
      };
    case "ListJobs":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<T, ListJobsRequest, ListJobsResponse>[]
      ) => {
        ctx = { ...ctx, methodName: "ListJobs" };
        await events.onMatch(ctx);
        return handleJobServiceListJobsRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "GetQueueStats":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          GetQueueStatsRequest,
          GetQueueStatsResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "GetQueueStats" };
        await events.onMatch(ctx);
        return handleJobServiceGetQueueStatsRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "RedriveQueue":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          RedriveQueueRequest,
          RedriveQueueResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "RedriveQueue" };
        await events.onMatch(ctx);
        return handleJobServiceRedriveQueueRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "GetJobHistory":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          GetJobHistoryRequest,
          GetJobHistoryResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "GetJobHistory" };
        await events.onMatch(ctx);
        return handleJobServiceGetJobHistoryRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "SearchJobEvents":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          SearchJobEventsRequest,
          SearchJobEventsResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "SearchJobEvents" };
        await events.onMatch(ctx);
        return handleJobServiceSearchJobEventsRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "CancelJob":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<T, CancelJobRequest, CancelJobResponse>[]
      ) => {
        ctx = { ...ctx, methodName: "CancelJob" };
        await events.onMatch(ctx);
        return handleJobServiceCancelJobRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "RetryJob":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<T, RetryJobRequest, RetryJobResponse>[]
      ) => {
        ctx = { ...ctx, methodName: "RetryJob" };
        await events.onMatch(ctx);
        return handleJobServiceRetryJobRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "ReplayJobs":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<T, ReplayJobsRequest, ReplayJobsResponse>[]
      ) => {
        ctx = { ...ctx, methodName: "ReplayJobs" };
        await events.onMatch(ctx);
        return handleJobServiceReplayJobsRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "PauseQueue":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<T, PauseQueueRequest, PauseQueueResponse>[]
      ) => {
        ctx = { ...ctx, methodName: "PauseQueue" };
        await events.onMatch(ctx);
        return handleJobServicePauseQueueRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "ResumeQueue":
      return async (
        ctx: T,
        service: JobServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<T, ResumeQueueRequest, ResumeQueueResponse>[]
      ) => {
        ctx = { ...ctx, methodName: "ResumeQueue" };
        await events.onMatch(ctx);
        return handleJobServiceResumeQueueRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    default:
      events.onNotFound();
      const msg = `no handler found`;
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceEnqueueEmailRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, EnqueueEmailRequest, EnqueueEmailResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceEnqueueEmailJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleJobServiceEnqueueEmailProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceEnqueueImageConversionRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    EnqueueImageConversionRequest,
    EnqueueImageConversionResponse
  >[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceEnqueueImageConversionJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleJobServiceEnqueueImageConversionProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceGetJobRequest<T extends TwirpContext = TwirpContext>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetJobRequest, GetJobResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceGetJobJSON<T>(ctx, service, data, interceptors);
    case TwirpContentType.Protobuf:
      return handleJobServiceGetJobProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceListJobsRequest<T extends TwirpContext = TwirpContext>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, ListJobsRequest, ListJobsResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceListJobsJSON<T>(ctx, service, data, interceptors);
    case TwirpContentType.Protobuf:
      return handleJobServiceListJobsProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceGetQueueStatsRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetQueueStatsRequest, GetQueueStatsResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceGetQueueStatsJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleJobServiceGetQueueStatsProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceRedriveQueueRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, RedriveQueueRequest, RedriveQueueResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceRedriveQueueJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleJobServiceRedriveQueueProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceGetJobHistoryRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetJobHistoryRequest, GetJobHistoryResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceGetJobHistoryJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleJobServiceGetJobHistoryProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceSearchJobEventsRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    SearchJobEventsRequest,
    SearchJobEventsResponse
  >[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceSearchJobEventsJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleJobServiceSearchJobEventsProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceCancelJobRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, CancelJobRequest, CancelJobResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceCancelJobJSON<T>(ctx, service, data, interceptors);
    case TwirpContentType.Protobuf:
      return handleJobServiceCancelJobProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceRetryJobRequest<T extends TwirpContext = TwirpContext>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, RetryJobRequest, RetryJobResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceRetryJobJSON<T>(ctx, service, data, interceptors);
    case TwirpContentType.Protobuf:
      return handleJobServiceRetryJobProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceReplayJobsRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, ReplayJobsRequest, ReplayJobsResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceReplayJobsJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleJobServiceReplayJobsProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServicePauseQueueRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, PauseQueueRequest, PauseQueueResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServicePauseQueueJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleJobServicePauseQueueProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}

function handleJobServiceResumeQueueRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, ResumeQueueRequest, ResumeQueueResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleJobServiceResumeQueueJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleJobServiceResumeQueueProtobuf<T>(
        ctx,
        service,
        data,
        interceptors
      );
    default:
      const msg = "unexpected Content-Type";
      throw new TwirpError(TwirpErrorCode.BadRoute, msg);
  }
}
async function handleJobServiceEnqueueEmailJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, EnqueueEmailRequest, EnqueueEmailResponse>[]
) {
  let request: EnqueueEmailRequest;
  let response: EnqueueEmailResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = EnqueueEmailRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      EnqueueEmailRequest,
      EnqueueEmailResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.EnqueueEmail(ctx, inputReq);
    });
  } else {
    response = await service.EnqueueEmail(ctx, request!);
  }

  return JSON.stringify(
    EnqueueEmailResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceEnqueueImageConversionJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    EnqueueImageConversionRequest,
    EnqueueImageConversionResponse
  >[]
) {
  let request: EnqueueImageConversionRequest;
  let response: EnqueueImageConversionResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = EnqueueImageConversionRequest.fromJson(body, {
      ignoreUnknownFields: true,
    });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      EnqueueImageConversionRequest,
      EnqueueImageConversionResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.EnqueueImageConversion(ctx, inputReq);
    });
  } else {
    response = await service.EnqueueImageConversion(ctx, request!);
  }

  return JSON.stringify(
    EnqueueImageConversionResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceGetJobJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetJobRequest, GetJobResponse>[]
) {
  let request: GetJobRequest;
  let response: GetJobResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = GetJobRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      GetJobRequest,
      GetJobResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.GetJob(ctx, inputReq);
    });
  } else {
    response = await service.GetJob(ctx, request!);
  }

  return JSON.stringify(
    GetJobResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceListJobsJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, ListJobsRequest, ListJobsResponse>[]
) {
  let request: ListJobsRequest;
  let response: ListJobsResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = ListJobsRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      ListJobsRequest,
      ListJobsResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ListJobs(ctx, inputReq);
    });
  } else {
    response = await service.ListJobs(ctx, request!);
  }

  return JSON.stringify(
    ListJobsResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceGetQueueStatsJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetQueueStatsRequest, GetQueueStatsResponse>[]
) {
  let request: GetQueueStatsRequest;
  let response: GetQueueStatsResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = GetQueueStatsRequest.fromJson(body, {
      ignoreUnknownFields: true,
    });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      GetQueueStatsRequest,
      GetQueueStatsResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.GetQueueStats(ctx, inputReq);
    });
  } else {
    response = await service.GetQueueStats(ctx, request!);
  }

  return JSON.stringify(
    GetQueueStatsResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceRedriveQueueJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, RedriveQueueRequest, RedriveQueueResponse>[]
) {
  let request: RedriveQueueRequest;
  let response: RedriveQueueResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = RedriveQueueRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      RedriveQueueRequest,
      RedriveQueueResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.RedriveQueue(ctx, inputReq);
    });
  } else {
    response = await service.RedriveQueue(ctx, request!);
  }

  return JSON.stringify(
    RedriveQueueResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceGetJobHistoryJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetJobHistoryRequest, GetJobHistoryResponse>[]
) {
  let request: GetJobHistoryRequest;
  let response: GetJobHistoryResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = GetJobHistoryRequest.fromJson(body, {
      ignoreUnknownFields: true,
    });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      GetJobHistoryRequest,
      GetJobHistoryResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.GetJobHistory(ctx, inputReq);
    });
  } else {
    response = await service.GetJobHistory(ctx, request!);
  }

  return JSON.stringify(
    GetJobHistoryResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceSearchJobEventsJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    SearchJobEventsRequest,
    SearchJobEventsResponse
  >[]
) {
  let request: SearchJobEventsRequest;
  let response: SearchJobEventsResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = SearchJobEventsRequest.fromJson(body, {
      ignoreUnknownFields: true,
    });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      SearchJobEventsRequest,
      SearchJobEventsResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.SearchJobEvents(ctx, inputReq);
    });
  } else {
    response = await service.SearchJobEvents(ctx, request!);
  }

  return JSON.stringify(
    SearchJobEventsResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceCancelJobJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, CancelJobRequest, CancelJobResponse>[]
) {
  let request: CancelJobRequest;
  let response: CancelJobResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = CancelJobRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      CancelJobRequest,
      CancelJobResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.CancelJob(ctx, inputReq);
    });
  } else {
    response = await service.CancelJob(ctx, request!);
  }

  return JSON.stringify(
    CancelJobResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceRetryJobJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, RetryJobRequest, RetryJobResponse>[]
) {
  let request: RetryJobRequest;
  let response: RetryJobResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = RetryJobRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      RetryJobRequest,
      RetryJobResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.RetryJob(ctx, inputReq);
    });
  } else {
    response = await service.RetryJob(ctx, request!);
  }

  return JSON.stringify(
    RetryJobResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceReplayJobsJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, ReplayJobsRequest, ReplayJobsResponse>[]
) {
  let request: ReplayJobsRequest;
  let response: ReplayJobsResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = ReplayJobsRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      ReplayJobsRequest,
      ReplayJobsResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ReplayJobs(ctx, inputReq);
    });
  } else {
    response = await service.ReplayJobs(ctx, request!);
  }

  return JSON.stringify(
    ReplayJobsResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServicePauseQueueJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, PauseQueueRequest, PauseQueueResponse>[]
) {
  let request: PauseQueueRequest;
  let response: PauseQueueResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = PauseQueueRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      PauseQueueRequest,
      PauseQueueResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.PauseQueue(ctx, inputReq);
    });
  } else {
    response = await service.PauseQueue(ctx, request!);
  }

  return JSON.stringify(
    PauseQueueResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleJobServiceResumeQueueJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, ResumeQueueRequest, ResumeQueueResponse>[]
) {
  let request: ResumeQueueRequest;
  let response: ResumeQueueResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = ResumeQueueRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      ResumeQueueRequest,
      ResumeQueueResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ResumeQueue(ctx, inputReq);
    });
  } else {
    response = await service.ResumeQueue(ctx, request!);
  }

  return JSON.stringify(
    ResumeQueueResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}
async function handleJobServiceEnqueueEmailProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, EnqueueEmailRequest, EnqueueEmailResponse>[]
) {
  let request: EnqueueEmailRequest;
  let response: EnqueueEmailResponse;

  try {
    request = EnqueueEmailRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      EnqueueEmailRequest,
      EnqueueEmailResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.EnqueueEmail(ctx, inputReq);
    });
  } else {
    response = await service.EnqueueEmail(ctx, request!);
  }

  return Buffer.from(EnqueueEmailResponse.toBinary(response));
}

async function handleJobServiceEnqueueImageConversionProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    EnqueueImageConversionRequest,
    EnqueueImageConversionResponse
  >[]
) {
  let request: EnqueueImageConversionRequest;
  let response: EnqueueImageConversionResponse;

  try {
    request = EnqueueImageConversionRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      EnqueueImageConversionRequest,
      EnqueueImageConversionResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.EnqueueImageConversion(ctx, inputReq);
    });
  } else {
    response = await service.EnqueueImageConversion(ctx, request!);
  }

  return Buffer.from(EnqueueImageConversionResponse.toBinary(response));
}

async function handleJobServiceGetJobProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetJobRequest, GetJobResponse>[]
) {
  let request: GetJobRequest;
  let response: GetJobResponse;

  try {
    request = GetJobRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      GetJobRequest,
      GetJobResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.GetJob(ctx, inputReq);
    });
  } else {
    response = await service.GetJob(ctx, request!);
  }

  return Buffer.from(GetJobResponse.toBinary(response));
}

async function handleJobServiceListJobsProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, ListJobsRequest, ListJobsResponse>[]
) {
  let request: ListJobsRequest;
  let response: ListJobsResponse;

  try {
    request = ListJobsRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      ListJobsRequest,
      ListJobsResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ListJobs(ctx, inputReq);
    });
  } else {
    response = await service.ListJobs(ctx, request!);
  }

  return Buffer.from(ListJobsResponse.toBinary(response));
}

async function handleJobServiceGetQueueStatsProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetQueueStatsRequest, GetQueueStatsResponse>[]
) {
  let request: GetQueueStatsRequest;
  let response: GetQueueStatsResponse;

  try {
    request = GetQueueStatsRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      GetQueueStatsRequest,
      GetQueueStatsResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.GetQueueStats(ctx, inputReq);
    });
  } else {
    response = await service.GetQueueStats(ctx, request!);
  }

  return Buffer.from(GetQueueStatsResponse.toBinary(response));
}

async function handleJobServiceRedriveQueueProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, RedriveQueueRequest, RedriveQueueResponse>[]
) {
  let request: RedriveQueueRequest;
  let response: RedriveQueueResponse;

  try {
    request = RedriveQueueRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      RedriveQueueRequest,
      RedriveQueueResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.RedriveQueue(ctx, inputReq);
    });
  } else {
    response = await service.RedriveQueue(ctx, request!);
  }

  return Buffer.from(RedriveQueueResponse.toBinary(response));
}

async function handleJobServiceGetJobHistoryProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetJobHistoryRequest, GetJobHistoryResponse>[]
) {
  let request: GetJobHistoryRequest;
  let response: GetJobHistoryResponse;

  try {
    request = GetJobHistoryRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      GetJobHistoryRequest,
      GetJobHistoryResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.GetJobHistory(ctx, inputReq);
    });
  } else {
    response = await service.GetJobHistory(ctx, request!);
  }

  return Buffer.from(GetJobHistoryResponse.toBinary(response));
}

async function handleJobServiceSearchJobEventsProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    SearchJobEventsRequest,
    SearchJobEventsResponse
  >[]
) {
  let request: SearchJobEventsRequest;
  let response: SearchJobEventsResponse;

  try {
    request = SearchJobEventsRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      SearchJobEventsRequest,
      SearchJobEventsResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.SearchJobEvents(ctx, inputReq);
    });
  } else {
    response = await service.SearchJobEvents(ctx, request!);
  }

  return Buffer.from(SearchJobEventsResponse.toBinary(response));
}

async function handleJobServiceCancelJobProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, CancelJobRequest, CancelJobResponse>[]
) {
  let request: CancelJobRequest;
  let response: CancelJobResponse;

  try {
    request = CancelJobRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      CancelJobRequest,
      CancelJobResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.CancelJob(ctx, inputReq);
    });
  } else {
    response = await service.CancelJob(ctx, request!);
  }

  return Buffer.from(CancelJobResponse.toBinary(response));
}

async function handleJobServiceRetryJobProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, RetryJobRequest, RetryJobResponse>[]
) {
  let request: RetryJobRequest;
  let response: RetryJobResponse;

  try {
    request = RetryJobRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      RetryJobRequest,
      RetryJobResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.RetryJob(ctx, inputReq);
    });
  } else {
    response = await service.RetryJob(ctx, request!);
  }

  return Buffer.from(RetryJobResponse.toBinary(response));
}

async function handleJobServiceReplayJobsProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, ReplayJobsRequest, ReplayJobsResponse>[]
) {
  let request: ReplayJobsRequest;
  let response: ReplayJobsResponse;

  try {
    request = ReplayJobsRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      ReplayJobsRequest,
      ReplayJobsResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ReplayJobs(ctx, inputReq);
    });
  } else {
    response = await service.ReplayJobs(ctx, request!);
  }

  return Buffer.from(ReplayJobsResponse.toBinary(response));
}

async function handleJobServicePauseQueueProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, PauseQueueRequest, PauseQueueResponse>[]
) {
  let request: PauseQueueRequest;
  let response: PauseQueueResponse;

  try {
    request = PauseQueueRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      PauseQueueRequest,
      PauseQueueResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.PauseQueue(ctx, inputReq);
    });
  } else {
    response = await service.PauseQueue(ctx, request!);
  }

  return Buffer.from(PauseQueueResponse.toBinary(response));
}

async function handleJobServiceResumeQueueProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: JobServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, ResumeQueueRequest, ResumeQueueResponse>[]
) {
  let request: ResumeQueueRequest;
  let response: ResumeQueueResponse;

  try {
    request = ResumeQueueRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      ResumeQueueRequest,
      ResumeQueueResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ResumeQueue(ctx, inputReq);
    });
  } else {
    response = await service.ResumeQueue(ctx, request!);
  }

  return Buffer.from(ResumeQueueResponse.toBinary(response));
}
