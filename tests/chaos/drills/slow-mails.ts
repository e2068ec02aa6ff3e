import { setTimeout as delay } from "node:timers/promises";
import type { Scene } from "../scene";

/** So that some mails are under way at any time. */
const SLOW_MAIL_MS = 300;

/** Makes every mail take a while: whoever is killed or stands still has some at hand. */
export function slowMails({ mail }: Scene, ms = SLOW_MAIL_MS): void {
  mail.behave(async ({ stage }) => {
    if (stage === "data") await delay(ms);
    return undefined;
  });
}
