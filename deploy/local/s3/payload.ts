import { S3Error } from "./s3-error";
import type { CredentialScope } from "./signature-v4";

/** What the chain of chunk signatures starts from. */
export interface ChunkSigning {
  readonly key: Buffer;
  readonly timestamp: string;
  readonly scope: CredentialScope;
  /** Signature of the request's head. */
  readonly seed: string;
}

/** How a body is framed and checked, as the value of x-amz-content-sha256 says. */
export type Payload =
  | { readonly kind: "unsigned" }
  | { readonly kind: "hashed"; readonly sha256: string }
  | { readonly kind: "chunked"; readonly trailer: boolean; readonly signing: ChunkSigning | undefined };

/**
 * Reads a value of x-amz-content-sha256.
 *
 * @throws S3Error NotImplemented for asymmetric signatures, InvalidArgument for anything unknown
 */
export function parsePayload(value: string, signing: ChunkSigning): Payload {
  switch (value) {
    case "UNSIGNED-PAYLOAD":
      return { kind: "unsigned" };
    case "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
      return { kind: "chunked", trailer: true, signing: undefined };
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD":
      return { kind: "chunked", trailer: false, signing };
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER":
      return { kind: "chunked", trailer: true, signing };
    default:
      if (value.startsWith("STREAMING-")) {
        throw new S3Error("NotImplemented", `x-amz-content-sha256 ${value} is not supported`);
      }
      if (!/^[0-9a-f]{64}$/.test(value)) {
        throw new S3Error(
          "InvalidArgument",
          "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-..., or a SHA-256 in hexadecimal",
        );
      }
      return { kind: "hashed", sha256: value };
  }
}
