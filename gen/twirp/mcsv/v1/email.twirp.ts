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
    const data = SendEmailRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.EmailService",
      "SendEmail",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      SendEmailResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }
}

export class EmailServiceClientProtobuf implements EmailServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.SendEmail.bind(this);
  }
  SendEmail(request: SendEmailRequest): Promise<SendEmailResponse> {
    const data = SendEmailRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.EmailService",
      "SendEmail",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      SendEmailResponse.fromBinary(data as Uint8Array)
    );
  }
}

//==================================//
//          Server Code             //
//==================================//

export interface EmailServiceTwirp<T extends TwirpContext = TwirpContext> {
  SendEmail(ctx: T, request: SendEmailRequest): Promise<SendEmailResponse>;
}

export enum EmailServiceMethod {
  SendEmail = "SendEmail",
}

export const EmailServiceMethodList = [EmailServiceMethod.SendEmail];

export function createEmailServiceServer<T extends TwirpContext = TwirpContext>(
  service: EmailServiceTwirp<T>
) {
  return new TwirpServer<EmailServiceTwirp, T>({
    service,
    packageName: "mcsv.v1",
    serviceName: "EmailService",
    methodList: EmailServiceMethodList,
    matchRoute: matchEmailServiceRoute,
  });
}

function matchEmailServiceRoute<T extends TwirpContext = TwirpContext>(
  method: string,
  events: RouterEvents<T>
) {
  switch (method) {
    case "SendEmail":
      return async (
        ctx: T,
        service: EmailServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<T, SendEmailRequest, SendEmailResponse>[]
      ) => {
        ctx = { ...ctx, methodName: "SendEmail" };
        await events.onMatch(ctx);
        return handleEmailServiceSendEmailRequest(
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

function handleEmailServiceSendEmailRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: EmailServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, SendEmailRequest, SendEmailResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleEmailServiceSendEmailJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleEmailServiceSendEmailProtobuf<T>(
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
async function handleEmailServiceSendEmailJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: EmailServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, SendEmailRequest, SendEmailResponse>[]
) {
  let request: SendEmailRequest;
  let response: SendEmailResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = SendEmailRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      SendEmailRequest,
      SendEmailResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.SendEmail(ctx, inputReq);
    });
  } else {
    response = await service.SendEmail(ctx, request!);
  }

  return JSON.stringify(
    SendEmailResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}
async function handleEmailServiceSendEmailProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: EmailServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, SendEmailRequest, SendEmailResponse>[]
) {
  let request: SendEmailRequest;
  let response: SendEmailResponse;

  try {
    request = SendEmailRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      SendEmailRequest,
      SendEmailResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.SendEmail(ctx, inputReq);
    });
  } else {
    response = await service.SendEmail(ctx, request!);
  }

  return Buffer.from(SendEmailResponse.toBinary(response));
}
