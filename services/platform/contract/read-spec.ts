import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { bundleSpec } from "./bundle-spec";
import { isNode, type SpecNode } from "./spec-node";

/** The services that have a spec. */
export type ServiceName = "client" | "user" | "job" | "email" | "image";

/** openapi/ of the checkout, or its copy in dist/. */
const DIRECTORY = join(__dirname, "../../../openapi");

/**
 * Reads the spec of a service: one document that refers to no other, fit to be published.
 *
 * @throws Error when a file is missing or no YAML mapping, or a reference leads nowhere
 */
export function readSpec(service: ServiceName): SpecNode {
  const files = new Map<string, SpecNode>();
  const file = (name: string): SpecNode => {
    const known = files.get(name);
    if (known !== undefined) {
      return known;
    }
    const document: unknown = load(readFileSync(join(DIRECTORY, name), "utf8"));
    if (!isNode(document)) {
      throw new Error(`openapi/${name} is no mapping`);
    }
    files.set(name, document);
    return document;
  };
  return bundleSpec(`${service}.yaml`, file);
}
