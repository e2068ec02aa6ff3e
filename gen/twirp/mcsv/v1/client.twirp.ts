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
    const data = ClientServiceNotifyEmailDeliveredRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.ClientService",
      "NotifyEmailDelivered",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ClientServiceNotifyEmailDeliveredResponse.fromJson(data as any, {
        ignoreUnknownFields: true,
      })
    );
  }

  NotifyImageConverted(
    request: ClientServiceNotifyImageConvertedRequest
  ): Promise<ClientServiceNotifyImageConvertedResponse> {
    const data = ClientServiceNotifyImageConvertedRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.ClientService",
      "NotifyImageConverted",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ClientServiceNotifyImageConvertedResponse.fromJson(data as any, {
        ignoreUnknownFields: true,
      })
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
    const data = ClientServiceNotifyEmailDeliveredRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.ClientService",
      "NotifyEmailDelivered",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ClientServiceNotifyEmailDeliveredResponse.fromBinary(data as Uint8Array)
    );
  }

  NotifyImageConverted(
    request: ClientServiceNotifyImageConvertedRequest
  ): Promise<ClientServiceNotifyImageConvertedResponse> {
    const data = ClientServiceNotifyImageConvertedRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.ClientService",
      "NotifyImageConverted",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ClientServiceNotifyImageConvertedResponse.fromBinary(data as Uint8Array)
    );
  }
}

//==================================//
//          Server Code             //
//==================================//

export interface ClientServiceTwirp<T extends TwirpContext = TwirpContext> {
  NotifyEmailDelivered(
    ctx: T,
    request: ClientServiceNotifyEmailDeliveredRequest
  ): Promise<ClientServiceNotifyEmailDeliveredResponse>;
  NotifyImageConverted(
    ctx: T,
    request: ClientServiceNotifyImageConvertedRequest
  ): Promise<ClientServiceNotifyImageConvertedResponse>;
}

export enum ClientServiceMethod {
  NotifyEmailDelivered = "NotifyEmailDelivered",
  NotifyImageConverted = "NotifyImageConverted",
}

export const ClientServiceMethodList = [
  ClientServiceMethod.NotifyEmailDelivered,
  ClientServiceMethod.NotifyImageConverted,
];

export function createClientServiceServer<
  T extends TwirpContext = TwirpContext
>(service: ClientServiceTwirp<T>) {
  return new TwirpServer<ClientServiceTwirp, T>({
    service,
    packageName: "mcsv.v1",
    serviceName: "ClientService",
    methodList: ClientServiceMethodList,
    matchRoute: matchClientServiceRoute,
  });
}

function matchClientServiceRoute<T extends TwirpContext = TwirpContext>(
  method: string,
  events: RouterEvents<T>
) {
  switch (method) {
    case "NotifyEmailDelivered":
      return async (
        ctx: T,
        service: ClientServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          ClientServiceNotifyEmailDeliveredRequest,
          ClientServiceNotifyEmailDeliveredResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "NotifyEmailDelivered" };
        await events.onMatch(ctx);
        return handleClientServiceNotifyEmailDeliveredRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "NotifyImageConverted":
      return async (
        ctx: T,
        service: ClientServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          ClientServiceNotifyImageConvertedRequest,
          ClientServiceNotifyImageConvertedResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "NotifyImageConverted" };
        await events.onMatch(ctx);
        return handleClientServiceNotifyImageConvertedRequest(
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

function handleClientServiceNotifyEmailDeliveredRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: ClientServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ClientServiceNotifyEmailDeliveredRequest,
    ClientServiceNotifyEmailDeliveredResponse
  >[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleClientServiceNotifyEmailDeliveredJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleClientServiceNotifyEmailDeliveredProtobuf<T>(
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

function handleClientServiceNotifyImageConvertedRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: ClientServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ClientServiceNotifyImageConvertedRequest,
    ClientServiceNotifyImageConvertedResponse
  >[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleClientServiceNotifyImageConvertedJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleClientServiceNotifyImageConvertedProtobuf<T>(
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
async function handleClientServiceNotifyEmailDeliveredJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: ClientServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ClientServiceNotifyEmailDeliveredRequest,
    ClientServiceNotifyEmailDeliveredResponse
  >[]
) {
  let request: ClientServiceNotifyEmailDeliveredRequest;
  let response: ClientServiceNotifyEmailDeliveredResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = ClientServiceNotifyEmailDeliveredRequest.fromJson(body, {
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
      ClientServiceNotifyEmailDeliveredRequest,
      ClientServiceNotifyEmailDeliveredResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.NotifyEmailDelivered(ctx, inputReq);
    });
  } else {
    response = await service.NotifyEmailDelivered(ctx, request!);
  }

  return JSON.stringify(
    ClientServiceNotifyEmailDeliveredResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleClientServiceNotifyImageConvertedJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: ClientServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ClientServiceNotifyImageConvertedRequest,
    ClientServiceNotifyImageConvertedResponse
  >[]
) {
  let request: ClientServiceNotifyImageConvertedRequest;
  let response: ClientServiceNotifyImageConvertedResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = ClientServiceNotifyImageConvertedRequest.fromJson(body, {
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
      ClientServiceNotifyImageConvertedRequest,
      ClientServiceNotifyImageConvertedResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.NotifyImageConverted(ctx, inputReq);
    });
  } else {
    response = await service.NotifyImageConverted(ctx, request!);
  }

  return JSON.stringify(
    ClientServiceNotifyImageConvertedResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}
async function handleClientServiceNotifyEmailDeliveredProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: ClientServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ClientServiceNotifyEmailDeliveredRequest,
    ClientServiceNotifyEmailDeliveredResponse
  >[]
) {
  let request: ClientServiceNotifyEmailDeliveredRequest;
  let response: ClientServiceNotifyEmailDeliveredResponse;

  try {
    request = ClientServiceNotifyEmailDeliveredRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      ClientServiceNotifyEmailDeliveredRequest,
      ClientServiceNotifyEmailDeliveredResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.NotifyEmailDelivered(ctx, inputReq);
    });
  } else {
    response = await service.NotifyEmailDelivered(ctx, request!);
  }

  return Buffer.from(
    ClientServiceNotifyEmailDeliveredResponse.toBinary(response)
  );
}

async function handleClientServiceNotifyImageConvertedProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: ClientServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ClientServiceNotifyImageConvertedRequest,
    ClientServiceNotifyImageConvertedResponse
  >[]
) {
  let request: ClientServiceNotifyImageConvertedRequest;
  let response: ClientServiceNotifyImageConvertedResponse;

  try {
    request = ClientServiceNotifyImageConvertedRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      ClientServiceNotifyImageConvertedRequest,
      ClientServiceNotifyImageConvertedResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.NotifyImageConverted(ctx, inputReq);
    });
  } else {
    response = await service.NotifyImageConverted(ctx, request!);
  }

  return Buffer.from(
    ClientServiceNotifyImageConvertedResponse.toBinary(response)
  );
}
