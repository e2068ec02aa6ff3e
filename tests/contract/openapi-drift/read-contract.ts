import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { isNode, type SpecNode } from "../../../services/platform/contract/spec-node";
import { FileDescriptorSet } from "./proto-shape";
import type { SpecDocuments } from "./spec-node";

const MAX_DESCRIPTOR_BYTES = 64 * 1024 * 1024;

/**
 * Compiles proto/ as it is now, gen/ left aside.
 *
 * @param project root of the checkout
 * @throws Error when buf is not in PATH or proto/ does not compile
 */
export async function readProto(project: string): Promise<FileDescriptorSet> {
  const args = ["build", "--output", "-#format=json"];
  const { stdout } = await promisify(execFile)("buf", args, { cwd: project, maxBuffer: MAX_DESCRIPTOR_BYTES });
  return FileDescriptorSet.parse(JSON.parse(stdout));
}

/**
 * Reads all of openapi/.
 *
 * @param project root of the checkout
 * @throws Error for a file that is no YAML mapping
 */
export async function readSpecs(project: string): Promise<SpecDocuments> {
  const directory = join(project, "openapi");
  const names = (await readdir(directory)).filter((name) => name.endsWith(".yaml")).sort();
  const documents = names.map(async (name): Promise<[string, SpecNode]> => {
    const document: unknown = parse(await readFile(join(directory, name), "utf8"));
    if (!isNode(document)) throw new Error(`openapi/${name} is no mapping`);
    return [name.replace(/\.yaml$/, ""), document];
  });
  return new Map(await Promise.all(documents));
}
