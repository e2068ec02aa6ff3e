import { type Command, Option } from "commander";
import { cancelJobs, printOutcomes, retryJobs } from "./commands/job-control";
import { showHistory } from "./commands/job-history";
import { type ReplayOptions, replayJobs } from "./commands/job-replay";
import { searchEvents } from "./commands/job-search";
import { watchEvents, watchJob } from "./commands/job-watch";
import { JOB_STATES, listJobs, showJob } from "./commands/jobs";
import { pauseQueue, redriveQueue, resumeQueue, showQueues } from "./commands/queues";
import { EVENT_NAMES } from "./describe-event";
import { UsageError } from "./errors";
import type { EventFilterOptions } from "./event-filter";
import { integer, type JsonOption, moment, since, withJson } from "./option-values";
import { type RunCommand, SomeFailed } from "./session";

const WORKED_QUEUES = ["email", "image-conversion", "callback"];

interface ListOptions extends JsonOption {
  readonly queue: string;
  readonly state?: string;
  readonly user: string;
  readonly limit: number;
}

/** Adds `jobs ...`. */
export function addJobCommands(program: Command, run: RunCommand): void {
  const jobs = program.command("jobs").description("jobs of the job service");
  withJson(jobs.command("list"))
    .description("list jobs, newest first")
    .option("--queue <name>", "only this queue", "")
    .addOption(new Option("--state <state>", "only this state").choices(JOB_STATES))
    .option("--user <id>", "only of this user", "")
    .option("--limit <n>", "how many at most", integer(1, 10_000), 20)
    .action((options: ListOptions) =>
      run(options, ({ clients, output }) => listJobs(clients, { ...options, state: options.state ?? "" }, output)),
    );
  withJson(jobs.command("show"))
    .description("show one job")
    .argument("<job>", "id of the job")
    .action((id: string, options: JsonOption) => run(options, ({ clients, output }) => showJob(clients, id, output)));
  withJson(jobs.command("history"))
    .description("show what happened to a job: attempts, durations, errors; also after it was deleted")
    .argument("<job>", "id of the job")
    .option("--at <time>", "the history up to this time, and the job as it was then", moment)
    .action((id: string, options: JsonOption & { at?: Date }) =>
      run(options, ({ clients, output }) => showHistory(clients, id, options.at, output)),
    );
  withFilter(withJson(jobs.command("search")))
    .description("search the events of all jobs, newest first")
    .option("--limit <n>", "how many at most", integer(1, 100_000), 50)
    .action((options: JsonOption & EventFilterOptions & { limit: number }) =>
      run(options, ({ clients, output }) => searchEvents(clients, options, output)),
    );
  withJson(jobs.command("cancel"))
    .description("cancel jobs; those that run are aborted")
    .argument("<jobs...>", "ids of the jobs")
    .option("--reason <text>", "why, for their history", "")
    .option("--as <user>", "in the name of this user, an id or an address, whose jobs they must be")
    .action((ids: string[], options: JsonOption & { reason: string; as?: string }) =>
      run(options, async ({ clients, output }) => {
        const outcomes = await cancelJobs(clients, ids, options);
        printOutcomes(output, outcomes);
        if (outcomes.some(({ error }) => error !== undefined)) throw new SomeFailed();
      }),
    );
  withJson(jobs.command("retry"))
    .description("run jobs at once that failed, were cancelled, or wait for their time")
    .argument("<jobs...>", "ids of the jobs")
    .option("--reason <text>", "why, for their history", "")
    .action((ids: string[], options: JsonOption & { reason: string }) =>
      run(options, async ({ clients, output }) => {
        const outcomes = await retryJobs(clients, ids, options);
        printOutcomes(output, outcomes);
        if (outcomes.some(({ error }) => error !== undefined)) throw new SomeFailed();
      }),
    );
  addReplay(jobs, run);
  withFilter(withJson(jobs.command("watch")))
    .description("show events as they happen: of one job until it ends, or of all; --json prints a document a line")
    .argument("[job]", "id of the job")
    .action((id: string | undefined, { json, ...filter }: JsonOption & EventFilterOptions) => {
      if (id !== undefined && Object.keys(filter).length > 0) {
        throw new UsageError("a job or filters: not both");
      }
      return run(json === undefined ? {} : { json }, ({ clients, output }) =>
        id === undefined ? watchEvents(clients, filter, output) : watchJob(clients, id, output),
      );
    });
}

function addReplay(jobs: Command, run: RunCommand): void {
  withFilter(withJson(jobs.command("replay")))
    .description("make new jobs of those that failed for good and have such an event")
    .option("--dry-run", "only show what would be replayed", false)
    .option("--limit <n>", "how many at most", integer(1, 10_000), 1_000)
    .option("--rate <n>", "how many may start in a second", integer(1, 1_000), 10)
    .option("--request-key <key>", "name of this one wish: repeated under the same key, it is done once")
    .option("--reason <text>", "why, for their history", "")
    .action((options: JsonOption & ReplayOptions) =>
      run(options, ({ clients, output }) => replayJobs(clients, options, output)),
    );
}

/** Adds `queues ...`. */
export function addQueueCommands(program: Command, run: RunCommand): void {
  const queues = withJson(program.command("queues"))
    .description("count the jobs of every queue by state; pause, resume and redrive queues")
    // Else it would take --json from the commands below it.
    .enablePositionalOptions()
    .action((options: JsonOption) => run(options, ({ clients, output }) => showQueues(clients, output)));
  const actions = [
    { name: "pause", description: "let no job of a queue start", act: pauseQueue },
    { name: "resume", description: "let the jobs of a queue start again", act: resumeQueue },
  ];
  for (const { name, description, act } of actions) {
    withJson(queues.command(name))
      .description(description)
      .addArgument(queues.createArgument("<queue>", "name of the queue").choices(WORKED_QUEUES))
      .option("--reason <text>", "why", "")
      .action((queue: string, options: JsonOption & { reason: string }) =>
        run(options, ({ clients, output }) => act(clients, queue, options.reason, output)),
      );
  }
  withJson(queues.command("redrive"))
    .description("let jobs that failed for good run again, oldest first, with all their attempts")
    .addArgument(queues.createArgument("<queue>", "name of the queue").choices(WORKED_QUEUES))
    .option("--limit <n>", "most jobs", integer(1, 1_000), 100)
    .action((queue: string, options: JsonOption & { limit: number }) =>
      run(options, ({ clients, output }) => redriveQueue(clients, queue, options.limit, output)),
    );
}

function withFilter(command: Command): Command {
  return command
    .addOption(new Option("--type <event...>", "what happened").choices(EVENT_NAMES))
    .option("--queue <name>", "in this queue")
    .option("--error-class <class>", "a failure with this cause or code, such as object_store_timeout or unavailable")
    .option("--error-text <text>", "a failure whose message contains this")
    .option("--attempt <n>", "in this attempt", integer(1, 2_147_483_647))
    .option("--actor <actor>", "done by this user (an id or an address), or as events show it")
    .option("--user <user>", "on behalf of this user: an id, or an address")
    .option("--since <age or time>", "since then: 15m, 12h, 30d, 2026-11-23", since)
    .option("--until <time>", "before then", moment);
}
