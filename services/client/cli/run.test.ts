import { tmpdir } from "node:os";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { run } from "./run";

/** Nothing listens on the discard port. */
const NOWHERE = "http://127.0.0.1:9";

async function mcsv(...words: string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const env = { USER_SERVICE_URL: NOWHERE, JOB_SERVICE_URL: NOWHERE, INBOX_URL: NOWHERE, JAEGER_URL: NOWHERE };
  const streams = { stdout, stderr } as unknown as Parameters<typeof run>[2];
  const code = await run(["node", "mcsv", ...words], env, streams, tmpdir());
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

describe("mcsv", () => {
  it("shows help with every command and exits 0", async () => {
    const { code, stdout } = await mcsv("--help");
    expect(code).toBe(0);
    for (const command of ["users", "images", "jobs", "queues", "mail", "trace", "status"])
      expect(stdout).toContain(command);
  });

  it.each([
    ["an unknown command", ["user"], "unknown command 'user'"],
    ["an unknown option", ["queues", "--jason"], "unknown option '--jason'"],
    ["a missing argument", ["images", "convert", "--email", "a@example.com"], "missing required argument 'files'"],
    ["a missing option", ["images", "convert", "x.png"], "required option '--email <address>' not specified"],
    ["a count that is no number", ["users", "create", "--count", "many"], "Must be an integer from 1 to 100000"],
    ["a count of zero", ["users", "create", "--count", "0"], "Must be an integer from 1 to 100000"],
    [
      "an unknown quality",
      ["images", "convert", "x", "--email", "a", "--quality", "best"],
      "Allowed choices are low, medium",
    ],
    [
      "an id that is none",
      ["trace", "abc"],
      '"abc" is neither a trace id (32 hexadecimal digits) nor the UUID of a job or a conversion',
    ],
    ["an excess argument", ["queues", "email"], "too many arguments"],
    ["an event that there is not", ["jobs", "search", "--type", "exploded"], "Allowed choices are created, enqueued"],
    ["an age that is none", ["jobs", "search", "--since", "yesterday"], 'such as "15m", "12h" or "30d"'],
    ["a time that is none", ["jobs", "history", "x", "--at", "noon"], 'Must be a time such as "2026-11-23"'],
    ["filters for one job", ["jobs", "watch", "x", "--queue", "email"], "a job or filters: not both"],
    ["a pause of a queue that nobody works on", ["queues", "pause", "email-dead"], "Allowed choices are email"],
    ["a token from nobody", ["token", "--for", "email"], "--from and --for belong together"],
    ["a token of two", ["token", "--user", "a@b", "--from", "job", "--for", "email"], "of a user or of a service"],
    ["a token of a service that calls none", ["token", "--from", "image"], "Allowed choices are user, job"],
  ])("exits 2 on %s and says what is wrong", async (_what, words, message) => {
    const { code, stdout, stderr } = await mcsv(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
  });

  it("exits 1 and says what to do when the stack is not up", async () => {
    const { code, stderr } = await mcsv("queues");
    expect(code).toBe(1);
    expect(stderr).toContain("unavailable");
    expect(stderr).toContain("make up");
  });

  it("says where an API key comes from when there is none to print", async () => {
    const { code, stderr } = await mcsv("token");
    expect(code).toBe(1);
    expect(stderr).toContain("MCSV_API_KEY");
    expect(stderr).toContain("make up");
  });

  it("names the variable to set when the inbox cannot be reached", async () => {
    const { code, stderr } = await mcsv("mail", "list");
    expect(code).toBe(1);
    expect(stderr).toContain("INBOX_URL");
  });

  it("prints one JSON document on stdout even when all of it failed", async () => {
    const { code, stdout } = await mcsv("users", "create", "--count", "2", "--json");
    expect(code).toBe(1);
    const { created, failed } = JSON.parse(stdout);
    expect(created).toEqual([]);
    expect(failed).toHaveLength(2);
    expect(failed[0]).toMatchObject({ code: "unavailable", email: expect.stringContaining("+1@") });
  });
});
