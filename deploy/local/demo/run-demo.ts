import { ConversionOptions, PageSize, Quality } from "../../../gen/client/mcsv/v1/image";
import { type Clients, connect } from "../../../services/client/cli/clients";
import {
  type ConvertedImage,
  convertImages,
  printConversions,
} from "../../../services/client/cli/commands/images-convert";
import { listMail } from "../../../services/client/cli/commands/mail";
import { type CreatedUser, createUsers } from "../../../services/client/cli/commands/users-create";
import type { Endpoints } from "../../../services/client/cli/endpoints";
import { formatMs, type Output } from "../../../services/client/cli/output";
import { renderWaterfall } from "../../../services/client/cli/waterfall";
import { waitForWholeTrace } from "./wait-for-whole-trace";

/** Users that the demo creates. */
const USERS = 10;

/** How long the demo waits for a mail or a PDF, in milliseconds. */
const PATIENCE_MS = 60_000;

/** What the demo works on. */
export interface DemoOptions {
  readonly endpoints: Endpoints;
  readonly apiKey: string | undefined;
  readonly images: readonly string[];
  /** Directory that the PDFs are written to. */
  readonly out: string;
}

/**
 * Plays the whole story on a stack that is up: users and their welcome mails, images and their PDFs, and the trace of
 * one conversion.
 *
 * @returns true when all of it worked.
 */
export async function runDemo({ endpoints, apiKey, images, out }: DemoOptions, output: Output): Promise<boolean> {
  const clients = connect(endpoints, { concurrency: USERS, apiKey });
  try {
    const began = performance.now();
    output.line(`\n== ${USERS} users, each with a welcome mail`);
    const users = await welcomeUsers(clients, output);
    output.line(`\n== ${images.length} images, each to a PDF`);
    const conversions = await convertSamples(clients, { images, out, email: emailOf(users) }, output);
    const tookMs = performance.now() - began;
    output.line("\n== the newest mails in the inbox");
    await listMail(endpoints, { limit: 6, to: "" }, output);
    const traced = await showOneTrace(clients, endpoints, conversions, output);
    const welcomed = users.filter(({ user }) => user?.welcomeDeliveredAt !== undefined).length;
    const converted = conversions.filter(({ error }) => error === undefined).length;
    output.line(
      `\n== ${welcomed} of ${USERS} users welcomed, ${converted} of ${images.length} images converted, in ${formatMs(tookMs)}`,
    );
    return welcomed === USERS && converted === images.length && traced;
  } finally {
    clients.close();
  }
}

async function welcomeUsers(clients: Clients, output: Output): Promise<readonly CreatedUser[]> {
  const options = { count: USERS, concurrency: USERS, name: "Ada Lovelace", waitMs: PATIENCE_MS };
  const users = await createUsers(clients, options, output);
  for (const { email, user, error } of users) {
    const { createdAt, welcomeDeliveredAt } = user ?? {};
    const delay =
      createdAt && welcomeDeliveredAt
        ? `welcomed after ${formatMs(welcomeDeliveredAt.getTime() - createdAt.getTime())}`
        : "";
    output.line(`${email}  ${error?.message ?? delay}`);
  }
  return users;
}

async function convertSamples(
  clients: Clients,
  { images, out, email }: { images: readonly string[]; out: string; email: string },
  output: Output,
): Promise<readonly ConvertedImage[]> {
  const options = ConversionOptions.create({ quality: Quality.QUALITY_HIGH, pageSize: PageSize.PAGE_SIZE_FIT_IMAGE });
  const request = { files: images, email, name: "Ada Lovelace", options, out, concurrency: 2, timeoutMs: PATIENCE_MS };
  const conversions = await convertImages(clients, request, output);
  printConversions(output, conversions);
  return conversions;
}

async function showOneTrace(
  clients: Clients,
  endpoints: Endpoints,
  conversions: readonly ConvertedImage[],
  output: Output,
): Promise<boolean> {
  const jobId = conversions.find(({ error }) => error === undefined)?.conversion?.jobId;
  if (jobId === undefined) return false;
  const { job } = await clients.jobs.GetJob({ jobId });
  const trace = await waitForWholeTrace(endpoints, job?.traceId ?? "", PATIENCE_MS);
  output.line("\n== one conversion, from the request to the last callback");
  output.line(renderWaterfall(trace, { columns: output.columns, colour: output.interactive }));
  return true;
}

function emailOf(users: readonly CreatedUser[]): string {
  return users.find(({ user }) => user !== undefined)?.email ?? "ada@example.com";
}
