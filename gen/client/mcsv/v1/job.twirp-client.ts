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
    const data = EnqueueEmailRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "EnqueueEmail",
      "application/json",
      data as object
    );
    return promise.then((data) => EnqueueEmailResponse.fromJSON(data as any));
  }

  EnqueueImageConversion(
    request: EnqueueImageConversionRequest
  ): Promise<EnqueueImageConversionResponse> {
    const data = EnqueueImageConversionRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "EnqueueImageConversion",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      EnqueueImageConversionResponse.fromJSON(data as any)
    );
  }

  GetJob(request: GetJobRequest): Promise<GetJobResponse> {
    const data = GetJobRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetJob",
      "application/json",
      data as object
    );
    return promise.then((data) => GetJobResponse.fromJSON(data as any));
  }

  ListJobs(request: ListJobsRequest): Promise<ListJobsResponse> {
    const data = ListJobsRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ListJobs",
      "application/json",
      data as object
    );
    return promise.then((data) => ListJobsResponse.fromJSON(data as any));
  }

  GetQueueStats(request: GetQueueStatsRequest): Promise<GetQueueStatsResponse> {
    const data = GetQueueStatsRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetQueueStats",
      "application/json",
      data as object
    );
    return promise.then((data) => GetQueueStatsResponse.fromJSON(data as any));
  }

  RedriveQueue(request: RedriveQueueRequest): Promise<RedriveQueueResponse> {
    const data = RedriveQueueRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "RedriveQueue",
      "application/json",
      data as object
    );
    return promise.then((data) => RedriveQueueResponse.fromJSON(data as any));
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
    const data = EnqueueEmailRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "EnqueueEmail",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      EnqueueEmailResponse.decode(data as Uint8Array)
    );
  }

  EnqueueImageConversion(
    request: EnqueueImageConversionRequest
  ): Promise<EnqueueImageConversionResponse> {
    const data = EnqueueImageConversionRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "EnqueueImageConversion",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      EnqueueImageConversionResponse.decode(data as Uint8Array)
    );
  }

  GetJob(request: GetJobRequest): Promise<GetJobResponse> {
    const data = GetJobRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetJob",
      "application/protobuf",
      data
    );
    return promise.then((data) => GetJobResponse.decode(data as Uint8Array));
  }

  ListJobs(request: ListJobsRequest): Promise<ListJobsResponse> {
    const data = ListJobsRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ListJobs",
      "application/protobuf",
      data
    );
    return promise.then((data) => ListJobsResponse.decode(data as Uint8Array));
  }

  GetQueueStats(request: GetQueueStatsRequest): Promise<GetQueueStatsResponse> {
    const data = GetQueueStatsRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetQueueStats",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      GetQueueStatsResponse.decode(data as Uint8Array)
    );
  }

  RedriveQueue(request: RedriveQueueRequest): Promise<RedriveQueueResponse> {
    const data = RedriveQueueRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "RedriveQueue",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      RedriveQueueResponse.decode(data as Uint8Array)
    );
  }
}
