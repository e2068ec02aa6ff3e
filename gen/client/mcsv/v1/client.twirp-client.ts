import {
  ClientServiceNotifyEmailDeliveredRequest,
  ClientServiceNotifyEmailDeliveredResponse,
  ClientServiceNotifyImageConvertedRequest,
  ClientServiceNotifyImageConvertedResponse,
} from "./client";

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

export interface ClientServiceClient {
  NotifyEmailDelivered(
    request: ClientServiceNotifyEmailDeliveredRequest
  ): Promise<ClientServiceNotifyEmailDeliveredResponse>;
  NotifyImageConverted(
    request: ClientServiceNotifyImageConvertedRequest
  ): Promise<ClientServiceNotifyImageConvertedResponse>;
}

export class ClientServiceClientJSON implements ClientServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.NotifyEmailDelivered.bind(this);
    this.NotifyImageConverted.bind(this);
  }
  NotifyEmailDelivered(
    request: ClientServiceNotifyEmailDeliveredRequest
  ): Promise<ClientServiceNotifyEmailDeliveredResponse> {
    const data = ClientServiceNotifyEmailDeliveredRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.ClientService",
      "NotifyEmailDelivered",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ClientServiceNotifyEmailDeliveredResponse.fromJSON(data as any)
    );
  }

  NotifyImageConverted(
    request: ClientServiceNotifyImageConvertedRequest
  ): Promise<ClientServiceNotifyImageConvertedResponse> {
    const data = ClientServiceNotifyImageConvertedRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.ClientService",
      "NotifyImageConverted",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ClientServiceNotifyImageConvertedResponse.fromJSON(data as any)
    );
  }
}

export class ClientServiceClientProtobuf implements ClientServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.NotifyEmailDelivered.bind(this);
    this.NotifyImageConverted.bind(this);
  }
  NotifyEmailDelivered(
    request: ClientServiceNotifyEmailDeliveredRequest
  ): Promise<ClientServiceNotifyEmailDeliveredResponse> {
    const data =
      ClientServiceNotifyEmailDeliveredRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.ClientService",
      "NotifyEmailDelivered",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ClientServiceNotifyEmailDeliveredResponse.decode(data as Uint8Array)
    );
  }

  NotifyImageConverted(
    request: ClientServiceNotifyImageConvertedRequest
  ): Promise<ClientServiceNotifyImageConvertedResponse> {
    const data =
      ClientServiceNotifyImageConvertedRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.ClientService",
      "NotifyImageConverted",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ClientServiceNotifyImageConvertedResponse.decode(data as Uint8Array)
    );
  }
}
