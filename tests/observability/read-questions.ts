import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../../deploy/local/project-directory";
import type { PlacedQuery } from "./read-dashboards";

/** A question under "Questions and where they are answered" in docs/telemetry.md, and its answer in Markdown. */
interface Question {
  readonly question: string;
  readonly answer: string;
}

/** Every question of the page. */
export function readQuestions(): Question[] {
  const page = readFileSync(join(projectDirectory(), "docs/telemetry.md"), "utf8");
  const [, section = ""] = page.split(/^## Questions and where they are answered$/m);
  return section
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [question = "", ...answer] = text.split("\n");
      return { question, answer: answer.join("\n") };
    });
}

/** Every query of a language in the answers. */
export function questionQueries(language: "promql" | "logql" | "traceql"): PlacedQuery[] {
  return readQuestions().flatMap(({ question, answer }) =>
    [...answer.matchAll(new RegExp(`^\`\`\`${language}\\n(.+?)\\n\`\`\`$`, "gms"))].map(([, expr = ""]) => ({
      place: `docs/telemetry.md / ${question}`,
      expr,
    })),
  );
}
