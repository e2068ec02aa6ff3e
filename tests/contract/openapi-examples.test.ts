import type { IMessageType, JsonValue } from "@protobuf-ts/runtime";
import { beforeAll, describe, expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { child, childrenOf, isNode, type SpecNode } from "../../services/platform/contract/spec-node";
import { statusOf } from "../../services/platform/twirp/host/wire-error";
import { CONTRACT_SERVICES } from "./contract-messages";
import { readSpecs } from "./openapi-drift/read-contract";
import type { SpecDocuments } from "./openapi-drift/spec-node";

let specs: SpecDocuments;

beforeAll(async () => {
  specs = await readSpecs(projectDirectory());
});

const METHODS = CONTRACT_SERVICES.flatMap((service) =>
  service.methods.map((method) => {
    const name = service.typeName.replace("mcsv.v1.", "");
    return {
      file: name.replace("Service", "").toLowerCase(),
      path: `/twirp/${service.typeName}/${method.name}`,
      method,
    };
  }),
);

/** The operation of a method. */
function operation(file: string, path: string): SpecNode {
  return child(specs.get(file) ?? {}, "paths", path, "post");
}

/** The values of the examples of a JSON body. */
function examplesOf(body: SpecNode): readonly (readonly [string, JsonValue])[] {
  const examples = childrenOf(child(body, "content", "application/json", "examples"));
  expect(examples.length).toBeGreaterThan(0);
  return examples.map(([name, example]) => [name, example["value"] as JsonValue]);
}

/** A node, or what its reference to common.yaml points at. */
function resolved(node: SpecNode): SpecNode {
  const pointer = /^common\.yaml#\/(.+)$/.exec(String(node["$ref"] ?? ""))?.[1];
  return pointer === undefined ? node : child(specs.get("common") ?? {}, ...pointer.split("/"));
}

describe.each(METHODS)("$path", ({ file, path, method }) => {
  it("has requests as examples that its codec reads, with no field it does not know", () => {
    for (const [name, value] of examplesOf(child(operation(file, path), "requestBody"))) {
      const type = method.I as IMessageType<object>;
      expect(() => type.fromJson(value, { ignoreUnknownFields: false }), name).not.toThrow();
    }
  });

  it("has answers as examples that look as the service writes them", () => {
    for (const [name, value] of examplesOf(child(operation(file, path), "responses", "200"))) {
      const type = method.O as IMessageType<object>;
      const message = type.fromJson(value, { ignoreUnknownFields: false });
      const written = type.toJson(message, { useProtoFieldName: true, emitDefaultValues: true });
      expect(written, name).toEqual(value);
    }
  });

  it("names errors with the status that Twirp gives their codes, each code with an example", () => {
    const responses = childrenOf(child(operation(file, path), "responses")).filter(([status]) => status !== "200");
    expect(responses.map(([status]) => status)).toEqual(
      expect.arrayContaining(["400", "401", "403", "404", "408", "429", "500", "503"]),
    );
    for (const [status, response] of responses) {
      const body = child(resolved(response), "content", "application/json");
      const codes = codesOf(body);
      expect(codes.map((code) => [code, String(statusOf(code as never))])).toEqual(codes.map((code) => [code, status]));
      const shown = childrenOf(child(body, "examples")).map(
        ([, example]) => child(exampleOf(example), "value")["code"],
      );
      expect([...new Set(shown)].sort()).toEqual([...codes].sort());
    }
  });
});

/** The codes that a response admits. */
function codesOf(body: SpecNode): readonly string[] {
  const parts = [child(body, "schema")["allOf"] ?? []].flat().filter(isNode);
  return parts.flatMap((part) => [child(part, "properties", "code")["enum"] ?? []].flat()).map(String);
}

/** An example, which may be one of common.yaml's: named from there, or from a service's spec. */
function exampleOf(example: SpecNode): SpecNode {
  const name = /#\/components\/examples\/(\w+)$/.exec(String(example["$ref"] ?? ""))?.[1];
  return name === undefined ? example : child(specs.get("common") ?? {}, "components", "examples", name);
}
