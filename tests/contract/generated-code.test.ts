import { join } from "node:path";
import { expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { runCommand } from "../support/run-command";
import { temporaryDirectory } from "../support/temporary-directory";

it("gen/ is what `make gen` writes, to the byte", async () => {
  const project = projectDirectory();
  const fresh = temporaryDirectory();
  const generated = await runCommand("buf", ["generate", "--output", fresh], { cwd: project });
  expect(generated.code, generated.stderr).toBe(0);
  const { code, stdout } = await runCommand("diff", ["-rq", join(fresh, "gen"), join(project, "gen")]);
  expect(code, `run make gen and commit what it writes:\n${stdout}`).toBe(0);
}, 60_000);
