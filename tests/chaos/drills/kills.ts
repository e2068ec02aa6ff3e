import { setTimeout as delay } from "node:timers/promises";
import { SERVICES, type ServiceName } from "../../../deploy/local/stack/components";
import type { Drill } from "../drill";
import type { Scene } from "../scene";
import { withoutConnections } from "./postgres";
import { slowMails } from "./slow-mails";

/** Longer than a mail's claim holds in a scene. */
const UNRECORDED_MS = 3_000;
/** Services that have a part in a mail while the SMTP server has it. */
const MAILING: ReadonlySet<ServiceName> = new Set(["job", "email"]);

/** Each service once, in the middle of its work, the next one when the last is back. */
export const killEach: Drill = {
  name: "kill-each",
  inject: async (scene) => {
    slowMails(scene);
    for (const service of SERVICES) {
      // After the kill before, it can take seconds until mails are under way again.
      if (MAILING.has(service)) await scene.mail.nextArrival();
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
    await scene.mail.nextArrival();
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

/** The email service, when it knows of mails that were accepted and its database has been away for a while. */
export const killUnrecorded: Drill = {
  name: "kill-unrecorded",
  inject: async (scene) => {
    slowMails(scene);
    await scene.mail.nextArrival();
    await withoutConnections(scene, ["mcsv_email"], async () => {
      await scene.pass(UNRECORDED_MS);
      scene.kill("email");
    });
    await scene.stack.ready("email");
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
