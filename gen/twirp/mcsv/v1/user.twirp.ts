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
  CreateUserRequest,
  CreateUserResponse,
  CreateAccessTokenRequest,
  CreateAccessTokenResponse,
  GetUserRequest,
  GetUserResponse,
  CreateUploadRequest,
  CreateUploadResponse,
  UserServiceConvertImageRequest,
  UserServiceConvertImageResponse,
  GetConversionRequest,
  GetConversionResponse,
  ListConversionsRequest,
  ListConversionsResponse,
  UserServiceNotifyEmailDeliveredRequest,
  UserServiceNotifyEmailDeliveredResponse,
  UserServiceNotifyImageConvertedRequest,
  UserServiceNotifyImageConvertedResponse,
} from "./user";

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

export interface UserServiceClient {
  CreateUser(request: CreateUserRequest): Promise<CreateUserResponse>;
  CreateAccessToken(
    request: CreateAccessTokenRequest
  ): Promise<CreateAccessTokenResponse>;
  GetUser(request: GetUserRequest): Promise<GetUserResponse>;
  CreateUpload(request: CreateUploadRequest): Promise<CreateUploadResponse>;
  ConvertImage(
    request: UserServiceConvertImageRequest
  ): Promise<UserServiceConvertImageResponse>;
  GetConversion(request: GetConversionRequest): Promise<GetConversionResponse>;
  ListConversions(
    request: ListConversionsRequest
  ): Promise<ListConversionsResponse>;
  NotifyEmailDelivered(
    request: UserServiceNotifyEmailDeliveredRequest
  ): Promise<UserServiceNotifyEmailDeliveredResponse>;
  NotifyImageConverted(
    request: UserServiceNotifyImageConvertedRequest
  ): Promise<UserServiceNotifyImageConvertedResponse>;
}

export class UserServiceClientJSON implements UserServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.CreateUser.bind(this);
    this.CreateAccessToken.bind(this);
    this.GetUser.bind(this);
    this.CreateUpload.bind(this);
    this.ConvertImage.bind(this);
    this.GetConversion.bind(this);
    this.ListConversions.bind(this);
    this.NotifyEmailDelivered.bind(this);
    this.NotifyImageConverted.bind(this);
  }
  CreateUser(request: CreateUserRequest): Promise<CreateUserResponse> {
    const data = CreateUserRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateUser",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      CreateUserResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  CreateAccessToken(
    request: CreateAccessTokenRequest
  ): Promise<CreateAccessTokenResponse> {
    const data = CreateAccessTokenRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateAccessToken",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      CreateAccessTokenResponse.fromJson(data as any, {
        ignoreUnknownFields: true,
      })
    );
  }

  GetUser(request: GetUserRequest): Promise<GetUserResponse> {
    const data = GetUserRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "GetUser",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      GetUserResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  CreateUpload(request: CreateUploadRequest): Promise<CreateUploadResponse> {
    const data = CreateUploadRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateUpload",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      CreateUploadResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  ConvertImage(
    request: UserServiceConvertImageRequest
  ): Promise<UserServiceConvertImageResponse> {
    const data = UserServiceConvertImageRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "ConvertImage",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      UserServiceConvertImageResponse.fromJson(data as any, {
        ignoreUnknownFields: true,
      })
    );
  }

  GetConversion(request: GetConversionRequest): Promise<GetConversionResponse> {
    const data = GetConversionRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "GetConversion",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      GetConversionResponse.fromJson(data as any, { ignoreUnknownFields: true })
    );
  }

  ListConversions(
    request: ListConversionsRequest
  ): Promise<ListConversionsResponse> {
    const data = ListConversionsRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "ListConversions",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ListConversionsResponse.fromJson(data as any, {
        ignoreUnknownFields: true,
      })
    );
  }

  NotifyEmailDelivered(
    request: UserServiceNotifyEmailDeliveredRequest
  ): Promise<UserServiceNotifyEmailDeliveredResponse> {
    const data = UserServiceNotifyEmailDeliveredRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "NotifyEmailDelivered",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      UserServiceNotifyEmailDeliveredResponse.fromJson(data as any, {
        ignoreUnknownFields: true,
      })
    );
  }

  NotifyImageConverted(
    request: UserServiceNotifyImageConvertedRequest
  ): Promise<UserServiceNotifyImageConvertedResponse> {
    const data = UserServiceNotifyImageConvertedRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "NotifyImageConverted",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      UserServiceNotifyImageConvertedResponse.fromJson(data as any, {
        ignoreUnknownFields: true,
      })
    );
  }
}

