import type { ErrorObject } from "ajv";
import type { TwirpError } from "twirp-ts";
import { invalidArgument, resourceExhausted } from "../twirp/errors";
import {
  describeCount,
  describeEnum,
  describeField,
  describeLength,
  describeRange,
  messageOf,
  oneOf,
} from "./describe-rule";
import { fieldPath, joinPath } from "./field-path";
import { TEXT_FORMATS } from "./formats";
import { factsOf } from "./schema-facts";
import { child, isNode, type SpecNode } from "./spec-node";

/** Stands for the path of a field where a rule is about all of the request. */
const WHOLE = "request";

/**
 * The Twirp error for a violation: `invalid_argument` with the path of the field in `meta.argument`, or `resource_exhausted` for
 * too many bytes (`x-max-bytes`), and words that tell what the field must be.
 *
 * @param errors what ajv tells of the first violation; not empty
 * @param view what was checked
 * @param document the spec whose schemas were checked
 */
export function violation(errors: readonly ErrorObject[], view: unknown, document: SpecNode): TwirpError {
  const error = decisive(errors);
  const schema: SpecNode = error.parentSchema ?? {};
  const path = fieldPath(error.instancePath, view);
  if (error.keyword === "required") {
    return missing(joinPath(path, String(error.params["missingProperty"])), error, document);
  }
  const group = error.keyword === "oneOf" ? oneofOf(schema) : undefined;
  if (group !== undefined) {
    return invalidArgument(joinPath(path, group.name), `is required: ${oneOf(group.fields)}`);
  }
  const argument = path === "" ? WHOLE : path;
  const maxBytes = schema["x-max-bytes"];
  if (maxBytes !== undefined) {
    const message = messageOf(schema) ?? `must have at most ${String(maxBytes)} bytes`;
    return resourceExhausted(`${argument} ${message}`, { argument, permanent: "true" });
  }
  return invalidArgument(argument, describe(error, schema));
}

/** The error to tell of: of a choice between schemas what is wrong deepest within, unless the choice has words of its own. */
function decisive(errors: readonly ErrorObject[]): ErrorObject {
  const last = errors.at(-1);
  if (last === undefined) {
    throw new Error("a violation without an error");
  }
  const isSpoken = messageOf(last.parentSchema) !== undefined || oneofOf(last.parentSchema) !== undefined;
  if (isSpoken || !["anyOf", "oneOf", "if"].includes(last.keyword)) {
    return last;
  }
  const depth = ({ instancePath }: ErrorObject): number => instancePath.length;
  const within = errors.slice(0, -1).filter((error) => depth(error) > depth(last) || last.keyword === "if");
  return within.reduce<ErrorObject>((deepest, error) => (depth(error) >= depth(deepest) ? error : deepest), last);
}

/** The oneof, as `x-oneof` names it, of which a schema's `oneOf` demands a field. */
function oneofOf(schema: unknown): { name: string; fields: readonly string[] } | undefined {
  const branches = isNode(schema) && Array.isArray(schema["oneOf"]) ? schema["oneOf"] : [];
  const fields = branches.flatMap((branch) => (isNode(branch) ? [branch["required"]].flat() : [])).map(String);
  const groups = Object.entries(isNode(schema) ? child(schema, "x-oneof") : {});
  const [name] = groups.find(([, members]) => Array.isArray(members) && members.includes(fields[0])) ?? [];
  return name === undefined ? undefined : { name, fields };
}

function missing(argument: string, error: ErrorObject, document: SpecNode): TwirpError {
  const properties = isNode(error.parentSchema) ? child(error.parentSchema, "properties") : {};
  const rule = describeField(factsOf(properties[String(error.params["missingProperty"])], document));
  return invalidArgument(argument, rule === undefined ? "is required" : `is required and ${rule}`);
}

function describe({ keyword, data, message }: ErrorObject, schema: SpecNode): string {
  const special = typeof data === "string" ? describeText(data, schema) : undefined;
  return special ?? describeKeyword(keyword, schema) ?? message ?? "is not what it must be";
}

/** What is wrong with a text beyond what the schema has words for. */
function describeText(text: string, { format }: SpecNode): string | undefined {
  if (!text.isWellFormed()) {
    return "must be well-formed Unicode";
  }
  return typeof format === "string" ? TEXT_FORMATS[format]?.problem?.(text) : undefined;
}

function describeKeyword(keyword: string, schema: SpecNode): string | undefined {
  switch (keyword) {
    case "minLength":
    case "maxLength":
      return describeLength(schema);
    case "minItems":
    case "maxItems":
      return describeCount(schema);
    case "uniqueItems":
      return messageOf(schema) ?? "must not have an entry twice";
    case "minimum":
    case "maximum":
      return messageOf(schema) ?? describeRange(schema);
    case "enum":
      return messageOf(schema) ?? describeEnum([schema["enum"]].flat());
    default:
      return messageOf(schema);
  }
}
