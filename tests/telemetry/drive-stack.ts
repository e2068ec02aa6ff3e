import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { vi } from "vitest";
import { z } from "zod";
import { projectDirectory } from "../../deploy/local/project-directory";
import { SERVICES } from "../../deploy/local/stack/components";
import type { LocalStack } from "../../deploy/local/stack/start-stack";
import { MAX_INLINE_BYTES } from "../../services/client/cli/image-source";
import { collectCallbacks } from "../support/callbacks";
import { runCommand } from "../support/run-command";

const PATIENCE = { timeout: 30_000, interval: 100 };

/** What the CLI was asked for. */
export interface DrivenStack {
  /** Traces that it told of. */
  readonly traceIds: readonly string[];
  /** A conversion that made a PDF. */
  readonly conversion: { readonly id: string; readonly traceId: string };
}

/**
 * Makes a stack do everything once that leaves a signal of its own, by the CLI: a welcome, a conversion of an inline image and one of
 * an upload, one that fails for good, a mail that needs a second attempt because the SMTP server was away, and a call that is repeated
 * because the client service was; requests that are no RPC, and a statement that fails. Resolves when the client service has got the last callback.
 */
export async function driveStack(stack: LocalStack): Promise<DrivenStack> {
  // Welcome mails that nobody takes, and news of them that nobody hears.
  await stack.hold("inbox", "client");
  const email = `${randomUUID()}@example.com`;
  const { created } = usersCreated.parse(await mcsv(stack, "users", "create", "--email", email));
  await vi.waitUntil(() => logOf(stack, "job").includes(RETRIED), PATIENCE);
  await stack.resume("inbox");
  await vi.waitUntil(() => logOf(stack, "user").includes(RETRIED), PATIENCE);
  await stack.resume("client");
  await Promise.all(SERVICES.map((service) => askForNoMethod(stack.urls[service])));
  await failStatement(stack);
  const words = ["images", "convert", "--email", email, ...imagesIn(stack.directory)];
  const { converted, failed } = imagesConverted.parse(await mcsv(stack, ...words));
  // The welcome, three outcomes of conversions, and the mails of the two that made a PDF.
  await collectCallbacks(stack.urls.client, { count: 6, timeoutMs: PATIENCE.timeout });
  return {
    traceIds: [...created, ...converted, ...failed].map(({ traceId }) => traceId),
    conversion: { id: converted[0]?.conversion.id ?? "", traceId: converted[0]?.traceId ?? "" },
  };
}

const RETRIED = "job failed, will be tried again";

/** A document, a method that does not exist, and a verb that nobody knows. */
async function askForNoMethod(url: string): Promise<void> {
  await fetch(`${url}/openapi.json?secret=1`);
  await fetch(`${url}/twirp/mcsv.v1.NoService/Nothing`, { method: "POST" });
  await fetch(`${url}/openapi.json`, { method: "PROPFIND" });
}

/** A call whose statement fails, because its table is away. */
async function failStatement({ urls, auth, databaseUrl }: LocalStack): Promise<void> {
  const client = new Client({ connectionString: databaseUrl("user") });
  await client.connect();
  try {
    await client.query("ALTER TABLE users RENAME TO hidden_users");
    await fetch(`${urls.user}/twirp/mcsv.v1.UserService/GetUser?secret=1`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${auth.apiKey}` },
      body: JSON.stringify({ id: randomUUID() }),
    });
  } finally {
    await client.query("ALTER TABLE hidden_users RENAME TO users");
    await client.end();
  }
}

/** What a service wrote to its log so far. */
export function logOf(stack: LocalStack, service: string): string {
  return readFileSync(join(stack.directory, "logs", `${service}.log`), "utf8");
}

/** Runs the CLI against a stack, and gives what it says in JSON. */
export async function mcsv({ urls, auth, ports, directory }: LocalStack, ...words: string[]): Promise<unknown> {
  const program = join(projectDirectory(), "dist", "services", "client", "cli", "main.js");
  const { stdout, stderr } = await runCommand(process.execPath, [program, ...words, "--json"], {
    cwd: directory,
    env: {
      USER_SERVICE_URL: urls.user,
      JOB_SERVICE_URL: urls.job,
      JAEGER_URL: urls.jaeger,
      MCSV_API_KEY: auth.apiKey,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.otlp}`,
    },
  });
  if (stdout === "") throw new Error(`mcsv ${words.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

const usersCreated = z.object({ created: z.array(z.object({ traceId: z.string() })) });
const imagesConverted = z.object({
  converted: z.array(z.object({ traceId: z.string(), conversion: z.object({ id: z.string() }) })),
  failed: z.array(z.object({ traceId: z.string() })),
});

/** Images of which the first travels in the request, the second is none, and the third is too large for a request. */
function imagesIn(directory: string): string[] {
  const images = join(projectDirectory(), "deploy", "local", "demo", "images");
  const whole = readFileSync(join(images, "mountain-lake.png"));
  const half = join(directory, "half.png");
  writeFileSync(half, whole.subarray(0, 10_000));
  const large = join(directory, "large.png");
  // What follows an image does not matter.
  writeFileSync(large, Buffer.concat([whole, Buffer.alloc(MAX_INLINE_BYTES)]));
  return [join(images, "balloon.jpg"), half, large];
}
