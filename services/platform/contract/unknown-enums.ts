import type { EnumInfo, FieldInfo, IMessageType, JsonObject, JsonValue } from "@protobuf-ts/runtime";
import { entriesOf, isJsonObject, namesOf } from "./json-fields";

/** Finds the first text in an object that stands for an enum's value and is none: its path and the enum. */
export type FindUnknownEnum = (json: JsonObject, path: string) => UnknownEnum | undefined;

/** A text that an enum does not have. */
export interface UnknownEnum {
  readonly path: string;
  readonly type: EnumInfo;
}

/**
 * Makes the search for texts that no enum has in the JSON of a message. The codec takes such a text for an unset field, because it
 * ignores what it does not know; a caller that misspells a value would never learn of it.
 *
 * What it costs depends on the number of enums and messages, not on the length of texts.
 *
 * @returns undefined for a type without enums
 */
export function findUnknownEnumIn(
  type: IMessageType<object>,
  known: Map<string, FindUnknownEnum | undefined> = new Map(),
): FindUnknownEnum | undefined {
  if (known.has(type.typeName)) {
    return known.get(type.typeName);
  }
  const searches: FindUnknownEnum[] = [];
  const search: FindUnknownEnum = (json, path) => {
    for (const find of searches) {
      const found = find(json, path);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  };
  // For a message that contains its own type.
  known.set(type.typeName, search);
  for (const field of type.fields) {
    const find = findInField(field, known);
    if (find !== undefined) {
      searches.push(find);
    }
  }
  if (searches.length === 0) {
    known.set(type.typeName, undefined);
  }
  return known.get(type.typeName);
}

function findInField(field: FieldInfo, known: Map<string, FindUnknownEnum | undefined>): FindUnknownEnum | undefined {
  const element = field.kind === "map" ? field.V : field;
  const findInValue =
    element.kind === "enum"
      ? findInEnum(element.T())
      : element.kind === "message"
        ? findInMessage(findUnknownEnumIn(element.T(), known))
        : undefined;
  if (findInValue === undefined) {
    return undefined;
  }
  const names = namesOf(field);
  return (json, path) => {
    for (const name of names) {
      const value = Object.hasOwn(json, name) ? json[name] : undefined;
      if (value !== undefined && value !== null) {
        for (const entry of entriesOf(field, value, path)) {
          const found = findInValue(entry.value, entry.path);
          if (found !== undefined) {
            return found;
          }
        }
      }
    }
    return undefined;
  };
}

type FindInValue = (value: JsonValue, path: string) => UnknownEnum | undefined;

function findInEnum(type: EnumInfo): FindInValue {
  const [, values, prefix = ""] = type;
  return (value, path) => {
    const name = typeof value === "string" && value.startsWith(prefix) ? value.slice(prefix.length) : value;
    return typeof name === "string" && typeof values[name] !== "number" ? { path, type } : undefined;
  };
}

function findInMessage(find: FindUnknownEnum | undefined): FindInValue | undefined {
  return find && ((value, path) => (isJsonObject(value) ? find(value, path) : undefined));
}
