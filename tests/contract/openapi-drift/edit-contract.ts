import { isNode, type SpecNode } from "../../../services/platform/contract/spec-node";
import type { FileDescriptorSet } from "./proto-shape";
import type { SpecDocuments } from "./spec-node";

/**
 * The specs with one value replaced, the given ones left as they are.
 *
 * @param path name of the document and keys down to the value: `["user", "components", …]`
 * @param value undefined removes the key
 * @throws Error where the path leads nowhere, for then a test would edit nothing
 */
export function editSpec(specs: SpecDocuments, path: readonly string[], value: unknown): SpecDocuments {
  const documents = structuredClone(Object.fromEntries(specs)) as SpecNode;
  const parent = path.slice(0, -1).reduce<unknown>((node, key) => (isNode(node) ? node[key] : undefined), documents);
  const last = path.at(-1) ?? "";
  if (!isNode(parent)) throw new Error(`the specs have no ${path.join(" / ")}`);
  if (value === undefined && !(last in parent)) throw new Error(`the specs have no ${path.join(" / ")} to remove`);
  const target = parent as Record<string, unknown>;
  if (value === undefined) {
    delete target[last];
  } else {
    target[last] = value;
  }
  return new Map(Object.entries(documents) as [string, SpecNode][]);
}

/** A file of the descriptor set. */
type ProtoFile = FileDescriptorSet["file"][number];
/** A message of the descriptor set. */
type ProtoMessage = ProtoFile["messageType"][number];
/** A field of the descriptor set. */
type ProtoField = ProtoMessage["field"][number];

/** The descriptors with one file of the contract edited, the given ones left as they are. */
export function editFile(proto: FileDescriptorSet, file: string, edit: (file: ProtoFile) => void): FileDescriptorSet {
  const copy = structuredClone(proto);
  edit(named(copy.file, `mcsv/v1/${file}.proto`));
  return copy;
}

/** The descriptors with one message edited. */
export function editMessage(
  proto: FileDescriptorSet,
  file: string,
  message: string,
  edit: (message: ProtoMessage) => void,
): FileDescriptorSet {
  return editFile(proto, file, ({ messageType }) => edit(named(messageType, message)));
}

/** The descriptors with some properties of one field replaced. */
export function editField(
  proto: FileDescriptorSet,
  [file, message, field]: readonly [file: string, message: string, field: string],
  change: Partial<ProtoField>,
): FileDescriptorSet {
  return editMessage(proto, file, message, (descriptor) => {
    Object.assign(named(descriptor.field, field), change);
  });
}

function named<T extends { name: string }>(entries: readonly T[], name: string): T {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`the descriptors have no ${name}`);
  return found;
}
