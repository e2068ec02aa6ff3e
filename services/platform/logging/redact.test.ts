import { describe, expect, it } from "vitest";
import { isBodyName, isSecretName, redactText, redactUrl } from "./redact";

const SIGNED =
  "http://127.0.0.1:9000/mcsv/pdf/1.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260101&X-Amz-Signature=abcdef";

describe("redactText", () => {
  it.each([
    [SIGNED, "http://127.0.0.1:9000/mcsv/pdf/1.pdf?[redacted]"],
    [`GET ${SIGNED} failed`, "GET http://127.0.0.1:9000/mcsv/pdf/1.pdf?[redacted] failed"],
    [`{"url":"${SIGNED}","a":1}`, '{"url":"http://127.0.0.1:9000/mcsv/pdf/1.pdf?[redacted]","a":1}'],
    [
      `one ${SIGNED}, two <${SIGNED}>`,
      "one http://127.0.0.1:9000/mcsv/pdf/1.pdf?[redacted] two <http://127.0.0.1:9000/mcsv/pdf/1.pdf?[redacted]>",
    ],
    ["http://h/k?partNumber=1&x-amz-signature=abc", "http://h/k?[redacted]"],
    ["http://proxy/?to=http%3A%2F%2Fh%2Fk%3FX-Amz-Signature%3Dabc", "http://proxy/?[redacted]"],
    ["to=http%3A%2F%2Fh%2Fk%3FX-Amz-Signature%3Dabc", "to=http%3A%2F%2Fh%2Fk?[redacted]"],
    ["X-Amz-Signature=abc&other=1", "X-Amz-Signature=[redacted]&other=1"],
    ["postgres://user:hunter2@host/db", "postgres://user:****@host/db"],
    ["connect smtp://u:p@h:25 and amqp://a:b@c", "connect smtp://u:****@h:25 and amqp://a:****@c"],
  ])("turns %j into %j", (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it.each([
    "http://127.0.0.1:8081/twirp/mcsv.v1.UserService/GetUser?verbose=1",
    "mail to bob@example.com at 10:30",
    "http://host:8081/users/bob@example.com",
    "a: b@c",
  ])("leaves %j alone", (text) => {
    expect(redactText(text)).toBe(text);
  });

  it("takes linear time whatever the text", () => {
    const startedAt = performance.now();
    redactText(`${"?".repeat(500_000)} X-Amz-`);
    redactText(`http://${":".repeat(500_000)}@ ${"a:".repeat(250_000)}X-Amz-`);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it("takes URL objects", () => {
    expect(redactUrl(new URL(SIGNED))).toBe("http://127.0.0.1:9000/mcsv/pdf/1.pdf?[redacted]");
  });
});

describe("names of fields", () => {
  it.each([
    "password",
    "smtp_pass",
    "dbPassword",
    "API_KEY",
    "apiKey",
    "secretAccessKey",
    "Authorization",
    "set-cookie",
    "accessToken",
    "x-amz-signature",
    "tokenprofile",
    "SECRET_FILE_PASSWORD",
  ])("%s is a secret", (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each([
    "job_id",
    "idempotency_key",
    "object_key",
    "passed",
    "email",
    "attempt",
    "error",
    "AUTH_TOKEN_TTL_SECONDS",
    "AUTH_API_KEYS_FILE",
    "tokenTtlSeconds",
    "secretFile",
  ])("%s is none", (name) => {
    expect(isSecretName(name)).toBe(false);
  });

  it.each(["html", "text", "body", "htmlBody", "text_body", "raw"])("%s is a body", (name) => {
    expect(isBodyName(name)).toBe(true);
  });

  it.each(["body_bytes", "context", "max_body_bytes"])("%s is none", (name) => {
    expect(isBodyName(name)).toBe(false);
  });
});
