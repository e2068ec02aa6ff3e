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
    const data = CreateUserRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateUser",
      "application/json",
      data as object
    );
    return promise.then((data) => CreateUserResponse.fromJSON(data as any));
  }

  CreateAccessToken(
    request: CreateAccessTokenRequest
  ): Promise<CreateAccessTokenResponse> {
    const data = CreateAccessTokenRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateAccessToken",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      CreateAccessTokenResponse.fromJSON(data as any)
    );
  }

  GetUser(request: GetUserRequest): Promise<GetUserResponse> {
    const data = GetUserRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "GetUser",
      "application/json",
      data as object
    );
    return promise.then((data) => GetUserResponse.fromJSON(data as any));
  }

  CreateUpload(request: CreateUploadRequest): Promise<CreateUploadResponse> {
    const data = CreateUploadRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateUpload",
      "application/json",
      data as object
    );
    return promise.then((data) => CreateUploadResponse.fromJSON(data as any));
  }

  ConvertImage(
    request: UserServiceConvertImageRequest
  ): Promise<UserServiceConvertImageResponse> {
    const data = UserServiceConvertImageRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "ConvertImage",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      UserServiceConvertImageResponse.fromJSON(data as any)
    );
  }

  GetConversion(request: GetConversionRequest): Promise<GetConversionResponse> {
    const data = GetConversionRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "GetConversion",
      "application/json",
      data as object
    );
    return promise.then((data) => GetConversionResponse.fromJSON(data as any));
  }

  ListConversions(
    request: ListConversionsRequest
  ): Promise<ListConversionsResponse> {
    const data = ListConversionsRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "ListConversions",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ListConversionsResponse.fromJSON(data as any)
    );
  }

  NotifyEmailDelivered(
    request: UserServiceNotifyEmailDeliveredRequest
  ): Promise<UserServiceNotifyEmailDeliveredResponse> {
    const data = UserServiceNotifyEmailDeliveredRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "NotifyEmailDelivered",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      UserServiceNotifyEmailDeliveredResponse.fromJSON(data as any)
    );
  }

  NotifyImageConverted(
    request: UserServiceNotifyImageConvertedRequest
  ): Promise<UserServiceNotifyImageConvertedResponse> {
    const data = UserServiceNotifyImageConvertedRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "NotifyImageConverted",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      UserServiceNotifyImageConvertedResponse.fromJSON(data as any)
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
    const data = CreateUserRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateUser",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      CreateUserResponse.decode(data as Uint8Array)
    );
  }

  CreateAccessToken(
    request: CreateAccessTokenRequest
  ): Promise<CreateAccessTokenResponse> {
    const data = CreateAccessTokenRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateAccessToken",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      CreateAccessTokenResponse.decode(data as Uint8Array)
    );
  }

  GetUser(request: GetUserRequest): Promise<GetUserResponse> {
    const data = GetUserRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "GetUser",
      "application/protobuf",
      data
    );
    return promise.then((data) => GetUserResponse.decode(data as Uint8Array));
  }

  CreateUpload(request: CreateUploadRequest): Promise<CreateUploadResponse> {
    const data = CreateUploadRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "CreateUpload",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      CreateUploadResponse.decode(data as Uint8Array)
    );
  }

  ConvertImage(
    request: UserServiceConvertImageRequest
  ): Promise<UserServiceConvertImageResponse> {
    const data = UserServiceConvertImageRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "ConvertImage",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      UserServiceConvertImageResponse.decode(data as Uint8Array)
    );
  }

  GetConversion(request: GetConversionRequest): Promise<GetConversionResponse> {
    const data = GetConversionRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "GetConversion",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      GetConversionResponse.decode(data as Uint8Array)
    );
  }

  ListConversions(
    request: ListConversionsRequest
  ): Promise<ListConversionsResponse> {
    const data = ListConversionsRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "ListConversions",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ListConversionsResponse.decode(data as Uint8Array)
    );
  }

  NotifyEmailDelivered(
    request: UserServiceNotifyEmailDeliveredRequest
  ): Promise<UserServiceNotifyEmailDeliveredResponse> {
    const data =
      UserServiceNotifyEmailDeliveredRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "NotifyEmailDelivered",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      UserServiceNotifyEmailDeliveredResponse.decode(data as Uint8Array)
    );
  }

  NotifyImageConverted(
    request: UserServiceNotifyImageConvertedRequest
  ): Promise<UserServiceNotifyImageConvertedResponse> {
    const data =
      UserServiceNotifyImageConvertedRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.UserService",
      "NotifyImageConverted",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      UserServiceNotifyImageConvertedResponse.decode(data as Uint8Array)
    );
  }
}