export class UserServiceClientProtobuf implements UserServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.CreateUser.bind(this);
    this.CreateAccessToken.bind(this);
    this.GetUser.bind(this);
    this.CreateUpload.bind(this);
    this.ConvertImage.bind(this);
    this.GetConversion.bind(this);
    this.ListConversions.bind(this);
    this.NotifyEmailDelivered.bind(this);
    this.NotifyImageConverted.bind(this);
  }
  CreateUser(request: CreateUserRequest): Promise<CreateUserResponse> {
    const data = CreateUserRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateUser",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      CreateUserResponse.fromBinary(data as Uint8Array)
    );
  }

  CreateAccessToken(
    request: CreateAccessTokenRequest
  ): Promise<CreateAccessTokenResponse> {
    const data = CreateAccessTokenRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateAccessToken",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      CreateAccessTokenResponse.fromBinary(data as Uint8Array)
    );
  }

  GetUser(request: GetUserRequest): Promise<GetUserResponse> {
    const data = GetUserRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "GetUser",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      GetUserResponse.fromBinary(data as Uint8Array)
    );
  }

  CreateUpload(request: CreateUploadRequest): Promise<CreateUploadResponse> {
    const data = CreateUploadRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateUpload",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      CreateUploadResponse.fromBinary(data as Uint8Array)
    );
  }

  ConvertImage(
    request: UserServiceConvertImageRequest
  ): Promise<UserServiceConvertImageResponse> {
    const data = UserServiceConvertImageRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "ConvertImage",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      UserServiceConvertImageResponse.fromBinary(data as Uint8Array)
    );
  }

  GetConversion(request: GetConversionRequest): Promise<GetConversionResponse> {
    const data = GetConversionRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "GetConversion",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      GetConversionResponse.fromBinary(data as Uint8Array)
    );
  }

  ListConversions(
    request: ListConversionsRequest
  ): Promise<ListConversionsResponse> {
    const data = ListConversionsRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "ListConversions",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ListConversionsResponse.fromBinary(data as Uint8Array)
    );
  }

  NotifyEmailDelivered(
    request: UserServiceNotifyEmailDeliveredRequest
  ): Promise<UserServiceNotifyEmailDeliveredResponse> {
    const data = UserServiceNotifyEmailDeliveredRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "NotifyEmailDelivered",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      UserServiceNotifyEmailDeliveredResponse.fromBinary(data as Uint8Array)
    );
  }

  NotifyImageConverted(
    request: UserServiceNotifyImageConvertedRequest
  ): Promise<UserServiceNotifyImageConvertedResponse> {
    const data = UserServiceNotifyImageConvertedRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "NotifyImageConverted",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      UserServiceNotifyImageConvertedResponse.fromBinary(data as Uint8Array)
    );
  }
}

//==================================//
//          Server Code             //
//==================================//

export interface UserServiceTwirp<T extends TwirpContext = TwirpContext> {
  CreateUser(ctx: T, request: CreateUserRequest): Promise<CreateUserResponse>;
  CreateAccessToken(
    ctx: T,
    request: CreateAccessTokenRequest
  ): Promise<CreateAccessTokenResponse>;
  GetUser(ctx: T, request: GetUserRequest): Promise<GetUserResponse>;
  CreateUpload(
    ctx: T,
    request: CreateUploadRequest
  ): Promise<CreateUploadResponse>;
  ConvertImage(
    ctx: T,
    request: UserServiceConvertImageRequest
  ): Promise<UserServiceConvertImageResponse>;
  GetConversion(
    ctx: T,
    request: GetConversionRequest
  ): Promise<GetConversionResponse>;
  ListConversions(
    ctx: T,
    request: ListConversionsRequest
  ): Promise<ListConversionsResponse>;
  NotifyEmailDelivered(
    ctx: T,
    request: UserServiceNotifyEmailDeliveredRequest
  ): Promise<UserServiceNotifyEmailDeliveredResponse>;
  NotifyImageConverted(
    ctx: T,
    request: UserServiceNotifyImageConvertedRequest
  ): Promise<UserServiceNotifyImageConvertedResponse>;
}

