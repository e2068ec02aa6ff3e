import { type FieldInfo, type IMessageType, type JsonObject, type JsonValue, ScalarType } from "@protobuf-ts/runtime";
import { describeEnum, describeField } from "./describe-rule";
import { joinPath } from "./field-path";
import { entriesOf, isJsonObject, isRepeated, type JsonEntry, namesOf } from "./json-fields";
import { factsOf } from "./schema-facts";
import { child, isNode, type SpecNode } from "./spec-node";

/** A field whose JSON cannot be decoded. */
export interface FieldProblem {
  readonly path: string;
  /** What it must be, as a continuation of its path. */
  readonly rule: string;
}

/**
 * Finds the field that keeps the JSON of a message from being decoded, by decoding its fields one by one.
 *
 * @param json what the type's fromJson refused
 * @param document the spec with the schemas of the messages
 * @returns undefined when no field can be blamed
 */
export function findUndecodable(
  type: IMessageType<object>,
  json: JsonObject,
  document: SpecNode,
  path = "",
): FieldProblem | undefined {
  const properties = child(document, "components", "schemas", type.typeName.replace(/^.*\./, ""), "properties");
  const set = type.fields.flatMap((field) =>
    namesOf(field).flatMap((name) => {
      const value = Object.hasOwn(json, name) ? json[name] : undefined;
      return value === undefined || value === null ? [] : [{ field, name, value }];
    }),
  );
  for (const { field, name, value } of set) {
    if (isDecodable(type, { [name]: value })) {
      continue;
    }
    const property = properties[field.name];
    const schema = factsOf(isRepeated(field) && isNode(property) ? property["items"] : property, document);
    const rule = wholeRule(field, value);
    if (rule !== undefined) {
      return { path: joinPath(path, field.name), rule };
    }
    const entry = entriesOf(field, value, path).find(({ alone }) => !isDecodable(type, { [name]: alone }));
    return entry && entryProblem(field, entry, schema, document);
  }
  return crowdedOneof(
    set.map(({ field }) => field),
    path,
  );
}

function entryProblem(field: FieldInfo, entry: JsonEntry, schema: SpecNode, document: SpecNode): FieldProblem {
  const { path, value } = entry;
  const element = field.kind === "map" ? field.V : field;
  const within =
    element.kind === "message" && isJsonObject(value) ? findUndecodable(element.T(), value, document, path) : undefined;
  return within ?? { path, rule: elementRule(element, value, schema) };
}

function isDecodable(type: IMessageType<object>, json: JsonObject): boolean {
  try {
    type.fromJson(json, { ignoreUnknownFields: true });
    return true;
  } catch (error) {
    if (error instanceof Error) {
      return false;
    }
    throw error;
  }
}

/** What a list or a map must be, where the value is neither. */
function wholeRule(field: FieldInfo, value: JsonValue): string | undefined {
  if (field.kind === "map") {
    return isJsonObject(value) ? undefined : "must be an object";
  }
  return isRepeated(field) && !Array.isArray(value) ? "must be a list" : undefined;
}

type Element = Exclude<FieldInfo, { kind: "map" }> | Extract<FieldInfo, { kind: "map" }>["V"];

function elementRule(element: Element, value: JsonValue, schema: SpecNode): string {
  switch (element.kind) {
    case "message":
      return element.T().typeName === "google.protobuf.Timestamp"
        ? 'must be a time of the years 1 to 9999 such as "2026-11-23T12:16:24Z"'
        : "must be an object";
    case "enum":
      return describeField(schema) ?? describeEnum(enumNames(element.T()));
    case "scalar":
      return scalarRule(element.T, value, schema);
    default:
      return element satisfies never;
  }
}

function scalarRule(type: ScalarType, value: JsonValue, schema: SpecNode): string {
  switch (type) {
    case ScalarType.STRING:
      return typeof value === "string" ? "must be well-formed Unicode" : "must be a string";
    case ScalarType.BOOL:
      return "must be true or false";
    case ScalarType.BYTES:
      return "must be bytes in base64";
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return describeField(schema) ?? "must be a number";
    default:
      return Number.isInteger(Number(value)) ? (describeField(schema) ?? "is out of range") : "must be an integer";
  }
}

/** The names of an enum's values as JSON has them. */
export function enumNames([, values, prefix = ""]: ReturnType<
  Extract<FieldInfo, { kind: "enum" }>["T"]
>): readonly string[] {
  return Object.keys(values)
    .filter((name) => typeof values[name] === "number")
    .map((name) => `${prefix}${name}`);
}

/** A oneof of which more than one field is set, which JSON can express and a message cannot hold. */
function crowdedOneof(fields: readonly FieldInfo[], path: string): FieldProblem | undefined {
  const groups = Map.groupBy(
    fields.filter((field) => field.oneof !== undefined),
    (field) => field.oneof,
  );
  for (const [oneof, members] of groups) {
    if (oneof !== undefined && members.length > 1) {
      return {
        path: joinPath(path, oneof),
        rule: `must have only one of ${members.map(({ name }) => name).join(", ")}`,
      };
    }
  }
  return undefined;
}
