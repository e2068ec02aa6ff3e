import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { vi } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { SERVICES } from "../../deploy/local/stack/components";
import type { LocalStack } from "../../deploy/local/stack/start-stack";
import { ImageFormat } from "../../gen/client/mcsv/v1/image";
import { type Clients, connect } from "../../services/client/cli/clients";
import { collectCallbacks } from "../support/callbacks";

const PATIENCE = { timeout: 30_000, interval: 100 };

/**
 * Makes a stack do everything once that leaves a signal of its own: a welcome, a conversion of an inline image and one of
 * an upload, one that fails for good, and a mail and a callback that need a second attempt because the SMTP server and the client
 * service were away; requests that are no RPC, and a statement that fails. Resolves when the client service has got the last callback.
 */
export async function driveStack(stack: LocalStack): Promise<void> {
  const clients = connect(stack.urls, { concurrency: 8, apiKey: stack.auth.apiKey });
  try {
    // A welcome mail that nobody takes, and then the callback about it: both are tried again.
    await stack.hold("inbox", "client");
    const userId = await createUser(clients);
    await vi.waitUntil(() => logOf(stack, "job").includes("job failed, will be tried again"), PATIENCE);
    await stack.resume("inbox");
    await vi.waitUntil(() => logOf(stack, "user").includes("job failed, will be tried again"), PATIENCE);
    await stack.resume("client");
    await Promise.all(SERVICES.map((service) => askForNoMethod(stack.urls[service])));
    await failStatement(stack);
    await Promise.all([
      convert(clients, userId, { $case: "image", image: image("balloon.jpg") }),
      // Half an image.
      convert(clients, userId, { $case: "image", image: image("mountain-lake.png").subarray(0, 10_000) }),
      uploadAndConvert(clients, userId),
    ]);
    // The welcome, three outcomes of conversions, and the mails of the two that made a PDF.
    await collectCallbacks(stack.urls.client, { count: 6, timeoutMs: PATIENCE.timeout });
  } finally {
    clients.close();
  }
}

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

function image(name: string): Buffer {
  return readFileSync(join(projectDirectory(), "deploy", "local", "demo", "images", name));
}

async function createUser({ users }: Clients): Promise<string> {
  const id = randomUUID();
  const { user } = await users.CreateUser({ idempotencyKey: id, email: `${id}@example.com`, name: "Ada" });
  return user?.id ?? "";
}

type Source = { $case: "image"; image: Buffer } | { $case: "uploadId"; uploadId: string };

async function convert(clients: Clients, userId: string, source: Source): Promise<void> {
  await clients.asUser(userId).ConvertImage({
    idempotencyKey: randomUUID(),
    userId: "",
    fileName: "image",
    options: undefined,
    source,
  });
}

async function uploadAndConvert(clients: Clients, userId: string): Promise<void> {
  const bytes = image("mountain-lake.png");
  const { upload } = await clients.asUser(userId).CreateUpload({
    idempotencyKey: randomUUID(),
    userId: "",
    format: ImageFormat.IMAGE_FORMAT_PNG,
    sizeBytes: BigInt(bytes.length),
  });
  await fetch(upload?.url ?? "", { method: "PUT", headers: upload?.headers ?? {}, body: bytes });
  await convert(clients, userId, { $case: "uploadId", uploadId: upload?.id ?? "" });
}
