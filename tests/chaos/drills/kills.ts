import { setTimeout as delay } from "node:timers/promises";
import { SERVICES } from "../../../deploy/local/stack/components";
import type { Drill } from "../drill";
import type { Scene } from "../scene";

/** So that mails are under way at any time. */
const SLOW_MAIL_MS = 150;

/** Each service once, the next one when the last is back. */
export const killEach: Drill = {
  name: "kill-each",
  inject: async (scene) => {
    slowMails(scene);
    for (const service of SERVICES) {
      scene.kill(service);
      await scene.stack.ready(service);
      await scene.pass(500);
    }
  },
};

/** The job service, in the middle of its jobs. */
export const crashRecovery: Drill = {
  name: "crash-recovery",
  rounds: 5,
  inject: async (scene) => {
    slowMails(scene);
    scene.kill("job");
    await scene.stack.ready("job");
  },
};

/** The job service again and again, sometimes before it has come up. */
export const repeatedKills: Drill = {
  name: "repeated-kills",
  rounds: 5,
  inject: async (scene) => {
    slowMails(scene);
    for (const pauseMs of [1_200, 700, 1_500, 900]) {
      await runs(scene, "job");
      scene.kill("job");
      await scene.pass(pauseMs);
    }
    await scene.stack.ready("job");
  },
};

/** Everything at the same time, the database too: as when the power fails. */
export const killAll: Drill = {
  name: "kill-all",
  inject: async (scene) => {
    slowMails(scene);
    for (const name of [...SERVICES, "postgres", "s3"] as const) scene.kill(name);
    await scene.stack.ready();
  },
};

/** Mails that take a while: the process that is killed has some at hand. */
function slowMails({ mail }: Scene): void {
  mail.behave(async ({ stage }) => {
    if (stage === "data") await delay(SLOW_MAIL_MS);
    return undefined;
  });
}

async function runs({ stack }: Scene, name: "job"): Promise<void> {
  while (stack.pid(name) === undefined) await delay(20);
}
