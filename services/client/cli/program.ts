import { Command, InvalidArgumentError, Option } from "commander";
import { PageSize, Quality } from "../../../gen/client/mcsv/v1/image";
import { resolveApiKey } from "./api-key";
import { type Clients, connect } from "./clients";
import { convertImages, printConversions } from "./commands/images-convert";
import { JOB_STATES, listJobs, showJob, showQueues } from "./commands/jobs";
import { listMail, showMail } from "./commands/mail";
import { showStatus } from "./commands/status";
import { CALLED_SERVICES, CALLING_SERVICES, printToken, type TokenOptions } from "./commands/token";
import { showTrace } from "./commands/trace";
import { createUsers, printUsers } from "./commands/users-create";
import { type Endpoints, resolveEndpoints } from "./endpoints";
import { createOutput, type Output, type OutputStreams } from "./output";

/** Some of what a command was asked for failed, and the command has said so: exit code 1. */
export class SomeFailed extends Error {
  override readonly name = "SomeFailed";
}

const QUALITIES = {
  low: Quality.QUALITY_LOW,
  medium: Quality.QUALITY_MEDIUM,
  high: Quality.QUALITY_HIGH,
  lossless: Quality.QUALITY_LOSSLESS,
} as const;

const PAGES = {
  fit: PageSize.PAGE_SIZE_FIT_IMAGE,
  a4: PageSize.PAGE_SIZE_A4,
  letter: PageSize.PAGE_SIZE_LETTER,
} as const;

interface Session {
  readonly endpoints: Endpoints;
  readonly apiKey: string | undefined;
  readonly clients: Clients;
  readonly output: Output;
}

