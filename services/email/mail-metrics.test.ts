import { expect, it, onTestFinished } from "vitest";
import { recordMetrics } from "../../tests/support/record-metrics";
import { requestWith, welcomeRequest } from "./testing/requests";
import { startEmailService } from "./testing/start-email-service";

it("measures each mail that is handed over by template and result, and no repetition", async () => {
  const { meter, points } = recordMetrics();
  const service = await startEmailService({ meter });
  onTestFinished(() => service.stop());
  const welcome = welcomeRequest();
  await service.client.SendEmail(welcome);
  await service.client.SendEmail(welcome);
  const notification = { oneofKind: "notification" as const, notification: { subject: "s", message: "m" } };
  service.hook = ({ stage }) => (stage === "data" ? Promise.resolve({ code: 451, message: "later" }) : undefined);
  await expect(service.client.SendEmail(requestWith(notification))).rejects.toMatchObject({ code: "unavailable" });
  expect(await points("mcsv.mail.send.duration")).toMatchObject([
    { attributes: { template: "welcome", result: "ok" }, value: { count: 1 } },
    { attributes: { template: "notification", result: "smtp_4xx" }, value: { count: 1 } },
  ]);
});
