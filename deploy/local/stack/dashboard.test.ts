import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeStack } from "../commands/describe-stack";
import { dashboardDatabaseUrl } from "./dashboard";
import { stackLayout } from "./stack-layout";
import { type LocalStack, startStack } from "./start-stack";

describe("the queue dashboard of the local stack", () => {
  let stack: LocalStack;
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), "mcsv-dashboard-"));
    stack = await startStack({ directory, only: ["postgres", "job", "dashboard"] });
  });
  afterAll(async () => {
    await stack.stop();
    rmSync(stack.directory, { recursive: true, force: true });
  });

  const page = async (path: string) => {
    const response = await fetch(`${stack.urls.dashboard}${path}`);
    return { status: response.status, html: await response.text() };
  };
  async function asDashboard(database: string, ...statements: readonly string[]): Promise<unknown> {
    const url = dashboardDatabaseUrl(stack.ports.postgres, stack.credentials).replace(/mcsv_job$/, database);
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      for (const statement of statements) {
        await client.query(statement);
      }
      return "done";
    } catch (error) {
      return error;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  it("shows every queue of the job service, and the jobs of one", async () => {
    const { status, html } = await page("/queues");
    expect(status).toBe(200);
    for (const queue of ["callback", "email", "email-dead", "image-conversion"]) {
      expect(html).toContain(queue);
    }
    expect((await page("/queues/email")).status).toBe(200);
  });

  it("refuses whatever would change something", async () => {
    const response = await fetch(`${stack.urls.dashboard}/queues/email`, { method: "POST" });
    expect(response.status).toBe(403);
  });

  it("has a role that reads the job database, cannot write to it even if told to, and reaches no other", async () => {
    expect(await asDashboard("mcsv_job", "SELECT count(*) FROM pgboss.job")).toBe("done");
    const writable = "SET default_transaction_read_only = off";
    for (const statement of [
      "UPDATE pgboss.queue SET retry_limit = 0",
      "DELETE FROM pgboss.job",
      "CREATE TABLE pgboss.mine ()",
      "CREATE TABLE public.mine ()",
    ]) {
      expect(await asDashboard("mcsv_job", writable, statement)).toMatchObject({ code: "42501" });
      expect(await asDashboard("mcsv_job", statement)).toMatchObject({ code: expect.stringMatching(/25006|42501/) });
    }
    for (const database of ["mcsv_user", "mcsv_email", "postgres"]) {
      expect(await asDashboard(database, "SELECT 1")).toMatchObject({ code: "42501" });
    }
  });

  it("is among the addresses that `make up` prints", () => {
    expect(
      describeStack(stack.ports, stackLayout(stack.directory), { prometheus: false, alertmanager: false }),
    ).toContain(stack.urls.dashboard);
  });
});
