import type { IMessageType, JsonValue } from "@protobuf-ts/runtime";
import type { TwirpError } from "twirp-ts";
import { invalidArgument, malformed } from "../twirp/errors";
import { describeEnum } from "./describe-rule";
import { isJsonObject } from "./json-fields";
import type { SpecNode } from "./spec-node";
import { enumNames, findUndecodable } from "./undecodable-field";
import { findUnknownEnumIn } from "./unknown-enums";

/**
 * Decodes the JSON of a request. Fields that the message does not have are ignored.
 *
 * @throws TwirpError invalid_argument with the path of the field that has the wrong type, or a text that its enum does not have;
 *   malformed where there is no JSON, or no field to blame
 */
export type JsonDecoder = (body: Buffer) => object;

/**
 * Makes the decoder of a type of messages.
 *
 * @param document the spec with the schemas of the messages
 */
export function createJsonDecoder(type: IMessageType<object>, document: SpecNode): JsonDecoder {
  const findUnknownEnum = findUnknownEnumIn(type);
  return (body) => {
    const json = parse(body);
    const message = decode(type, json, document);
    const unknown = isJsonObject(json) ? findUnknownEnum?.(json, "") : undefined;
    if (unknown !== undefined) {
      throw invalidArgument(unknown.path, describeEnum(enumNames(unknown.type)));
    }
    return message;
  };
}

function parse(body: Buffer): JsonValue {
  try {
    return JSON.parse(body.toString()) as JsonValue;
  } catch (error) {
    throw undecodable(error);
  }
}

function decode(type: IMessageType<object>, json: JsonValue, document: SpecNode): object {
  try {
    return type.fromJson(json, { ignoreUnknownFields: true });
  } catch (error) {
    const problem = isJsonObject(json) ? findUndecodable(type, json, document) : undefined;
    throw problem === undefined ? undecodable(error) : invalidArgument(problem.path, problem.rule);
  }
}

/** In the words of Go's server. */
function undecodable(cause: unknown): TwirpError {
  return malformed("the json request could not be decoded", cause);
}
