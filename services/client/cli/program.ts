import { Command, Option } from "commander";
import { PageSize, Quality } from "../../../gen/client/mcsv/v1/image";
import { resolveApiKey } from "./api-key";
import { connect } from "./clients";
import { convertImages, printConversions } from "./commands/images-convert";
import { listMail, showMail } from "./commands/mail";
import { showStatus } from "./commands/status";
import { CALLED_SERVICES, CALLING_SERVICES, printToken, type TokenOptions } from "./commands/token";
import { showTrace } from "./commands/trace";
import { createUsers, printUsers } from "./commands/users-create";
import { resolveEndpoints } from "./endpoints";
import { addJobCommands, addQueueCommands } from "./job-commands";
import { integer, type JsonOption, seconds, withJson } from "./option-values";
import { createOutput, type OutputStreams } from "./output";
import { type RunCommand, SomeFailed } from "./session";
import { startTracing } from "./tracing";

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

  const session: RunCommand = async (options, act) => {
    const endpoints = resolveEndpoints(env, projectDirectory);
    const apiKey = resolveApiKey(env, projectDirectory);
    const tracing = options.traced ? await startTracing(env, projectDirectory) : undefined;
    const clients = connect(endpoints, { concurrency: options.concurrency ?? 1, apiKey });
    try {
      await act({ endpoints, apiKey, clients, output: createOutput(streams, options.json ?? false) });
    } finally {
      clients.close();
      await tracing?.close();
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
      session({ ...options, traced: true }, async ({ clients, output }) => {
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
      session({ ...options, traced: true }, async ({ clients, output }) => {
        const results = await convertImages(clients, { ...options, ...conversionOf(options), files }, output);
        printConversions(output, results);
        if (results.some(({ error }) => error !== undefined)) throw new SomeFailed();
      }),
    );

  addJobCommands(program, session);
  addQueueCommands(program, session);

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
    .argument("<id>", "trace id, or id of a job or a conversion that belongs to it")
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

interface MailOptions extends JsonOption {
  readonly to: string;
  readonly limit: number;
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
