import { child, childrenOf, isNode, type SpecNode } from "../../../services/platform/contract/spec-node";
import { COMMON, type SpecDocuments, textsOf } from "./spec-node";

/** Where a spec contradicts itself in what proto does not say: which fields are required, and what a oneof admits. */
export function checkSchemas(specs: SpecDocuments): readonly string[] {
  return [...specs]
    .filter(([file]) => file !== COMMON)
    .flatMap(([file, document]) =>
      childrenOf(child(document, "components", "schemas")).flatMap(([name, schema]) => [
        ...checkRequired(`${file}.yaml: ${name}`, schema),
        ...checkOneofs(`${file}.yaml: ${name}`, schema),
      ]),
    );
}

function checkRequired(place: string, schema: SpecNode): string[] {
  const properties = child(schema, "properties");
  return textsOf(schema["required"]).flatMap((field) => {
    const property = properties[field];
    if (!isNode(property)) return [`${place}: requires ${field}, which it does not have: remove it from required`];
    return property["x-optional"] === true
      ? [`${place}.${field}: is x-optional and required: remove one of the two`]
      : [];
  });
}

/** A oneof is said twice: for programs by name in x-oneof, for validators by oneOf, or by not where none may be set. */
function checkOneofs(place: string, schema: SpecNode): string[] {
  const named = Object.entries(child(schema, "x-oneof")).map(([name, members]) => [name, textsOf(members)] as const);
  const alternatives = [schema["oneOf"] ?? []].flat().filter(isNode);
  const admitted = alternatives.flatMap((alternative) => textsOf(alternative["required"]));
  const excluded = textsOf(child(schema, "not")["required"]);
  const said = [...admitted, ...excluded].sort().join(", ");
  const meant = named
    .flatMap(([, members]) => members)
    .sort()
    .join(", ");
  return said === meant
    ? []
    : [`${place}: x-oneof names [${meant}], oneOf and not speak of [${said}]: make them say the same`];
}
