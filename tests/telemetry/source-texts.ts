import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../../deploy/local/project-directory";

/** Names of fields in calls of a logger (where they are written out), and of whatever is logged or named. */
export function fieldsInSources(): { inCalls: Set<string>; anywhere: Set<string> } {
  const inCalls = new Set<string>();
  const anywhere = new Set<string>();
  for (const source of sources()) {
    for (const [, name = ""] of source.matchAll(/\b([a-z_]+)\b(?=\s*[:,}])/g)) {
      anywhere.add(name);
    }
    for (const call of source.matchAll(/logger\.(?:info|warn|error|debug|log)\(/g)) {
      for (const [, name = ""] of argumentsFrom(source, call.index + call[0].length).matchAll(
        /[{,]\s*(\w+)\s*(?=[:,}])/g,
      )) {
        inCalls.add(name);
      }
    }
  }
  return { inCalls, anywhere };
}

/** The text up to the bracket that closes what was opened before `start`. */
function argumentsFrom(source: string, start: number): string {
  let depth = 1;
  let end = start;
  for (; depth > 0 && end < source.length; end++) {
    depth += "([{".includes(source.charAt(end)) ? 1 : ")]}".includes(source.charAt(end)) ? -1 : 0;
  }
  return source.slice(start, end - 1);
}

/** Texts in double quotes, which names of metrics are. */
export function textsInSources(): Set<string> {
  return new Set(sources().flatMap((source) => [...source.matchAll(/"([^"\n]+)"/g)].map(([, text = ""]) => text)));
}

/** The sources of the five services, without tests. */
function sources(): string[] {
  const files = globSync("services/{platform,user,job,email,image,client}/**/*.ts", { cwd: projectDirectory() });
  return files
    .filter((file) => !/\.(test|fixture)\.ts$|\/(testing|cli)\//.test(file))
    .map((file) => readFileSync(join(projectDirectory(), file), "utf8"));
}