export enum UserServiceMethod {
  CreateUser = "CreateUser",
  CreateAccessToken = "CreateAccessToken",
  GetUser = "GetUser",
  CreateUpload = "CreateUpload",
  ConvertImage = "ConvertImage",
  GetConversion = "GetConversion",
  ListConversions = "ListConversions",
  NotifyEmailDelivered = "NotifyEmailDelivered",
  NotifyImageConverted = "NotifyImageConverted",
}

export const UserServiceMethodList = [
  UserServiceMethod.CreateUser,
  UserServiceMethod.CreateAccessToken,
  UserServiceMethod.GetUser,
  UserServiceMethod.CreateUpload,
  UserServiceMethod.ConvertImage,
  UserServiceMethod.GetConversion,
  UserServiceMethod.ListConversions,
  UserServiceMethod.NotifyEmailDelivered,
  UserServiceMethod.NotifyImageConverted,
];

export function createUserServiceServer<T extends TwirpContext = TwirpContext>(
  service: UserServiceTwirp<T>
) {
  return new TwirpServer<UserServiceTwirp, T>({
    service,
    packageName: "mcsv.v1",
    serviceName: "UserService",
    methodList: UserServiceMethodList,
    matchRoute: matchUserServiceRoute,
  });
}

function matchUserServiceRoute<T extends TwirpContext = TwirpContext>(
  method: string,
  events: RouterEvents<T>
) {
  switch (method) {
    case "CreateUser":
      return async (
        ctx: T,
        service: UserServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<T, CreateUserRequest, CreateUserResponse>[]
      ) => {
        ctx = { ...ctx, methodName: "CreateUser" };
        await events.onMatch(ctx);
        return handleUserServiceCreateUserRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "CreateAccessToken":
      return async (
        ctx: T,
        service: UserServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          CreateAccessTokenRequest,
          CreateAccessTokenResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "CreateAccessToken" };
        await events.onMatch(ctx);
        return handleUserServiceCreateAccessTokenRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "GetUser":
      return async (
        ctx: T,
        service: UserServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<T, GetUserRequest, GetUserResponse>[]
      ) => {
        ctx = { ...ctx, methodName: "GetUser" };
        await events.onMatch(ctx);
        return handleUserServiceGetUserRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "CreateUpload":
      return async (
        ctx: T,
        service: UserServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          CreateUploadRequest,
          CreateUploadResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "CreateUpload" };
        await events.onMatch(ctx);
        return handleUserServiceCreateUploadRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "ConvertImage":
      return async (
        ctx: T,
        service: UserServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          UserServiceConvertImageRequest,
          UserServiceConvertImageResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "ConvertImage" };
        await events.onMatch(ctx);
        return handleUserServiceConvertImageRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "GetConversion":
      return async (
        ctx: T,
        service: UserServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          GetConversionRequest,
          GetConversionResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "GetConversion" };
        await events.onMatch(ctx);
        return handleUserServiceGetConversionRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "ListConversions":
      return async (
        ctx: T,
        service: UserServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          ListConversionsRequest,
          ListConversionsResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "ListConversions" };
        await events.onMatch(ctx);
        return handleUserServiceListConversionsRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "NotifyEmailDelivered":
      return async (
        ctx: T,
        service: UserServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          UserServiceNotifyEmailDeliveredRequest,
          UserServiceNotifyEmailDeliveredResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "NotifyEmailDelivered" };
        await events.onMatch(ctx);
        return handleUserServiceNotifyEmailDeliveredRequest(
          ctx,
          service,
          data,
          interceptors
        );
      };
    case "NotifyImageConverted":
      return async (
        ctx: T,
        service: UserServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          UserServiceNotifyImageConvertedRequest,
          UserServiceNotifyImageConvertedResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "NotifyImageConverted" };
        await events.onMatch(ctx);
        return handleUserServiceNotifyImageConvertedRequest(
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

function handleUserServiceCreateUserRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, CreateUserRequest, CreateUserResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleUserServiceCreateUserJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleUserServiceCreateUserProtobuf<T>(
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

function handleUserServiceCreateAccessTokenRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    CreateAccessTokenRequest,
    CreateAccessTokenResponse
  >[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleUserServiceCreateAccessTokenJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleUserServiceCreateAccessTokenProtobuf<T>(
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

function handleUserServiceGetUserRequest<T extends TwirpContext = TwirpContext>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetUserRequest, GetUserResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleUserServiceGetUserJSON<T>(ctx, service, data, interceptors);
    case TwirpContentType.Protobuf:
      return handleUserServiceGetUserProtobuf<T>(
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

function handleUserServiceCreateUploadRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, CreateUploadRequest, CreateUploadResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleUserServiceCreateUploadJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleUserServiceCreateUploadProtobuf<T>(
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

function handleUserServiceConvertImageRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    UserServiceConvertImageRequest,
    UserServiceConvertImageResponse
  >[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleUserServiceConvertImageJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleUserServiceConvertImageProtobuf<T>(
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

function handleUserServiceGetConversionRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetConversionRequest, GetConversionResponse>[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleUserServiceGetConversionJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleUserServiceGetConversionProtobuf<T>(
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

function handleUserServiceListConversionsRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ListConversionsRequest,
    ListConversionsResponse
  >[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleUserServiceListConversionsJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleUserServiceListConversionsProtobuf<T>(
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

function handleUserServiceNotifyEmailDeliveredRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    UserServiceNotifyEmailDeliveredRequest,
    UserServiceNotifyEmailDeliveredResponse
  >[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleUserServiceNotifyEmailDeliveredJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleUserServiceNotifyEmailDeliveredProtobuf<T>(
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

function handleUserServiceNotifyImageConvertedRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    UserServiceNotifyImageConvertedRequest,
    UserServiceNotifyImageConvertedResponse
  >[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleUserServiceNotifyImageConvertedJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleUserServiceNotifyImageConvertedProtobuf<T>(
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
async function handleUserServiceCreateUserJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, CreateUserRequest, CreateUserResponse>[]
) {
  let request: CreateUserRequest;
  let response: CreateUserResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = CreateUserRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      CreateUserRequest,
      CreateUserResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.CreateUser(ctx, inputReq);
    });
  } else {
    response = await service.CreateUser(ctx, request!);
  }

  return JSON.stringify(
    CreateUserResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleUserServiceCreateAccessTokenJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    CreateAccessTokenRequest,
    CreateAccessTokenResponse
  >[]
) {
  let request: CreateAccessTokenRequest;
  let response: CreateAccessTokenResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = CreateAccessTokenRequest.fromJson(body, {
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
      CreateAccessTokenRequest,
      CreateAccessTokenResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.CreateAccessToken(ctx, inputReq);
    });
  } else {
    response = await service.CreateAccessToken(ctx, request!);
  }

  return JSON.stringify(
    CreateAccessTokenResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleUserServiceGetUserJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetUserRequest, GetUserResponse>[]
) {
  let request: GetUserRequest;
  let response: GetUserResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = GetUserRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      GetUserRequest,
      GetUserResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.GetUser(ctx, inputReq);
    });
  } else {
    response = await service.GetUser(ctx, request!);
  }

  return JSON.stringify(
    GetUserResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleUserServiceCreateUploadJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, CreateUploadRequest, CreateUploadResponse>[]
) {
  let request: CreateUploadRequest;
  let response: CreateUploadResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = CreateUploadRequest.fromJson(body, { ignoreUnknownFields: true });
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the json request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      CreateUploadRequest,
      CreateUploadResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.CreateUpload(ctx, inputReq);
    });
  } else {
    response = await service.CreateUpload(ctx, request!);
  }

  return JSON.stringify(
    CreateUploadResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleUserServiceConvertImageJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    UserServiceConvertImageRequest,
    UserServiceConvertImageResponse
  >[]
) {
  let request: UserServiceConvertImageRequest;
  let response: UserServiceConvertImageResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = UserServiceConvertImageRequest.fromJson(body, {
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
      UserServiceConvertImageRequest,
      UserServiceConvertImageResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ConvertImage(ctx, inputReq);
    });
  } else {
    response = await service.ConvertImage(ctx, request!);
  }

  return JSON.stringify(
    UserServiceConvertImageResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleUserServiceGetConversionJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetConversionRequest, GetConversionResponse>[]
) {
  let request: GetConversionRequest;
  let response: GetConversionResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = GetConversionRequest.fromJson(body, {
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
      GetConversionRequest,
      GetConversionResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.GetConversion(ctx, inputReq);
    });
  } else {
    response = await service.GetConversion(ctx, request!);
  }

  return JSON.stringify(
    GetConversionResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleUserServiceListConversionsJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ListConversionsRequest,
    ListConversionsResponse
  >[]
) {
  let request: ListConversionsRequest;
  let response: ListConversionsResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = ListConversionsRequest.fromJson(body, {
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
      ListConversionsRequest,
      ListConversionsResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ListConversions(ctx, inputReq);
    });
  } else {
    response = await service.ListConversions(ctx, request!);
  }

  return JSON.stringify(
    ListConversionsResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleUserServiceNotifyEmailDeliveredJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    UserServiceNotifyEmailDeliveredRequest,
    UserServiceNotifyEmailDeliveredResponse
  >[]
) {
  let request: UserServiceNotifyEmailDeliveredRequest;
  let response: UserServiceNotifyEmailDeliveredResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = UserServiceNotifyEmailDeliveredRequest.fromJson(body, {
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
      UserServiceNotifyEmailDeliveredRequest,
      UserServiceNotifyEmailDeliveredResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.NotifyEmailDelivered(ctx, inputReq);
    });
  } else {
    response = await service.NotifyEmailDelivered(ctx, request!);
  }

  return JSON.stringify(
    UserServiceNotifyEmailDeliveredResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}

async function handleUserServiceNotifyImageConvertedJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    UserServiceNotifyImageConvertedRequest,
    UserServiceNotifyImageConvertedResponse
  >[]
) {
  let request: UserServiceNotifyImageConvertedRequest;
  let response: UserServiceNotifyImageConvertedResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = UserServiceNotifyImageConvertedRequest.fromJson(body, {
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
      UserServiceNotifyImageConvertedRequest,
      UserServiceNotifyImageConvertedResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.NotifyImageConverted(ctx, inputReq);
    });
  } else {
    response = await service.NotifyImageConverted(ctx, request!);
  }

  return JSON.stringify(
    UserServiceNotifyImageConvertedResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}
async function handleUserServiceCreateUserProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, CreateUserRequest, CreateUserResponse>[]
) {
  let request: CreateUserRequest;
  let response: CreateUserResponse;

  try {
    request = CreateUserRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      CreateUserRequest,
      CreateUserResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.CreateUser(ctx, inputReq);
    });
  } else {
    response = await service.CreateUser(ctx, request!);
  }

  return Buffer.from(CreateUserResponse.toBinary(response));
}

async function handleUserServiceCreateAccessTokenProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    CreateAccessTokenRequest,
    CreateAccessTokenResponse
  >[]
) {
  let request: CreateAccessTokenRequest;
  let response: CreateAccessTokenResponse;

  try {
    request = CreateAccessTokenRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      CreateAccessTokenRequest,
      CreateAccessTokenResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.CreateAccessToken(ctx, inputReq);
    });
  } else {
    response = await service.CreateAccessToken(ctx, request!);
  }

  return Buffer.from(CreateAccessTokenResponse.toBinary(response));
}

async function handleUserServiceGetUserProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetUserRequest, GetUserResponse>[]
) {
  let request: GetUserRequest;
  let response: GetUserResponse;

  try {
    request = GetUserRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      GetUserRequest,
      GetUserResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.GetUser(ctx, inputReq);
    });
  } else {
    response = await service.GetUser(ctx, request!);
  }

  return Buffer.from(GetUserResponse.toBinary(response));
}

async function handleUserServiceCreateUploadProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, CreateUploadRequest, CreateUploadResponse>[]
) {
  let request: CreateUploadRequest;
  let response: CreateUploadResponse;

  try {
    request = CreateUploadRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      CreateUploadRequest,
      CreateUploadResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.CreateUpload(ctx, inputReq);
    });
  } else {
    response = await service.CreateUpload(ctx, request!);
  }

  return Buffer.from(CreateUploadResponse.toBinary(response));
}

async function handleUserServiceConvertImageProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    UserServiceConvertImageRequest,
    UserServiceConvertImageResponse
  >[]
) {
  let request: UserServiceConvertImageRequest;
  let response: UserServiceConvertImageResponse;

  try {
    request = UserServiceConvertImageRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      UserServiceConvertImageRequest,
      UserServiceConvertImageResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ConvertImage(ctx, inputReq);
    });
  } else {
    response = await service.ConvertImage(ctx, request!);
  }

  return Buffer.from(UserServiceConvertImageResponse.toBinary(response));
}

async function handleUserServiceGetConversionProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<T, GetConversionRequest, GetConversionResponse>[]
) {
  let request: GetConversionRequest;
  let response: GetConversionResponse;

  try {
    request = GetConversionRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      GetConversionRequest,
      GetConversionResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.GetConversion(ctx, inputReq);
    });
  } else {
    response = await service.GetConversion(ctx, request!);
  }

  return Buffer.from(GetConversionResponse.toBinary(response));
}

async function handleUserServiceListConversionsProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ListConversionsRequest,
    ListConversionsResponse
  >[]
) {
  let request: ListConversionsRequest;
  let response: ListConversionsResponse;

  try {
    request = ListConversionsRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      ListConversionsRequest,
      ListConversionsResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ListConversions(ctx, inputReq);
    });
  } else {
    response = await service.ListConversions(ctx, request!);
  }

  return Buffer.from(ListConversionsResponse.toBinary(response));
}

