import { checkSchemas } from "./check-schemas";
import { compareShapes } from "./compare-shapes";
import { type FileDescriptorSet, protoShape } from "./proto-shape";
import type { SpecDocuments } from "./spec-node";
import { specShape } from "./spec-shape";

/** Where the specs and proto have drifted apart: a line each, with the path of the difference and what to do. */
export function findDrift(specs: SpecDocuments, proto: FileDescriptorSet): readonly string[] {
  return [...compareShapes(specShape(specs), protoShape(proto)), ...checkSchemas(specs)];
}
