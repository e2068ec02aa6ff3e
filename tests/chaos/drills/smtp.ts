import { createHash } from "node:crypto";
import type { SmtpHook } from "../../../deploy/local/inbox/smtp-events";
import type { Drill } from "../drill";
import type { Scene } from "../scene";

const OUTAGE_MS = 4_000;

/** Nobody listens; then somebody does and turns every connection away. */
export const smtpRefusing: Drill = {
  name: "smtp-refusing",
  inject: async (scene) => {
    await scene.faults.during("SMTP refuses connections", async () => {
      await scene.mail.down();
      await scene.pass(OUTAGE_MS / 2);
      await scene.mail.up();
      await behaving(scene, () => ({ code: 554, message: "No SMTP service here" }), OUTAGE_MS / 2);
    });
  },
};

/** "Try again later", at every moment of a mail. */
export const smtpTransient: Drill = {
  name: "smtp-4xx",
  inject: async (scene) => {
    await scene.faults.during("SMTP answers 4xx", async () => {
      await behaving(scene, at("connect", { code: 421, message: "Too busy" }), OUTAGE_MS / 3);
      await behaving(scene, at("recipient", { code: 450, message: "Mailbox busy" }), OUTAGE_MS / 3);
      await behaving(scene, at("data", { code: 452, message: "No space left" }), OUTAGE_MS / 3);
    });
  },
};

/** Half of the recipients are refused for good: their mails fail, each with a reason that the client service is told. */
export const smtpPermanent: Drill = {
  name: "smtp-5xx",
  inject: async (scene) => {
    await scene.faults.during("SMTP answers 5xx to every other recipient", async () => {
      await behaving(scene, refusing("recipient", { code: 550, message: "No such mailbox" }), OUTAGE_MS / 2);
      await behaving(scene, refusing("data", { code: 554, message: "Not here" }), OUTAGE_MS / 2);
    });
  },
};

/** The connection breaks after DATA, before the mail is kept: it has to come again. */
export const smtpDropsMail: Drill = {
  name: "smtp-drops-mail",
  inject: async (scene) => {
    await scene.faults.during("SMTP cut after DATA, mail dropped", () =>
      behaving(scene, at("data", "drop"), OUTAGE_MS),
    );
  },
};

/** The connection breaks after DATA, when the mail is kept: nobody but the server knows, and it comes again. */
export const smtpDropsAnswer: Drill = {
  name: "smtp-drops-answer",
  inject: async (scene) => {
    let time = 0;
    // Every third: else one mail would come again for as long as this goes on.
    const everyThird: SmtpHook = ({ stage }) => (stage === "accepted" && time++ % 3 === 0 ? "drop" : undefined);
    await scene.faults.during("SMTP cut after DATA, mail kept", () => behaving(scene, everyThird, OUTAGE_MS));
  },
};

async function behaving({ mail, pass }: Scene, hook: SmtpHook, ms: number): Promise<void> {
  mail.behave(hook);
  await pass(ms);
  mail.behave(undefined);
}

type Intervention = Awaited<ReturnType<SmtpHook>>;

function at(moment: Parameters<SmtpHook>[0]["stage"], intervention: Intervention): SmtpHook {
  return ({ stage }) => (stage === moment ? intervention : undefined);
}

/** The same recipients every time: who is refused for good stays so. */
function refusing(moment: Parameters<SmtpHook>[0]["stage"], intervention: Intervention): SmtpHook {
  return ({ stage, recipients }) => {
    const [last = ""] = recipients.slice(-1);
    const isChosen = (createHash("sha256").update(last).digest()[0] ?? 0) % 2 === 0;
    return stage === moment && isChosen ? intervention : undefined;
  };
}
