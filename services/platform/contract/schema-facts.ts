import { child, isNode, type SpecNode } from "./spec-node";

const REFERENCE = /^#\/components\/schemas\/([\w.-]+)$/;

/**
 * What a schema says of a value, in one mapping: its own keywords, those of the schemas that it refers to, and those of its `allOf`.
 * Where several have a keyword, the nearest counts.
 *
 * @param document the spec that the schema is of
 */
export function factsOf(schema: unknown, document: SpecNode): SpecNode {
  if (!isNode(schema)) {
    return {};
  }
  const { $ref, allOf } = schema;
  const name = REFERENCE.exec(String($ref))?.[1];
  const target = name === undefined ? undefined : child(document, "components", "schemas", name);
  const parts = [...(Array.isArray(allOf) ? allOf : []), target];
  return Object.assign({}, ...parts.map((part) => factsOf(part, document)), schema);
}
