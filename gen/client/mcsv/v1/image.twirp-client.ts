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
    const data = ImageServiceConvertImageRequest.toJSON(request);
    const promise = this.rpc.request(
      "mcsv.v1.ImageService",
      "ConvertImage",
      "application/json",
      data as object
    );
    return promise.then((data) =>
      ImageServiceConvertImageResponse.fromJSON(data as any)
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
    const data = ImageServiceConvertImageRequest.encode(request).finish();
    const promise = this.rpc.request(
      "mcsv.v1.ImageService",
      "ConvertImage",
      "application/protobuf",
      data
    );
    return promise.then((data) =>
      ImageServiceConvertImageResponse.decode(data as Uint8Array)
    );
  }
}
