import { MatchersV3 } from "@pact-foundation/pact";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JobService } from "../../../gen/twirp/mcsv/v1/job";
import { type Clients, connect } from "../../../services/client/cli/clients";
import { listJobs, showJob } from "../../../services/client/cli/commands/jobs";
import { showQueues } from "../../../services/client/cli/commands/queues";
import type { Output } from "../../../services/client/cli/output";
import { API_KEY } from "./credentials";
import { ADA, CONVERSION_JOB, DELIVERY, NOBODY, WELCOME_JOB } from "./examples";
import { convertedPdf, timestamp, twirpError } from "./matchers";
import { type Interaction, type PactRecorder, recordPact } from "./record-pact";

const { eachLike, integer, regex, string } = MatchersV3;

const job = {
  attempt: integer(1),
  max_attempts: integer(3),
  user_id: ADA.id,
  created_at: timestamp(),
  run_at: timestamp(),
  started_at: timestamp(),
  ended_at: timestamp(),
};
const mailed = {
  ...job,
  id: WELCOME_JOB,
  queue: "email",
  state: "JOB_STATE_COMPLETED",
  email: {
    message_id: DELIVERY.messageId,
    template: "EMAIL_TEMPLATE_WELCOME",
    recipient_address: ADA.email,
    delivered_at: timestamp(),
  },
};

describe("what the command line expects of the job service", () => {
  let pact: PactRecorder;
  beforeAll(async () => {
    pact = await recordPact({ consumer: "cli", provider: "job", service: JobService });
  });
  afterAll(() => pact.expectCommitted());

  /** Runs a command and returns what it prints. */
  const play = async (interaction: Interaction, run: (clients: Clients, output: Output) => Promise<void>) => {
    const lines: string[] = [];
    const line = (text = "") => void lines.push(text);
    const nothing = () => undefined;
    const output: Output = {
      json: false,
      interactive: false,
      columns: 200,
      line,
      note: line,
      document: nothing,
      documentLine: nothing,
    };
    await pact.play(interaction, async (url) => {
      const clients = connect({ user: url, job: url }, { concurrency: 1, apiKey: API_KEY });
      try {
        await run(clients, output);
      } finally {
        clients.close();
      }
    });
    return lines.join("\n");
  };

  it("shows a job that has sent a mail", async () => {
    const printed = await play(
      {
        given: "Ada's welcome mail was sent",
        receives: "a question for the job of a mail that was sent",
        method: "GetJob",
        request: { job_id: WELCOME_JOB },
        response: { job: mailed },
      },
      (clients, output) => showJob(clients, WELCOME_JOB, output),
    );
    expect(printed).toContain(`mail ${DELIVERY.messageId} to ${ADA.email}`);
  });

  it("shows a job that has made a PDF", async () => {
    const response = {
      job: {
        ...job,
        id: CONVERSION_JOB,
        queue: "image-conversion",
        state: "JOB_STATE_COMPLETED",
        pdf: convertedPdf(CONVERSION_JOB),
      },
    };
    const printed = await play(
      {
        given: "Ada's image was converted",
        receives: "a question for the job of a conversion that is done",
        method: "GetJob",
        request: { job_id: CONVERSION_JOB },
        response,
      },
      (clients, output) => showJob(clients, CONVERSION_JOB, output),
    );
    expect(printed).toContain(`pdf/${CONVERSION_JOB}.pdf`);
  });

  it("shows why a job failed", async () => {
    const response = {
      job: {
        ...job,
        id: WELCOME_JOB,
        queue: "email",
        state: "JOB_STATE_FAILED",
        last_failure: { code: "failed_precondition", message: string("the SMTP server refused") },
      },
    };
    const printed = await play(
      {
        given: "Ada's welcome mail was refused for good",
        receives: "a question for a job that failed",
        method: "GetJob",
        request: { job_id: WELCOME_JOB },
        response,
      },
      (clients, output) => showJob(clients, WELCOME_JOB, output),
    );
    expect(printed).toMatch(/state +failed[\s\S]*last failure +failed_precondition: /);
  });

  it("is told that there is no such job", async () => {
    await play(
      {
        receives: "a question for a job that nobody enqueued",
        method: "GetJob",
        request: { job_id: NOBODY },
        status: 404,
        response: twirpError("not_found", "no such job"),
      },
      async (clients, output) => {
        await expect(showJob(clients, NOBODY, output)).rejects.toMatchObject({ code: "not_found" });
      },
    );
  });

  it("lists jobs of a user, a queue and a state", async () => {
    const printed = await play(
      {
        given: "Ada's welcome mail was sent",
        receives: "a question for Ada's mails that were sent",
        method: "ListJobs",
        request: { queue: "email", state: "JOB_STATE_COMPLETED", user_id: ADA.id, page_size: 50 },
        response: { jobs: eachLike(mailed) },
      },
      (clients, output) => listJobs(clients, { queue: "email", state: "completed", user: ADA.id, limit: 50 }, output),
    );
    expect(printed).toContain(WELCOME_JOB);
  });

  it("is told that there is no such queue", async () => {
    await play(
      {
        receives: "a question for the jobs of a queue that does not exist",
        method: "ListJobs",
        request: { queue: "post", page_size: 50 },
        status: 400,
        response: twirpError("invalid_argument", "queue must be one of these", { argument: "queue" }),
      },
      async (clients, output) => {
        const list = listJobs(clients, { queue: "post", state: "", user: "", limit: 50 }, output);
        await expect(list).rejects.toMatchObject({ code: "invalid_argument", meta: { argument: "queue" } });
      },
    );
  });

  it("shows the queues", async () => {
    const printed = await play(
      {
        given: "Ada's welcome mail was sent",
        receives: "a question for the counts of all queues",
        method: "GetQueueStats",
        request: {},
        response: { queues: eachLike({ queue: regex(/^[a-z-]+$/, "email") }, 1) },
      },
      (clients, output) => showQueues(clients, output),
    );
    expect(printed).toMatch(/queue +ready[\s\S]*email +0/);
  });
});
