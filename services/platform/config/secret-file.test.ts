import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ConfigError } from "./config-error";
import { defineConfig, loadConfig } from "./define-config";
import { configHelp } from "./describe-config";
import { integer, postgresUrl, secret, smtpUrl } from "./variables";

const definition = defineConfig("sample", {
  databaseUrl: postgresUrl({ env: "DATABASE_URL", description: "The database." }),
  smtpUrl: smtpUrl({ env: "SMTP_URL", description: "The mail server.", default: "smtp://127.0.0.1:25" }),
  apiKey: secret({ env: "API_KEY", description: "A key.", default: "" }),
  attempts: integer({ env: "ATTEMPTS", description: "How often.", min: 0, max: 9, default: 1 }),
});

const DATABASE_URL = "postgres://me:hunter2@127.0.0.1:5432/db";

function file(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), "mcsv-secret-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "secret");
  writeFileSync(path, content);
  return path;
}

function problemsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(definition, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}

describe("a secret variable", () => {
  it("may be given as a file, without the line break at its end", () => {
    const env = { DATABASE_URL_FILE: file(`${DATABASE_URL}\n`), API_KEY_FILE: file(" se same ") };
    expect(loadConfig(definition, env)).toMatchObject({ databaseUrl: DATABASE_URL, apiKey: " se same " });
  });

  it("is checked as if it had been given directly, and never shown", () => {
    expect(problemsOf({ DATABASE_URL_FILE: file("mysql://me:hunter2@127.0.0.1/db") })).toEqual([
      expect.stringMatching(/^DATABASE_URL is ".*\*.*": must be a PostgreSQL URL/),
    ]);
  });

  it("is refused when it is given twice, or its file is empty or not there", () => {
    const twice = { DATABASE_URL, DATABASE_URL_FILE: file(DATABASE_URL) };
    expect(problemsOf(twice)).toEqual(["DATABASE_URL is set twice: directly and by DATABASE_URL_FILE"]);
    const empty = file("\n");
    expect(problemsOf({ DATABASE_URL_FILE: empty })).toEqual([`DATABASE_URL_FILE is "${empty}": the file is empty`]);
    expect(problemsOf({ DATABASE_URL_FILE: "/no/such/file" })).toEqual([
      'DATABASE_URL_FILE is "/no/such/file": it cannot be read (ENOENT)',
    ]);
  });

  it("says in the help that it may be a file, as no other variable does", () => {
    expect(configHelp(definition)).toContain("; or DATABASE_URL_FILE names a file that holds it");
    expect(configHelp(definition)).not.toContain("ATTEMPTS_FILE");
    expect(loadConfig(definition, { DATABASE_URL, ATTEMPTS_FILE: file("5") })).toMatchObject({ attempts: 1 });
  });
});
