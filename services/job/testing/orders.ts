import { randomUUID } from "node:crypto";
import { Email } from "../../../gen/twirp/mcsv/v1/email";
import { ConversionOptions, Quality } from "../../../gen/twirp/mcsv/v1/image";
import { EnqueueEmailRequest, EnqueueImageConversionRequest } from "../../../gen/twirp/mcsv/v1/job";

/** A mail to order, under a key of its own. */
export function emailOrder(over: Partial<EnqueueEmailRequest> = {}): EnqueueEmailRequest {
  return EnqueueEmailRequest.create({
    idempotencyKey: `test:${randomUUID()}`,
    userId: randomUUID(),
    email: welcome("ada@example.com"),
    ...over,
  });
}

/** A conversion to order, under a key of its own. */
export function conversionOrder(over: Partial<EnqueueImageConversionRequest> = {}): EnqueueImageConversionRequest {
  return EnqueueImageConversionRequest.create({
    idempotencyKey: `test:${randomUUID()}`,
    userId: randomUUID(),
    conversionId: randomUUID(),
    sourceUrl: "http://127.0.0.1:9000/mcsv/uploads/x?X-Amz-Signature=1",
    options: ConversionOptions.create({ quality: Quality.LOW, densityDpi: 150 }),
    ...over,
  });
}

/** A welcome mail. */
export function welcome(address: string): Email {
  return Email.create({ recipient: { address, name: "Ada" }, content: { oneofKind: "welcome", welcome: {} } });
}
