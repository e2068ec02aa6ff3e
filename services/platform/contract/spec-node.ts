/** A mapping of a YAML or JSON document. */
export type SpecNode = Readonly<Record<string, unknown>>;

/** Whether a value is a mapping. */
export function isNode(value: unknown): value is SpecNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is below a path of keys, where that is a mapping; an empty mapping otherwise. */
export function child(node: SpecNode, ...keys: readonly string[]): SpecNode {
  let current: SpecNode = node;
  for (const key of keys) {
    const next = current[key];
    if (!isNode(next)) {
      return {};
    }
    current = next;
  }
  return current;
}

/** The entries of a mapping whose values are mappings. */
export function childrenOf(node: SpecNode): readonly (readonly [string, SpecNode])[] {
  return Object.entries(node).filter((entry): entry is [string, SpecNode] => isNode(entry[1]));
}