/** The command line: what `mcsv --help` shows. */
export function createProgram(env: NodeJS.ProcessEnv, streams: OutputStreams, projectDirectory: string): Command {
  const program = new Command("mcsv")
    .description("Creates users, converts images to PDFs, and shows what the services make of it.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
    })
    .showHelpAfterError("(--help shows what is possible)");

  /** Runs a command with what it needs, and closes the connections after it. */
  const session = async (
    options: { json?: boolean; concurrency?: number },
    act: (session: Session) => Promise<void>,
  ) => {
    const endpoints = resolveEndpoints(env, projectDirectory);
    const apiKey = resolveApiKey(env, projectDirectory);
    const clients = connect(endpoints, { concurrency: options.concurrency ?? 1, apiKey });
    try {
      await act({ endpoints, apiKey, clients, output: createOutput(streams, options.json ?? false) });
    } finally {
      clients.close();
    }
  };

  const users = program.command("users").description("users of the user service");
  withJson(users.command("create"))
    .description("create users; each gets a welcome mail")
    .option("--count <n>", "how many", integer(1, 100_000), 1)
    .option("--concurrency <n>", "how many at once", integer(1, 256), 10)
    .option("--name <name>", "name; numbered when there are several", "Ada Lovelace")
    .option("--email <address>", "address; +1, +2, ... is added when there are several (default: a random one)")
    .option("--wait [seconds]", "wait until the welcome mails are delivered", seconds)
    .action((options: CreateOptions) =>
      session(options, async ({ clients, output }) => {
        const waitMs = options.wait === undefined ? 0 : options.wait === true ? 30_000 : options.wait * 1000;
        const results = await createUsers(clients, { ...options, waitMs }, output);
        printUsers(output, results);
        if (results.some(({ error }) => error !== undefined)) throw new SomeFailed();
      }),
    );

  const images = program.command("images").description("images to PDFs");
  withJson(images.command("convert"))
    .description("convert PNG and JPEG files, wait, and download the PDFs")
    .argument("<files...>", "PNG or JPEG files")
    .requiredOption("--email <address>", "whose images they are; the user is created when there is none")
    .option("--name <name>", "name of a user that is created", "Ada Lovelace")
    .addOption(new Option("--quality <quality>", "compression").choices(Object.keys(QUALITIES)).default("high"))
    .addOption(new Option("--page <size>", "page size").choices(Object.keys(PAGES)).default("fit"))
    .option("--density <dpi>", "dots per inch", integer(36, 1200), 300)
    .option("--max-width <pixels>", "scale wider images down", integer(1, 12_000), 0)
    .option("--max-height <pixels>", "scale higher images down", integer(1, 12_000), 0)
    .option("--strip", "leave EXIF and other metadata out", false)
    .option("--out <directory>", "where the PDFs go", "out")
    .option("--concurrency <n>", "how many at once", integer(1, 64), 4)
    .option("--timeout <seconds>", "how long to wait for each PDF", seconds, 120)
    .action((files: string[], options: ConvertOptions) =>
      session(options, async ({ clients, output }) => {
        const results = await convertImages(clients, { ...options, ...conversionOf(options), files }, output);
        printConversions(output, results);
        if (results.some(({ error }) => error !== undefined)) throw new SomeFailed();
      }),
    );

  const jobs = program.command("jobs").description("jobs of the job service");
  withJson(jobs.command("list"))
    .description("list jobs, newest first")
    .option("--queue <name>", "only this queue", "")
    .addOption(new Option("--state <state>", "only this state").choices(JOB_STATES))
    .option("--user <id>", "only of this user", "")
    .option("--limit <n>", "how many at most", integer(1, 10_000), 20)
    .action((options: ListOptions) =>
      session(options, ({ clients, output }) => listJobs(clients, { ...options, state: options.state ?? "" }, output)),
    );
  withJson(jobs.command("show"))
    .description("show one job")
    .argument("<job>", "id of the job")
    .action((id: string, options: JsonOption) =>
      session(options, ({ clients, output }) => showJob(clients, id, output)),
    );

  withJson(program.command("queues"))
    .description("count the jobs of every queue by state")
    .action((options: JsonOption) => session(options, ({ clients, output }) => showQueues(clients, output)));

  const mail = program.command("mail").description("mails in the inbox");
  withJson(mail.command("list"))
    .description("list mails, newest first")
    .option("--to <address>", "only to this address", "")
    .option("--limit <n>", "how many at most", integer(1, 1000), 20)
    .action((options: MailOptions) =>
      session(options, ({ endpoints, output }) => listMail(endpoints, options, output)),
    );
  withJson(mail.command("show"))
    .description("show one mail")
    .argument("<mail>", "id of the mail")
    .action((id: string, options: JsonOption) =>
      session(options, ({ endpoints, output }) => showMail(endpoints, id, output)),
    );

  withJson(program.command("trace"))
    .description("draw the waterfall of a trace")
    .argument("<id>", "trace id, or id of a job that belongs to it")
    .action((id: string, options: JsonOption) =>
      session(options, ({ clients, endpoints, output }) => showTrace(clients, endpoints, id, output)),
    );

  withJson(program.command("token"))
    .description("print a credential for other programs: the API key, or a token of a user or of a service")
    .option("--user <user>", "the access token of this user: an id, or an address")
    .addOption(new Option("--from <service>", "a token of this service of the local stack").choices(CALLING_SERVICES))
    .addOption(new Option("--for <service>", "the service that --from calls").choices(CALLED_SERVICES))
    .action((options: TokenOptions & JsonOption) =>
      session(options, ({ clients, apiKey, output }) =>
        printToken({ users: clients.users, apiKey, projectDirectory }, options, output),
      ),
    );

  withJson(program.command("status"))
    .description("show the health of everything")
    .action((options: JsonOption) => session(options, ({ endpoints, output }) => showStatus(endpoints, output)));

  return program;
}

interface JsonOption {
  readonly json?: boolean;
}

interface CreateOptions extends JsonOption {
  readonly count: number;
  readonly concurrency: number;
  readonly name: string;
  readonly email?: string;
  readonly wait?: number | true;
}

interface ConvertOptions extends JsonOption {
  readonly email: string;
  readonly name: string;
  readonly quality: keyof typeof QUALITIES;
  readonly page: keyof typeof PAGES;
  readonly density: number;
  readonly maxWidth: number;
  readonly maxHeight: number;
  readonly strip: boolean;
  readonly out: string;
  readonly concurrency: number;
  readonly timeout: number;
}

interface ListOptions extends JsonOption {
  readonly queue: string;
  readonly state?: string;
  readonly user: string;
  readonly limit: number;
}

interface MailOptions extends JsonOption {
  readonly to: string;
  readonly limit: number;
}

function withJson(command: Command): Command {
  return command.option("--json", "print one JSON document").allowExcessArguments(false);
}

function conversionOf(options: ConvertOptions) {
  return {
    timeoutMs: options.timeout * 1000,
    options: {
      quality: QUALITIES[options.quality],
      pageSize: PAGES[options.page],
      densityDpi: options.density,
      maxWidthPx: options.maxWidth,
      maxHeightPx: options.maxHeight,
      stripMetadata: options.strip,
    },
  };
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`Must be an integer from ${min} to ${max}.`);
    }
    return value;
  };
}

function seconds(text: string): number {
  return integer(1, 86_400)(text);
}
