/** A mapping of a YAML document. */
export type SpecNode = Readonly<Record<string, unknown>>;

/** Documents by name: `user` for openapi/user.yaml, and `common`. */
export type SpecDocuments = ReadonlyMap<string, SpecNode>;

/** Name of the document with the shared parts. */
export const COMMON = "common";

/** What is below a key, where that is a mapping; an empty mapping otherwise. */
export function child(node: SpecNode, ...keys: readonly string[]): SpecNode {
  let current: SpecNode = node;
  for (const key of keys) {
    const next = current[key];
    if (!isNode(next)) return {};
    current = next;
  }
  return current;
}

/** The entries of a mapping whose values are mappings. */
export function childrenOf(node: SpecNode): readonly (readonly [string, SpecNode])[] {
  return Object.entries(node).filter((entry): entry is [string, SpecNode] => isNode(entry[1]));
}

/** The texts of a list; none where there is no list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}

/** Whether a value is a mapping. */
export function isNode(value: unknown): value is SpecNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
