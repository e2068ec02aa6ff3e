import { child, isNode, type SpecNode } from "../../../services/platform/contract/spec-node";
import { TIMESTAMP } from "./contract-shape";
import { COMMON, parseReference, type SpecDocuments } from "./spec-node";

/** Formats of numbers that proto knows, and the JSON type that proto JSON gives them. */
const NUMBER_FORMATS: Readonly<Record<string, string>> = {
  int32: "integer",
  uint32: "integer",
  int64: "string",
  uint64: "string",
  float: "number",
  double: "number",
};

/** The type that a schema stands for, in the words of proto; a text that no proto type has, where it stands for none. */
export function specType(specs: SpecDocuments, document: string, schema: SpecNode): string {
  if (typeof schema["$ref"] === "string") return referencedType(specs, document, schema["$ref"]);
  const types = [schema["type"] ?? []].flat();
  const format = String(schema["format"] ?? "");
  const described = `${types.join(" or ") || "nothing"}${format === "" ? "" : ` (${format})`}`;
  if (types.length === 0) {
    // `allOf` narrows a type; `anyOf` with null says that answers have null where the field is unset.
    const parts = [schema["allOf"] ?? schema["anyOf"] ?? []].flat();
    const base = parts.find((part): part is SpecNode => isNode(part) && "$ref" in part);
    return base === undefined ? described : specType(specs, document, base);
  }
  if (types.includes("array")) return `repeated ${specType(specs, document, child(schema, "items"))}`;
  if (types.includes("object")) {
    const values = schema["additionalProperties"];
    return isNode(values) ? `map<string, ${specType(specs, document, values)}>` : "an object of its own";
  }
  if (types.includes("boolean")) return "bool";
  const numberType = NUMBER_FORMATS[format];
  if (numberType !== undefined) return types.includes(numberType) ? format : described;
  if (!types.includes("string") || types.length > 1) return described;
  if (schema["contentEncoding"] === "base64") return "bytes";
  return format === "date-time" ? TIMESTAMP : "string";
}

function referencedType(specs: SpecDocuments, document: string, ref: string): string {
  const target = parseReference(ref, document);
  const schema = target && child(specs.get(target.document) ?? {}, "components", "schemas")[target.name];
  if (target === undefined || !isNode(schema)) return `${ref}, which does not exist,`;
  // Shared schemas are rules for scalars; those of the services are messages and enums.
  return target.document === COMMON ? specType(specs, COMMON, schema) : target.name;
}

/** How a type of proto is written in a spec. */
export function spelling(type: string): string {
  if (type.startsWith("repeated ")) return `type: array, items: { ${spelling(type.slice("repeated ".length))} }`;
  const value = /^map<string, (.*)>$/.exec(type)?.[1];
  if (value !== undefined) return `type: object, additionalProperties: { ${spelling(value)} }`;
  switch (type) {
    case "string":
      return "type: string";
    case "bool":
      return "type: boolean";
    case "bytes":
      return "type: string, contentEncoding: base64";
    case TIMESTAMP:
      return "$ref: common.yaml#/components/schemas/Timestamp";
    case "int64":
    case "uint64":
      return `type: [string, integer], format: ${type}`;
    default:
      return NUMBER_FORMATS[type] === undefined
        ? `$ref to the schema ${type}`
        : `type: ${NUMBER_FORMATS[type]}, format: ${type}`;
  }
}
