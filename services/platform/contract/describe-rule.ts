import { isNode, type SpecNode } from "./spec-node";

// What the keywords of a schema demand, in words for people that continue the name of a field.

/** What bounds of a length demand; undefined where there are none. */
export function describeLength(schema: SpecNode): string | undefined {
  return describeBounds(schema["minLength"], schema["maxLength"], "have", "character", "characters");
}

/** What bounds of a number of entries demand; undefined where there are none. */
export function describeCount(schema: SpecNode): string | undefined {
  return describeBounds(schema["minItems"], schema["maxItems"], "have", "entry", "entries");
}

/** What bounds of a number demand; undefined where there are none. */
export function describeRange(schema: SpecNode): string | undefined {
  return describeBounds(schema["minimum"], schema["maximum"], "be", "", "");
}

function describeBounds(min: unknown, max: unknown, verb: string, one: string, many: string): string | undefined {
  const unit = (bound: unknown): string => (one === "" ? "" : ` ${bound === 1 ? one : many}`);
  if (typeof min === "number" && typeof max === "number") {
    return `must ${verb} ${min} to ${max}${unit(max)}`;
  }
  if (typeof max === "number") {
    return `must ${verb} at most ${max}${unit(max)}`;
  }
  return typeof min === "number" ? `must ${verb} at least ${min}${unit(min)}` : undefined;
}

/** The values of an enum; what stands for "not set" is left out. */
export function describeEnum(values: readonly unknown[]): string {
  const names = values.map(String).filter((name) => name !== "" && !name.endsWith("_UNSPECIFIED"));
  return `must be ${oneOf(names)}`;
}

/** What a field that must be set has to be beside; undefined where its schema does not say it in words. */
export function describeField(schema: SpecNode): string | undefined {
  const { enum: values, format, type } = schema;
  const message = messageOf(schema);
  if (Array.isArray(values)) {
    return message ?? describeEnum(values);
  }
  const isText = type === "string" && format === undefined;
  return isText ? describeLength(schema) : (message ?? describeRange(schema) ?? describeCount(schema));
}

/** The words of the spec itself. */
export function messageOf(schema: unknown): string | undefined {
  const message = isNode(schema) ? schema["x-message"] : undefined;
  return typeof message === "string" ? message : undefined;
}

/** `a, b or c`. */
export function oneOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
