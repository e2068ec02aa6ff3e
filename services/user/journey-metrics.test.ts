import { randomUUID } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import { EmailDelivery } from "../../gen/twirp/mcsv/v1/email";
import { recordMetrics } from "../../tests/support/record-metrics";
import { PNG } from "./testing/images";
import { startUserService } from "./testing/start-user-service";

it("measures what users wait for once, however often the outcome is told", async () => {
  const { meter, points } = recordMetrics();
  const service = await startUserService({ meter });
  onTestFinished(() => service.stop());
  const key = randomUUID();
  const { user } = await service.application.CreateUser({
    idempotencyKey: key,
    email: `${key}@example.com`,
    name: "Ada",
  });
  const { id: userId = "", welcomeJobId = "" } = user ?? {};
  const { conversion } = await service.as(userId).ConvertImage({
    idempotencyKey: key,
    userId,
    fileName: "dot.png",
    source: { oneofKind: "image", image: PNG },
  });
  // An hour ago, as far as the database knows.
  await service.pool.query("UPDATE users SET created_at = created_at - interval '1 hour'");
  await service.pool.query("UPDATE conversions SET created_at = created_at - interval '1 hour'");
  const delivery = EmailDelivery.create({
    messageId: "a@b",
    template: 1,
    recipientAddress: "a@example.com",
    deliveredAt: Timestamp.now(),
  });
  const otherMail = randomUUID();
  const failure = { code: "invalid_argument", message: "no image" };
  const { user: unreached } = await service.application.CreateUser({
    idempotencyKey: randomUUID(),
    email: `${randomUUID()}@example.com`,
    name: "Bob",
  });
  for (let times = 1; times <= 2; times++) {
    await service.jobService.NotifyEmailDelivered({
      jobId: welcomeJobId,
      userId,
      outcome: { oneofKind: "delivery", delivery },
    });
    await service.jobService.NotifyEmailDelivered({
      jobId: unreached?.welcomeJobId ?? "",
      userId: unreached?.id ?? "",
      outcome: { oneofKind: "failure", failure: { code: "failed_precondition", message: "no such mailbox" } },
    });
    // No welcome mail: nobody is timed.
    await service.jobService.NotifyEmailDelivered({
      jobId: otherMail,
      userId,
      outcome: { oneofKind: "delivery", delivery },
    });
    await service.jobService.NotifyImageConverted({
      jobId: conversion?.jobId ?? "",
      conversionId: conversion?.id ?? "",
      outcome: { oneofKind: "failure", failure },
    });
  }
  const welcomes = await points("mcsv.welcome.duration");
  const [journey, ...otherJourneys] = await points("mcsv.conversion.journey.duration");
  expect(otherJourneys).toEqual([]);
  expect(welcomes).toMatchObject([
    { attributes: { result: "ok" }, value: { count: 1, sum: expect.closeTo(3600, -1.5) } },
    { attributes: { result: "failed_precondition" }, value: { count: 1, sum: expect.any(Number) } },
  ]);
  expect(journey).toMatchObject({
    attributes: { result: "invalid_argument" },
    value: { count: 1, sum: expect.closeTo(3600, -1.5) },
  });
  await expect
    .poll(async () =>
      (await points("mcsv.callback.lag")).map(({ attributes, value }) => [attributes["kind"], value]).sort(),
    )
    .toMatchObject([
      ["email", { count: 3 }],
      ["image", { count: 1 }],
    ]);
});
