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

  GetJobHistory(request: GetJobHistoryRequest): Promise<GetJobHistoryResponse> {
    const data = GetJobHistoryRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetJobHistory",
      "application/json",
      data as object
    );
    return promise.then((data) => GetJobHistoryResponse.fromJSON(data as any));
  }

  SearchJobEvents(
    request: SearchJobEventsRequest
  ): Promise<SearchJobEventsResponse> {
    const data = SearchJobEventsRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "SearchJobEvents",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      SearchJobEventsResponse.fromJSON(data as any)
    );
  }

  CancelJob(request: CancelJobRequest): Promise<CancelJobResponse> {
    const data = CancelJobRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "CancelJob",
      "application/json",
      data as object
    );
    return promise.then((data) => CancelJobResponse.fromJSON(data as any));
  }

  RetryJob(request: RetryJobRequest): Promise<RetryJobResponse> {
    const data = RetryJobRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "RetryJob",
      "application/json",
      data as object
    );
    return promise.then((data) => RetryJobResponse.fromJSON(data as any));
  }

  ReplayJobs(request: ReplayJobsRequest): Promise<ReplayJobsResponse> {
    const data = ReplayJobsRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ReplayJobs",
      "application/json",
      data as object
    );
    return promise.then((data) => ReplayJobsResponse.fromJSON(data as any));
  }

  PauseQueue(request: PauseQueueRequest): Promise<PauseQueueResponse> {
    const data = PauseQueueRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "PauseQueue",
      "application/json",
      data as object
    );
    return promise.then((data) => PauseQueueResponse.fromJSON(data as any));
  }

  ResumeQueue(request: ResumeQueueRequest): Promise<ResumeQueueResponse> {
    const data = ResumeQueueRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ResumeQueue",
      "application/json",
      data as object
    );
    return promise.then((data) => ResumeQueueResponse.fromJSON(data as any));
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

  GetJobHistory(request: GetJobHistoryRequest): Promise<GetJobHistoryResponse> {
    const data = GetJobHistoryRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "GetJobHistory",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      GetJobHistoryResponse.decode(data as Uint8Array)
    );
  }

  SearchJobEvents(
    request: SearchJobEventsRequest
  ): Promise<SearchJobEventsResponse> {
    const data = SearchJobEventsRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "SearchJobEvents",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      SearchJobEventsResponse.decode(data as Uint8Array)
    );
  }

  CancelJob(request: CancelJobRequest): Promise<CancelJobResponse> {
    const data = CancelJobRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "CancelJob",
      "application/protobuf",
      data
    );
    return promise.then((data) => CancelJobResponse.decode(data as Uint8Array));
  }

  RetryJob(request: RetryJobRequest): Promise<RetryJobResponse> {
    const data = RetryJobRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "RetryJob",
      "application/protobuf",
      data
    );
    return promise.then((data) => RetryJobResponse.decode(data as Uint8Array));
  }

  ReplayJobs(request: ReplayJobsRequest): Promise<ReplayJobsResponse> {
    const data = ReplayJobsRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ReplayJobs",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ReplayJobsResponse.decode(data as Uint8Array)
    );
  }

  PauseQueue(request: PauseQueueRequest): Promise<PauseQueueResponse> {
    const data = PauseQueueRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "PauseQueue",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      PauseQueueResponse.decode(data as Uint8Array)
    );
  }

  ResumeQueue(request: ResumeQueueRequest): Promise<ResumeQueueResponse> {
    const data = ResumeQueueRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.JobService",
      "ResumeQueue",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ResumeQueueResponse.decode(data as Uint8Array)
    );
  }
}
