import { expect, it } from "vitest";
import { REQUEST } from "./message";

it("measures a message of 79 bytes", () => {
  expect(REQUEST).toHaveLength(79);
});
