import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAuthFiles } from "../../deploy/local/auth/create-auth-files";
import { projectDirectory } from "../../deploy/local/project-directory";
import { startUserService, type TestUserService } from "../../services/user/testing/start-user-service";
import { runCommand } from "../support/run-command";
import { ERROR_CODES } from "./conformance/error-codes";
import { type RunningApps, startAllApps } from "./start-all-apps";

/** What the test puts between the outputs of two commands: the record separator of ASCII. */
const SEPARATOR = "\u001e";

let page: string;
let checkout: string;
let user: TestUserService;
let others: RunningApps;

beforeAll(async () => {
  page = await readFile(join(projectDirectory(), "docs/contracts.md"), "utf8");
  checkout = await mkdtemp(join(tmpdir(), "mcsv-contracts-page-"));
  const auth = await createAuthFiles(join(checkout, ".local", "auth"));
  const mcsv = join(projectDirectory(), "dist/services/client/cli/main.js");
  await writeFile(join(checkout, "package.json"), JSON.stringify({ scripts: { mcsv: `node '${mcsv}'` } }));
  user = await startUserService({ auth });
  others = await startAllApps({ auth });
});

afterAll(async () => {
  await user.stop();
  await others.stop();
  await rm(checkout, { recursive: true });
});

/** Runs the commands of the page in one shell, against the services of this test; what each prints. */
async function run(commands: readonly string[]): Promise<string[]> {
  const port = (service: string) => String(others.apps.find((app) => app.service === service)?.port);
  const ours = commands
    .join(`printf '\\036'\n`)
    .replaceAll("http://127.0.0.1:8081", user.url)
    .replaceAll("127.0.0.1:8082", `127.0.0.1:${port("job")}`)
    .replaceAll("127.0.0.1:8083", `127.0.0.1:${port("email")}`);
  const env = { USER_SERVICE_URL: user.url, MCSV_API_KEY: undefined };
  const { code, stdout, stderr } = await runCommand("bash", ["-euo", "pipefail", "-c", ours], { cwd: checkout, env });
  expect(code, stderr).toBe(0);
  return stdout.split(SEPARATOR);
}

it("docs/contracts.md: its commands do what it says", async () => {
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, command = ""]) => command);
  const [curls, [python = ""]] = [blocks.slice(0, -1), blocks.slice(-1)];
  const answers = (await run(curls)).map((answer) => JSON.parse(answer) as unknown);
  expect(answers).toEqual([
    { user: expect.objectContaining({ email: "contracts@example.com", name: "Ada", welcome_delivered_at: null }) },
    { code: "invalid_argument", msg: expect.any(String), meta: { argument: "email" } },
    { conversions: [], next_page_token: "" },
    { code: "invalid_argument", msg: expect.any(String), meta: { argument: "email.recipient.address" } },
    { code: "unauthenticated", msg: "a valid credential is needed" },
    { code: "bad_route", msg: expect.any(String), meta: expect.anything() },
  ]);
  if ((await runCommand("bash", ["-c", "command -v python3"])).code === 0) {
    expect(await run([python])).toEqual(["Ada\n"]);
  }
});

it("docs/security.md: an API key that is made as it says, and put into the file, is taken at once", async () => {
  const security = await readFile(join(projectDirectory(), "docs/security.md"), "utf8");
  const make = /^```sh\n(NEW_KEY=.*?)^```$/ms.exec(security)?.[1] ?? "";
  const [printed = ""] = await run([`${make}echo "$NEW_KEY $SHA256"\n`]);
  const [apiKey = "", sha256 = ""] = printed.trim().split(" ");
  const call = () =>
    fetch(`${user.url}/twirp/mcsv.v1.UserService/GetUser`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ email: "nobody@example.com" }),
    }).then((answer) => answer.status);
  const file = join(checkout, ".local", "auth", "api-keys.json");
  const { applications } = JSON.parse(await readFile(file, "utf8")) as { applications: object[] };
  await writeFile(file, JSON.stringify({ applications: [...applications, { name: "web", sha256 }] }));
  expect(await call()).toBe(404);
});

it("docs/contracts.md: its table has every error code with its HTTP status, once", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \|.*\| (\d{3}) \|[^|]*\|$/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  expect(rows.sort()).toEqual(ERROR_CODES.map((row) => [...row]).sort());
});
