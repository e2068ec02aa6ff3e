import { SendEmailRequest, SendEmailResponse } from "./email";

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

export interface EmailServiceClient {
  SendEmail(request: SendEmailRequest): Promise<SendEmailResponse>;
}

export class EmailServiceClientJSON implements EmailServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.SendEmail.bind(this);
  }
  SendEmail(request: SendEmailRequest): Promise<SendEmailResponse> {
    const data = SendEmailRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.EmailService",
      "SendEmail",
      "application/json",
      data as object
    );
    return promise.then((data) => SendEmailResponse.fromJSON(data as any));
  }
}

export class EmailServiceClientProtobuf implements EmailServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.SendEmail.bind(this);
  }
  SendEmail(request: SendEmailRequest): Promise<SendEmailResponse> {
    const data = SendEmailRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.EmailService",
      "SendEmail",
      "application/protobuf",
      data
    );
    return promise.then((data) => SendEmailResponse.decode(data as Uint8Array));
  }
}
