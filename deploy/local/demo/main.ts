import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { resolveApiKey } from "../../../services/client/cli/api-key";
import { resolveEndpoints } from "../../../services/client/cli/endpoints";
import { explain } from "../../../services/client/cli/errors";
import { createOutput } from "../../../services/client/cli/output";
import { startTracing } from "../../../services/client/cli/tracing";
import { projectDirectory } from "../project-directory";
import { runDemo } from "./run-demo";

/** The shipped sample images, relative to the working directory. */
function sampleImages(project: string): string[] {
  const directory = join(project, "deploy", "local", "demo", "images");
  const images = readdirSync(directory).filter((name) => /\.(png|jpe?g)$/.test(name));
  return images.map((name) => relative(process.cwd(), join(directory, name)));
}

/** The demo on a stack that is up (`make demo` sees to that). DEMO_IMAGES, separated by spaces, replaces the samples. */
async function main(): Promise<void> {
  const output = createOutput(process, false);
  const project = projectDirectory();
  const own = process.env["DEMO_IMAGES"]?.split(/\s+/).filter((file) => file !== "") ?? [];
  const images = own.length > 0 ? own : sampleImages(project);
  try {
    const endpoints = resolveEndpoints(process.env, project);
    const apiKey = resolveApiKey(process.env, project);
    const tracing = await startTracing(process.env, project);
    const demo = { endpoints, apiKey, images, out: "out" };
    const isDone = await runDemo(demo, output).finally(() => tracing.close());
    output.line("\nWhere to look next");
    output.line(`  ${endpoints.inbox}  the mails`);
    output.line(`  ${endpoints.jaeger}  the traces`);
    output.line(`  ${endpoints.client}  the callbacks, live`);
    output.line("  npm run -s mcsv -- --help  the CLI; make logs, make down");
    if (!isDone) process.exitCode = 1;
  } catch (error) {
    output.note(`error: ${explain(error)}`);
    process.exitCode = 1;
  }
}

void main();
