import type { SpecNode } from "../../../services/platform/contract/spec-node";

/** Documents by name: `user` for openapi/user.yaml, and `common`. */
export type SpecDocuments = ReadonlyMap<string, SpecNode>;

/** Name of the document with the shared parts. */
export const COMMON = "common";

/** The texts of a list; none where there is no list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}

/** Where a `$ref` to a schema points to. */
export interface SchemaReference {
  readonly document: string;
  readonly name: string;
}

/** Reads `email.yaml#/components/schemas/Email`, or `#/components/schemas/Email` in a document; undefined for anything else. */
export function parseReference(ref: unknown, document: string): SchemaReference | undefined {
  const parts = typeof ref === "string" ? /^(?:(\w+)\.yaml)?#\/components\/schemas\/([\w.-]+)$/.exec(ref) : null;
  return parts?.[2] === undefined ? undefined : { document: parts[1] ?? document, name: parts[2] };
}