async function handleUserServiceNotifyEmailDeliveredProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    UserServiceNotifyEmailDeliveredRequest,
    UserServiceNotifyEmailDeliveredResponse
  >[]
) {
  let request: UserServiceNotifyEmailDeliveredRequest;
  let response: UserServiceNotifyEmailDeliveredResponse;

  try {
    request = UserServiceNotifyEmailDeliveredRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      UserServiceNotifyEmailDeliveredRequest,
      UserServiceNotifyEmailDeliveredResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.NotifyEmailDelivered(ctx, inputReq);
    });
  } else {
    response = await service.NotifyEmailDelivered(ctx, request!);
  }

  return Buffer.from(
    UserServiceNotifyEmailDeliveredResponse.toBinary(response)
  );
}

async function handleUserServiceNotifyImageConvertedProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: UserServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    UserServiceNotifyImageConvertedRequest,
    UserServiceNotifyImageConvertedResponse
  >[]
) {
  let request: UserServiceNotifyImageConvertedRequest;
  let response: UserServiceNotifyImageConvertedResponse;

  try {
    request = UserServiceNotifyImageConvertedRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      UserServiceNotifyImageConvertedRequest,
      UserServiceNotifyImageConvertedResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.NotifyImageConverted(ctx, inputReq);
    });
  } else {
    response = await service.NotifyImageConverted(ctx, request!);
  }

  return Buffer.from(
    UserServiceNotifyImageConvertedResponse.toBinary(response)
  );
}
