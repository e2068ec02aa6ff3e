import { describe, expect, it } from "vitest";
import { bundleSpec } from "./bundle-spec";
import type { SpecNode } from "./spec-node";

/** Bundles main.yaml of some files. */
function bundle(files: Readonly<Record<string, SpecNode>>): SpecNode {
  return bundleSpec("main.yaml", (name) => files[name] ?? {});
}

const TEXT = { type: "string" };

describe("bundleSpec", () => {
  it("takes in what other files have, and what that refers to, and nothing else", () => {
    const document = bundle({
      "main.yaml": { paths: { "/a": { $ref: "common.yaml#/components/pathItems/A" } } },
      "common.yaml": {
        components: {
          pathItems: { A: { get: { schema: { $ref: "#/components/schemas/Text" } } } },
          schemas: { Text: TEXT, Unused: TEXT },
        },
      },
    });
    expect(document).toEqual({
      paths: { "/a": { $ref: "#/components/pathItems/A" } },
      components: {
        pathItems: { A: { get: { schema: { $ref: "#/components/schemas/Text" } } } },
        schemas: { Text: TEXT },
      },
    });
  });

  it("keeps keywords beside a reference, and components that refer to themselves or to each other", () => {
    const tree = { properties: { next: { $ref: "#/components/schemas/Tree", description: "the next" } } };
    const document = bundle({
      "main.yaml": {
        components: { schemas: { Root: { $ref: "other.yaml#/components/schemas/Tree", title: "root" } } },
      },
      "other.yaml": { components: { schemas: { Tree: tree } } },
    });
    expect(document).toEqual({
      components: { schemas: { Root: { $ref: "#/components/schemas/Tree", title: "root" }, Tree: tree } },
    });
  });

  it("puts the definition in the place of a component that only names that of another file", () => {
    const bearer = { type: "http", scheme: "bearer" };
    const document = bundle({
      "main.yaml": {
        components: { securitySchemes: { bearer: { $ref: "c.yaml#/components/securitySchemes/bearer" } } },
      },
      "c.yaml": { components: { securitySchemes: { bearer } } },
    });
    expect(document).toEqual({ components: { securitySchemes: { bearer } } });
  });

  it("refuses two components of one name", () => {
    const files = {
      "main.yaml": {
        a: { $ref: "a.yaml#/components/schemas/Size" },
        b: { $ref: "b.yaml#/components/schemas/Size" },
      },
      "a.yaml": { components: { schemas: { Size: TEXT } } },
      "b.yaml": { components: { schemas: { Size: { type: "integer" } } } },
    };
    expect(() => bundle(files)).toThrow(
      "b.yaml and a.yaml both have components.schemas.Size, and main.yaml needs both",
    );
  });

  it.each([
    ["common.yaml#/components/schemas/Nothing", "openapi/common.yaml has no components.schemas.Nothing"],
    ["nothing", "the reference nothing must have the form file.yaml#/components/section/name"],
  ])("refuses a reference to %s", ($ref, message) => {
    expect(() => bundle({ "main.yaml": { a: { $ref } } })).toThrow(message);
  });
});
