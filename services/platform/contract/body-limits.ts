import type { IMessageType } from "@protobuf-ts/runtime";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { child, childrenOf, type SpecNode } from "./spec-node";

/** Room in a body for the fields beside the bytes. */
const OTHER_FIELDS_BYTES = 64 * 1024;

/**
 * How large bodies may be, in bytes, by the names of the methods whose requests carry bytes (`x-max-bytes`): enough for these in
 * base64, as JSON has them, and the other fields.
 *
 * @param document the service's spec
 */
export function bodyLimitsOf(type: ServiceInfo, document: SpecNode): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, I } of type.methods) {
    const message = (I as IMessageType<object>).typeName.replace(/^.*\./, "");
    const fields = childrenOf(child(document, "components", "schemas", message, "properties"));
    const maxBytes = fields.map(([, field]) => field["x-max-bytes"]).filter((bytes) => typeof bytes === "number");
    if (maxBytes.length > 0) {
      const base64 = maxBytes.map((bytes) => Math.ceil(bytes / 3) * 4);
      limits.set(
        name,
        base64.reduce((sum, length) => sum + length, OTHER_FIELDS_BYTES),
      );
    }
  }
  return limits;
}
