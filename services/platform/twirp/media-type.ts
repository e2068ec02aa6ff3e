import { TwirpContentType } from "twirp-ts";

/**
 * The codec that a Content-Type header asks for: parameters and case do not matter, as in Go's server (Twirp v7, "Requests").
 *
 * @returns `Unknown` for anything but application/json and application/protobuf, and without a header.
 */
export function codecOf(header: string | undefined): TwirpContentType {
  switch (header) {
    case "application/protobuf":
      return TwirpContentType.Protobuf;
    case "application/json":
      return TwirpContentType.JSON;
    case undefined:
      return TwirpContentType.Unknown;
    default:
      return codecOfMediaType(mediaTypeOf(header));
  }
}

/** The media type of a Content-Type header without parameters, in lower case. */
export function mediaTypeOf(header: string): string {
  const end = header.indexOf(";");
  return (end === -1 ? header : header.slice(0, end)).trim().toLowerCase();
}

function codecOfMediaType(mediaType: string): TwirpContentType {
  switch (mediaType) {
    case "application/protobuf":
      return TwirpContentType.Protobuf;
    case "application/json":
      return TwirpContentType.JSON;
    default:
      return TwirpContentType.Unknown;
  }
}
