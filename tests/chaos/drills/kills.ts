import { setTimeout as delay } from "node:timers/promises";
import { SERVICES } from "../../../deploy/local/stack/components";
import type { Drill } from "../drill";
import type { Scene } from "../scene";
import { slowMails } from "./slow-mails";

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

async function runs({ stack }: Scene, name: "job"): Promise<void> {
  while (stack.pid(name) === undefined) await delay(20);
}
