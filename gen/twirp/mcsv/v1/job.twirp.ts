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
}

export enum JobServiceMethod {
  EnqueueEmail = "EnqueueEmail",
  EnqueueImageConversion = "EnqueueImageConversion",
  GetJob = "GetJob",
  ListJobs = "ListJobs",
  GetQueueStats = "GetQueueStats",
  RedriveQueue = "RedriveQueue",
}

export const JobServiceMethodList = [
  JobServiceMethod.EnqueueEmail,
  JobServiceMethod.EnqueueImageConversion,
  JobServiceMethod.GetJob,
  JobServiceMethod.ListJobs,
  JobServiceMethod.GetQueueStats,
  JobServiceMethod.RedriveQueue,
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
