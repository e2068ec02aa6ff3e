import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { SendEmailRequest } from "../../gen/twirp/mcsv/v1/email";
import { checkSendEmail } from "../../services/email/request";
import { QUEUE_NAMES } from "../../services/job/queues";
import { isUuid } from "../../services/platform/ids/deterministic-id";
import { emailAddressProblem } from "../../services/platform/validation/email-address";
import { checkText } from "../../services/platform/validation/fields";
import { readSpecs } from "./openapi-drift/read-contract";
import { child, type SpecDocuments, type SpecNode } from "./openapi-drift/spec-node";

const ID = "6f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10";

let specs: SpecDocuments;

beforeAll(async () => {
  specs = await readSpecs(projectDirectory());
});

/** A schema of a spec. */
function schemaOf(file: string, ...path: readonly string[]): SpecNode {
  return child(specs.get(file) ?? {}, "components", "schemas", ...path);
}

/** Whether a text keeps the pattern of a shared schema, read as JSON Schema has it: with the flag u. */
function matches(name: string, text: string): boolean {
  const { pattern } = schemaOf("common", name);
  return new RegExp(String(pattern), "u").test(text);
}

function accepts(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

/** Texts of all kinds, broken Unicode and control characters among them. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc
    .array(fc.constantFrom("a", "\t", "\n", "\r", "\u0007", "\u007f", "\u2028", "\u2029", "\ud800", "é", "🎉"))
    .map((units) => units.join("")),
);

describe("the patterns of the specs admit what the services admit", () => {
  it("ids", () => {
    const nearly = fc.stringMatching(/^[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    const given = fc.oneof(
      fc.uuid(),
      fc.uuid().map((id) => id.toUpperCase()),
      nearly,
      anyText,
    );
    fc.assert(fc.property(given, (text) => matches("Uuid", text) === isUuid(text)));
    for (const text of [
      "0".repeat(8),
      `${ID}\n`,
      "00000000-0000-0000-0000-000000000000",
      "FFFFFFFF-ffff-ffff-ffff-ffffffffffff",
    ]) {
      expect(matches("Uuid", text), text).toBe(isUuid(text));
    }
  });

  it("texts of one line and of several", () => {
    const bounds = { min: 0, max: 1_000_000 };
    fc.assert(
      fc.property(anyText, (text) => {
        expect(matches("SingleLineText", text)).toBe(accepts(() => checkText("text", text, bounds)));
        expect(matches("IdempotencyKey", text)).toBe(matches("SingleLineText", text));
        expect(matches("MultilineText", text)).toBe(
          accepts(() => checkText("text", text, { ...bounds, multiline: true })),
        );
      }),
    );
  });

  it("every address that is an address; the format decides about the domain", () => {
    const local = fc.stringMatching(/^[a-z0-9.!+'_-]{1,70}$/);
    const address = fc.tuple(local, fc.domain()).map(([name, domain]) => `${name}@${domain}`);
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), address, anyText), (text) => {
        const isAddress = emailAddressProblem(text) === undefined;
        expect(isAddress && !matches("EmailAddress", text)).toBe(false);
      }),
    );
    for (const text of [
      "",
      "ada",
      "@example.com",
      "ada@",
      "a b@example.com",
      ".ada@example.com",
      `${"l".repeat(65)}@example.com`,
      "ada@@example.com",
    ]) {
      expect(matches("EmailAddress", text), text).toBe(false);
    }
    expect(matches("EmailAddress", "ada@Bücher.example")).toBe(true);
  });

  it.each([
    "https://files.example/a.pdf?X-Amz-Signature=5f3c#page=2",
    "HTTP://127.0.0.1:9000/mcsv/pdf",
    "http://[::1]:9000/a@b",
    "http://user:secret@files.example/",
    "http://user@files.example/",
    "http:///user:secret@files.example/",
    "http://files.example/a b",
    "http://files.example/a\n",
    "javascript:alert(1)",
    "ftp://files.example/",
    "files.example/a.pdf",
    "",
  ])("URL %j", (pdfUrl) => {
    const conversionComplete = { conversionId: ID, fileName: "a.png", pdfUrl, pdfBytes: 0n };
    const email = {
      recipient: { address: "ada@example.com" },
      content: { oneofKind: "conversionComplete", conversionComplete },
    } as const;
    const isSent = accepts(() => checkSendEmail(SendEmailRequest.create({ jobId: ID, email })));
    expect(matches("HttpUrl", pdfUrl)).toBe(isSent);
  });

  it("the queues that there are", () => {
    expect(schemaOf("job", "ListJobsRequest", "properties", "queue")["enum"]).toEqual(["", ...QUEUE_NAMES]);
    expect(schemaOf("job", "Job", "properties", "queue")["enum"]).toEqual(QUEUE_NAMES);
  });
});
