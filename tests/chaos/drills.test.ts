import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drill } from "./drill";
import { connectTo } from "./drills/connect-to";
import { killEach } from "./drills/kills";
import { networkCorruption } from "./drills/network";
import { backendKill, connectionsRefused } from "./drills/postgres";
import { smtpDropsAnswer } from "./drills/smtp";
import { makePictures, type Picture } from "./load/pictures";
import { runRounds } from "./run-drill";
import { openScene, type Scene } from "./scene";

const LIMIT_MS = 240_000;

describe("a stack under load", () => {
  let scene: Scene;
  let pictures: Picture[];

  beforeAll(async () => {
    pictures = await makePictures();
    scene = await openScene();
  }, LIMIT_MS);

  afterAll(() => scene?.close(), LIMIT_MS);

  it(
    "loses nothing and doubles nothing when connections, services and bytes on the wire are broken",
    async () => {
      // One after the other under one load: a selection of what `make chaos` does, each on a stack of its own.
      const parts = [backendKill, killEach, smtpDropsAnswer, networkCorruption, connectionsRefused];
      const selection: Drill = {
        name: "selection",
        inject: async (hurt) => {
          for (const { inject } of parts) await inject({ ...hurt, pass: (ms) => hurt.pass(ms / 4) });
        },
      };
      const { verdict, faults } = await runRounds(scene, selection, pictures);
      expect(verdict).toMatchObject({ lost: [], doubled: [], problems: [], explained: 0 });
      expect(faults).toContain("SIGKILL image");
    },
    LIMIT_MS,
  );

  it(
    "is found out when it really loses a job and really sends a mail twice",
    async () => {
      const sabotage: Drill = {
        name: "sabotage",
        inject: async (hurt) => {
          const begunAt = Date.now();
          await loseMail(hurt);
          await sendAgain(hurt, begunAt);
        },
      };
      const { verdict } = await runRounds(scene, sabotage, pictures);
      expect(verdict.problems).not.toContainEqual(expect.stringContaining("broke off"));
      expect(verdict.lost).toContainEqual(expect.stringMatching(/^welcome mail of /));
      expect(verdict.doubled).toContainEqual(expect.stringMatching(/^welcome mail of .*: 2 copies$/));
    },
    LIMIT_MS,
  );
});

/** Deletes a job behind everybody's back, while the SMTP server keeps mails from being sent. */
async function loseMail(scene: Scene): Promise<void> {
  const { mail } = scene;
  mail.behave(({ stage }) => (stage === "recipient" ? { code: 450, message: "Not now" } : undefined));
  const client = await connectTo(scene, "mcsv_job");
  const lose = async () => {
    const { rowCount } = await client.query(
      "DELETE FROM pgboss.job WHERE name = 'email' AND state = 'retry' AND data #>> '{data,email,welcome}' IS NOT NULL",
    );
    return rowCount;
  };
  try {
    await expect.poll(lose).toBeGreaterThan(0);
  } finally {
    await client.end();
    mail.behave(undefined);
  }
}

/** Sends another time a welcome mail that has come since. */
async function sendAgain({ mail, stack }: Scene, since: number): Promise<void> {
  const find = async () => (await mail.mails()).find(({ subject, at }) => subject === "Welcome to mcsv" && at > since);
  await expect.poll(find, { timeout: LIMIT_MS }).toBeDefined();
  const welcome = await find();
  const transport = createTransport({ host: "127.0.0.1", port: stack.ports.smtp });
  await transport.sendMail({
    from: "drill@example.com",
    to: welcome?.recipient ?? "",
    subject: "Welcome to mcsv",
    messageId: `<${welcome?.messageId}>`,
    text: "Again",
  });
  transport.close();
}
