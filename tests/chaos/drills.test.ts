import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drill } from "./drill";
import { crashRecovery } from "./drills/kills";
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
      const parts = [backendKill, crashRecovery, smtpDropsAnswer, networkCorruption, connectionsRefused];
      const selection: Drill = {
        name: "selection",
        inject: async (hurt) => {
          for (const { inject } of parts) await inject({ ...hurt, pass: (ms) => hurt.pass(ms / 4) });
        },
      };
      const { verdict, faults } = await runRounds(scene, selection, pictures);
      expect(verdict).toMatchObject({ lost: [], doubled: [], problems: [], explained: 0 });
      expect(faults).toContain("SIGKILL job");
    },
    LIMIT_MS,
  );

  it(
    "is found out when it really loses a job and really sends a mail twice",
    async () => {
      const sabotage: Drill = {
        name: "sabotage",
        inject: async (hurt) => {
          await loseMail(hurt);
          await sendAgain(hurt);
        },
      };
      const { verdict } = await runRounds(scene, sabotage, pictures);
      expect(verdict.lost).toContainEqual(expect.stringMatching(/^welcome mail of /));
      expect(verdict.doubled).toEqual([expect.stringMatching(/^welcome mail of .*: 2 copies$/)]);
    },
    LIMIT_MS,
  );
});

/** Deletes a job behind everybody's back, while the SMTP server keeps mails from being sent. */
async function loseMail({ mail, stack }: Scene): Promise<void> {
  mail.behave(({ stage }) => (stage === "connect" ? { code: 421, message: "Not now" } : undefined));
  const client = new Client({ connectionString: stack.databaseUrl("job") });
  await client.connect();
  const lose = async () =>
    (
      await client.query(`DELETE FROM pgboss.job WHERE name = 'email' AND state = 'retry'
        AND data #>> '{data,email,welcome}' IS NOT NULL`)
    ).rowCount;
  await expect.poll(lose).toBeGreaterThan(0);
  await client.end();
  mail.behave(undefined);
}

/** Sends somebody's welcome mail another time. */
async function sendAgain({ mail, stack }: Scene): Promise<void> {
  const welcome = (await mail.mails()).find(({ subject }) => subject === "Welcome to mcsv");
  const lines = [
    "HELO drill",
    "MAIL FROM:<drill@example.com>",
    `RCPT TO:<${welcome?.recipient}>`,
    "DATA",
    `To: ${welcome?.recipient}`,
    `Message-ID: <${welcome?.messageId}>`,
    "Subject: Welcome to mcsv",
    "",
    ".",
    "QUIT",
    "",
  ];
  const socket = createConnection({ host: "127.0.0.1", port: stack.ports.smtp });
  socket.write(lines.join("\r\n"));
  await text(socket);
}
