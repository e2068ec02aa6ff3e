import { SERVICES, type ServiceName } from "../../../deploy/local/stack/components";
import type { Drill } from "../drill";
import type { Scene } from "../scene";
import { startReplica } from "../start-replica";
import { connectTo } from "./connect-to";
import { slowMails } from "./slow-mails";

/** Longer than a missed heartbeat, and than a mail's claim. */
const FROZEN_MS = 6_000;
/** So long that several mails are under way when their worker freezes. */
const FREEZING_MAIL_MS = 1_000;

/** Each service stands still and goes on, knowing nothing of the time between. */
export const freezeEach: Drill = {
  name: "freeze-each",
  inject: async (scene) => {
    slowMails(scene);
    for (const service of SERVICES) {
      await freeze(scene, service);
      await scene.stack.ready(service);
    }
  },
};

/** One of two job services stands still: the other takes its jobs, and what the first one says of them later is ignored. */
export const freezeReplica: Drill = {
  name: "freeze-replica",
  inject: async (scene) => {
    slowMails(scene, FREEZING_MAIL_MS);
    const replica = await startReplica(scene.stack, "job");
    try {
      for (let time = 0; time < 2; time += 1) {
        await freeze(scene, "job");
        await scene.stack.ready("job");
        await scene.pass(1_000);
      }
    } finally {
      await replica.stop();
    }
    if ((await takenOver(scene)) === 0) throw new Error("no job was taken over from the one that stood still");
  },
};

/** Jobs that a worker was found to have let go of. */
async function takenOver(scene: Scene): Promise<number> {
  const client = await connectTo(scene, "mcsv_job");
  const { rowCount } = await client.query("SELECT FROM job_events WHERE error_code = 'aborted'");
  await client.end();
  return rowCount ?? 0;
}

async function freeze(scene: Scene, service: ServiceName): Promise<void> {
  await scene.faults.during(`SIGSTOP ${service}`, async () => {
    scene.stack.kill(service, "SIGSTOP");
    await scene.pass(FROZEN_MS);
    scene.stack.kill(service, "SIGCONT");
  });
}
