import { randomUUID } from "node:crypto";
import { expect, vi } from "vitest";
import { type Conversion, ConversionStatus } from "../../../gen/client/mcsv/v1/user";
import { connect } from "../../../services/client/cli/clients";
import { composeStack } from "./stack";

/** A new user of the stack has an image converted. @returns the conversion, once it has ended */
export async function convert(fileName: string, image: Buffer): Promise<Conversion> {
  const { endpoints, apiKey } = composeStack();
  const clients = connect(endpoints, { concurrency: 1, apiKey });
  try {
    const created = { idempotencyKey: randomUUID(), email: `${randomUUID()}@example.com`, name: "A Stranger" };
    const { user } = await clients.users.CreateUser(created);
    const own = clients.asUser(user?.id ?? "");
    const { conversion } = await own.ConvertImage({
      idempotencyKey: randomUUID(),
      userId: "",
      fileName,
      options: undefined,
      source: { $case: "image", image },
    });
    return await vi.waitFor(
      async () => {
        const { conversion: now } = await own.GetConversion({ conversionId: conversion?.id ?? "" });
        expect(now?.status).not.toBe(ConversionStatus.CONVERSION_STATUS_PENDING);
        if (now === undefined) throw new Error("GetConversion answered without a conversion");
        return now;
      },
      { timeout: 60_000, interval: 250 },
    );
  } finally {
    clients.close();
  }
}
