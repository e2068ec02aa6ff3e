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
  ImageServiceConvertImageRequest,
  ImageServiceConvertImageResponse,
} from "./image";

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

export interface ImageServiceClient {
  ConvertImage(
    request: ImageServiceConvertImageRequest
  ): Promise<ImageServiceConvertImageResponse>;
}

export class ImageServiceClientJSON implements ImageServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.ConvertImage.bind(this);
  }
  ConvertImage(
    request: ImageServiceConvertImageRequest
  ): Promise<ImageServiceConvertImageResponse> {
    const data = ImageServiceConvertImageRequest.toJson(request, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    });
    const promise = this.rpc.request(
      "mcsv.v1.ImageService",
      "ConvertImage",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ImageServiceConvertImageResponse.fromJson(data as any, {
        ignoreUnknownFields: true,
      })
    );
  }
}

export class ImageServiceClientProtobuf implements ImageServiceClient {
  private readonly rpc: Rpc;
  constructor(rpc: Rpc) {
    this.rpc = rpc;
    this.ConvertImage.bind(this);
  }
  ConvertImage(
    request: ImageServiceConvertImageRequest
  ): Promise<ImageServiceConvertImageResponse> {
    const data = ImageServiceConvertImageRequest.toBinary(request);
    const promise = this.rpc.request(
      "mcsv.v1.ImageService",
      "ConvertImage",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ImageServiceConvertImageResponse.fromBinary(data as Uint8Array)
    );
  }
}

//==================================//
//          Server Code             //
//==================================//

export interface ImageServiceTwirp<T extends TwirpContext = TwirpContext> {
  ConvertImage(
    ctx: T,
    request: ImageServiceConvertImageRequest
  ): Promise<ImageServiceConvertImageResponse>;
}

export enum ImageServiceMethod {
  ConvertImage = "ConvertImage",
}

export const ImageServiceMethodList = [ImageServiceMethod.ConvertImage];

export function createImageServiceServer<T extends TwirpContext = TwirpContext>(
  service: ImageServiceTwirp<T>
) {
  return new TwirpServer<ImageServiceTwirp, T>({
    service,
    packageName: "mcsv.v1",
    serviceName: "ImageService",
    methodList: ImageServiceMethodList,
    matchRoute: matchImageServiceRoute,
  });
}

function matchImageServiceRoute<T extends TwirpContext = TwirpContext>(
  method: string,
  events: RouterEvents<T>
) {
  switch (method) {
    case "ConvertImage":
      return async (
        ctx: T,
        service: ImageServiceTwirp,
        data: Buffer,
        interceptors?: Interceptor<
          T,
          ImageServiceConvertImageRequest,
          ImageServiceConvertImageResponse
        >[]
      ) => {
        ctx = { ...ctx, methodName: "ConvertImage" };
        await events.onMatch(ctx);
        return handleImageServiceConvertImageRequest(
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

function handleImageServiceConvertImageRequest<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: ImageServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ImageServiceConvertImageRequest,
    ImageServiceConvertImageResponse
  >[]
): Promise<string | Uint8Array> {
  switch (ctx.contentType) {
    case TwirpContentType.JSON:
      return handleImageServiceConvertImageJSON<T>(
        ctx,
        service,
        data,
        interceptors
      );
    case TwirpContentType.Protobuf:
      return handleImageServiceConvertImageProtobuf<T>(
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
async function handleImageServiceConvertImageJSON<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: ImageServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ImageServiceConvertImageRequest,
    ImageServiceConvertImageResponse
  >[]
) {
  let request: ImageServiceConvertImageRequest;
  let response: ImageServiceConvertImageResponse;

  try {
    const body = JSON.parse(data.toString() || "{}");
    request = ImageServiceConvertImageRequest.fromJson(body, {
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
      ImageServiceConvertImageRequest,
      ImageServiceConvertImageResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ConvertImage(ctx, inputReq);
    });
  } else {
    response = await service.ConvertImage(ctx, request!);
  }

  return JSON.stringify(
    ImageServiceConvertImageResponse.toJson(response, {
      useProtoFieldName: true,
      emitDefaultValues: true,
    }) as string
  );
}
async function handleImageServiceConvertImageProtobuf<
  T extends TwirpContext = TwirpContext
>(
  ctx: T,
  service: ImageServiceTwirp,
  data: Buffer,
  interceptors?: Interceptor<
    T,
    ImageServiceConvertImageRequest,
    ImageServiceConvertImageResponse
  >[]
) {
  let request: ImageServiceConvertImageRequest;
  let response: ImageServiceConvertImageResponse;

  try {
    request = ImageServiceConvertImageRequest.fromBinary(data);
  } catch (e) {
    if (e instanceof Error) {
      const msg = "the protobuf request could not be decoded";
      throw new TwirpError(TwirpErrorCode.Malformed, msg).withCause(e, true);
    }
  }

  if (interceptors && interceptors.length > 0) {
    const interceptor = chainInterceptors(...interceptors) as Interceptor<
      T,
      ImageServiceConvertImageRequest,
      ImageServiceConvertImageResponse
    >;
    response = await interceptor(ctx, request!, (ctx, inputReq) => {
      return service.ConvertImage(ctx, inputReq);
    });
  } else {
    response = await service.ConvertImage(ctx, request!);
  }

  return Buffer.from(ImageServiceConvertImageResponse.toBinary(response));
}
