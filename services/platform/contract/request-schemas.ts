import { isNode, type SpecNode } from "./spec-node";

/**
 * A document of schemas as requests are checked against it: bytes, which views show by their length, are bounded by `x-max-bytes`
 * instead of the length of their base64.
 */
export function toRequestSchemas(document: SpecNode): SpecNode {
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, rewrite(value)]));
}

function rewrite(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(rewrite);
  }
  if (!isNode(value)) {
    return value;
  }
  return value["contentEncoding"] === "base64" ? bytesSchema(value) : toRequestSchemas(value);
}

function bytesSchema({ "x-max-bytes": maxBytes, "x-message": message }: SpecNode): SpecNode {
  return {
    type: "integer",
    ...(maxBytes === undefined ? {} : { maximum: maxBytes, "x-max-bytes": maxBytes }),
    ...(message === undefined ? {} : { "x-message": message }),
  };
}
