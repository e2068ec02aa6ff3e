import { projectDirectory } from "../../../deploy/local/project-directory";
import { findDrift } from "./find-drift";
import { readProto, readSpecs } from "./read-contract";

// The warning of `make gen`. It never fails: the spec may be the next thing that is written. `make test` does.

async function main(): Promise<void> {
  const project = projectDirectory();
  const drift = findDrift(await readSpecs(project), await readProto(project));
  if (drift.length > 0) {
    process.stderr.write(`warning: openapi/ and proto/ differ; make test will fail:\n  ${drift.join("\n  ")}\n`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`warning: openapi/ was not compared with proto/: ${String(error)}\n`);
});
