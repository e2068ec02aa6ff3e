import { child, childrenOf, type SpecNode } from "../../../services/platform/contract/spec-node";
import {
  type ContractShape,
  type EnumShape,
  type FieldShape,
  type MessageShape,
  type MethodShape,
  PACKAGE,
} from "./contract-shape";
import { COMMON, parseReference, type SpecDocuments, textsOf } from "./spec-node";
import { specType } from "./spec-type";

const TWIRP_PATH = `/twirp/${PACKAGE}`;

/** What the specs say of methods, messages and enums. */
export function specShape(specs: SpecDocuments): ContractShape {
  const methods = new Map<string, MethodShape>();
  const messages = new Map<string, MessageShape>();
  const enums = new Map<string, EnumShape>();
  for (const [file, document] of specs) {
    if (file === COMMON) continue;
    for (const [path, item] of childrenOf(child(document, "paths"))) {
      if (path.startsWith(TWIRP_PATH)) methods.set(path.slice(TWIRP_PATH.length), methodShape(file, item));
    }
    for (const [name, schema] of childrenOf(child(document, "components", "schemas"))) {
      if (schema["enum"] === undefined) {
        messages.set(name, messageShape(specs, file, schema));
      } else {
        enums.set(name, { file, values: textsOf(schema["enum"]) });
      }
    }
  }
  return { methods, messages, enums };
}

function methodShape(file: string, item: SpecNode): MethodShape {
  const post = child(item, "post");
  return {
    file,
    request: bodyMessage(file, child(post, "requestBody", "content")),
    response: bodyMessage(file, child(post, "responses", "200", "content")),
  };
}

/** The message of a body, which both media types must name. */
function bodyMessage(file: string, content: SpecNode): string {
  const json = parseReference(child(content, "application/json", "schema")["$ref"], file)?.name;
  const binary = child(content, "application/protobuf")["x-protobuf-message"];
  const named = typeof binary === "string" && binary.startsWith(PACKAGE) ? binary.slice(PACKAGE.length) : undefined;
  return json !== undefined && json === named
    ? json
    : `${json ?? "no schema"} in application/json and ${named ?? "no x-protobuf-message"} in application/protobuf`;
}

function messageShape(specs: SpecDocuments, file: string, schema: SpecNode): MessageShape {
  const fields = new Map<string, FieldShape>();
  for (const [name, property] of childrenOf(child(schema, "properties"))) {
    fields.set(name, { type: specType(specs, file, property), optional: property["x-optional"] === true });
  }
  const oneofs = Object.entries(child(schema, "x-oneof")).map(([name, members]) => [name, textsOf(members)] as const);
  return { file, fields, oneofs: new Map(oneofs) };
}
