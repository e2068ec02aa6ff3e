import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { startUserService, type TestUserService } from "../../services/user/testing/start-user-service";
import { runCommand } from "../support/run-command";
import { ERROR_CODES } from "./conformance/error-codes";
import { type RunningApps, startAllApps } from "./start-all-apps";

const PAGE = readFileSync(join(projectDirectory(), "docs/contracts.md"), "utf8");
const COMMANDS = [...PAGE.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, command = ""]) => command);

let user: TestUserService;
let others: RunningApps;

beforeAll(async () => {
  user = await startUserService();
  others = await startAllApps();
});

afterAll(async () => {
  await user.stop();
  await others.stop();
});

/** Runs a command of the page against the services of this test. */
async function run(command: string): Promise<string> {
  const port = (service: string) => String(others.apps.find((app) => app.service === service)?.port);
  const ours = command
    .replace("http://127.0.0.1:8081", user.url)
    .replace("127.0.0.1:8082", `127.0.0.1:${port("job")}`)
    .replace("127.0.0.1:8083", `127.0.0.1:${port("email")}`);
  const { code, stdout, stderr } = await runCommand("bash", ["-c", ours]);
  expect(code, stderr).toBe(0);
  return stdout;
}

it("docs/contracts.md: its commands do what it says", async () => {
  expect(COMMANDS).toHaveLength(5);
  const [create = "", badUser = "", badRecipient = "", nothing = "", python = ""] = COMMANDS;
  expect(JSON.parse(await run(create))).toMatchObject({ user: { email: "contracts@example.com", name: "Ada" } });
  expect(JSON.parse(await run(badUser))).toMatchObject({ code: "invalid_argument", meta: { argument: "email" } });
  expect(JSON.parse(await run(badRecipient))).toMatchObject({
    code: "invalid_argument",
    meta: { argument: "email.recipient.address" },
  });
  expect(JSON.parse(await run(nothing))).toMatchObject({ code: "bad_route" });
  if ((await runCommand("bash", ["-c", "command -v python3"])).code === 0) {
    expect(await run(python)).toBe("Ada\n");
  }
});

it("docs/contracts.md: its table has every error code with its HTTP status, once", () => {
  const rows = [...PAGE.matchAll(/^\| `(\w+)` \|.*\| (\d{3}) \|[^|]*\|$/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  expect(rows.sort()).toEqual(ERROR_CODES.map((row) => [...row]).sort());
});
