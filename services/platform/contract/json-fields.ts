import { type FieldInfo, type JsonObject, type JsonValue, RepeatType } from "@protobuf-ts/runtime";
import { joinPath } from "./field-path";

/** Whether a JSON value is an object. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The names by which JSON may set a field (proto3, "JSON Mapping"): that of the .proto file and its lowerCamelCase. */
export function namesOf({ name, jsonName, localName }: FieldInfo): readonly string[] {
  return [...new Set([name, jsonName, localName])];
}

/** Whether a field is a list. */
export function isRepeated(field: FieldInfo): boolean {
  return field.kind !== "map" && field.repeat !== RepeatType.NO;
}

/** A value of a field: an entry of a list or a map, or all of it. */
export interface JsonEntry {
  readonly path: string;
  readonly value: JsonValue;
  /** The field's value with this entry alone. */
  readonly alone: JsonValue;
}

/**
 * The values of a field. None where a list or map is expected and the value is something else.
 *
 * @param path of the message that the field is in
 */
export function entriesOf(field: FieldInfo, value: JsonValue, path: string): readonly JsonEntry[] {
  const fieldPath = joinPath(path, field.name);
  if (field.kind === "map") {
    const entries = isJsonObject(value) ? Object.entries(value) : [];
    return entries.map(([key, entry]) => ({
      path: `${fieldPath}[${JSON.stringify(key)}]`,
      value: entry,
      alone: { [key]: entry },
    }));
  }
  if (!isRepeated(field)) {
    return [{ path: fieldPath, value, alone: value }];
  }
  return Array.isArray(value)
    ? value.map((entry, index) => ({ path: `${fieldPath}[${index}]`, value: entry, alone: [entry] }))
    : [];
}
