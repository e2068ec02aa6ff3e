import { document, element } from "./xml";

/** HTTP status and default message of every error that the server answers. */
const kinds = {
  AccessDenied: [403, "Access Denied"],
  AuthorizationHeaderMalformed: [400, "The authorization header that you provided is not valid."],
  AuthorizationQueryParametersError: [400, "The authorization query parameters are not valid."],
  BadDigest: [400, "The checksum you specified did not match what we received."],
  BucketAlreadyOwnedByYou: [409, "You already own this bucket."],
  BucketNotEmpty: [409, "The bucket you tried to delete is not empty."],
  EntityTooLarge: [400, "Your proposed upload exceeds the maximum allowed size."],
  EntityTooSmall: [400, "Your proposed upload is smaller than the minimum allowed size."],
  IncompleteBody: [400, "You did not provide the number of bytes specified by the Content-Length header."],
  InsufficientStorage: [507, "There is no room left to store this."],
  InternalError: [500, "We encountered an internal error. Please try again."],
  InvalidAccessKeyId: [403, "The access key id you provided does not exist in our records."],
  InvalidArgument: [400, "Invalid argument."],
  InvalidBucketName: [400, "The specified bucket is not valid."],
  InvalidDigest: [400, "The Content-MD5 or checksum value that you specified is not valid."],
  InvalidPart: [400, "One or more of the specified parts could not be found, or its ETag did not match."],
  InvalidPartOrder: [400, "The list of parts was not in ascending order."],
  InvalidRange: [416, "The requested range is not satisfiable."],
  InvalidRequest: [400, "The request is not valid."],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, "Your key is too long."],
  MalformedTrailerError: [400, "The request contained trailing data that was not well-formed."],
  MalformedXML: [400, "The XML you provided was not well-formed or did not validate."],
  MethodNotAllowed: [405, "The specified method is not allowed against this resource."],
  MissingContentLength: [411, "You must provide the Content-Length HTTP header."],
  NoSuchBucket: [404, "The specified bucket does not exist."],
  NoSuchKey: [404, "The specified key does not exist."],
  NoSuchUpload: [404, "The specified upload does not exist: it may have been aborted or completed."],
  NotImplemented: [501, "This server does not implement what you asked for."],
  PreconditionFailed: [412, "At least one of the preconditions you specified did not hold."],
  RequestTimeTooSkewed: [403, "The difference between the request time and the current time is too large."],
  SignatureDoesNotMatch: [403, "The request signature we calculated does not match the signature you provided."],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],
} as const satisfies Record<string, readonly [status: number, message: string]>;

/** Error code as S3 names it. */
export type S3ErrorCode = keyof typeof kinds;

/** An answer other than success, as S3 gives it: code, status and a message that may be shown to the caller. */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly status: number;
  /** Headers that the answer carries besides the usual ones. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: S3ErrorCode, message: string = kinds[code][1], headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "S3Error";
    this.code = code;
    this.status = kinds[code][0];
    this.headers = headers;
  }

  /** The XML document that S3 sends for this error. */
  toXml(resource: string, requestId: string): string {
    return document(
      element("Error", [
        element("Code", this.code),
        element("Message", this.message),
        element("Resource", resource),
        element("RequestId", requestId),
      ]),
    );
  }
}

const noRoomCodes: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Anything thrown as an S3Error: a full disk is InsufficientStorage (507), what is not ours is InternalError (500). */
export function toS3Error(thrown: unknown): S3Error {
  if (thrown instanceof S3Error) {
    return thrown;
  }
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  return noRoomCodes.has(code) ? new S3Error("InsufficientStorage") : new S3Error("InternalError");
}
