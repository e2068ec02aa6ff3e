import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { MAX_INLINE_BYTES } from "../../services/client/cli/image-source";
import { MAX_SECONDS_AGO } from "../../services/client/cli/option-values";
import { MAX_SIDE_PX } from "../../services/image/image-limits";
import { QUEUE_NAMES } from "../../services/job/queues";
import { child, type SpecNode } from "../../services/platform/contract/spec-node";
import { isUuid } from "../../services/platform/ids/deterministic-id";
import { DEFAULT_PAGE_SIZE } from "../../services/platform/paging/page-size";
import { emailAddressProblem } from "../../services/platform/validation/email-address";
import { readSpecs } from "./openapi-drift/read-contract";
import type { SpecDocuments } from "./openapi-drift/spec-node";

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

/** Texts of all kinds, broken Unicode and control characters among them. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc
    .array(fc.constantFrom("a", "\t", "\n", "\r", "\u0007", "\u007f", "\u2028", "\u2029", "\ud800", "é", "🎉"))
    .map((units) => units.join("")),
);

describe("the patterns of the specs", () => {
  it("admit the ids that are UUIDs, as the format does", () => {
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

  it("admit texts of one line and of several, and no control characters and broken Unicode in them", () => {
    const isControl = (character: string) => {
      const code = character.codePointAt(0) ?? 0;
      return code < 0x20 || (code >= 0x7f && code < 0xa0);
    };
    fc.assert(
      fc.property(anyText, (text) => {
        const characters = [...text];
        const breaksLine = characters.some((character) => character === "\u2028" || character === "\u2029");
        const isSingle = text.isWellFormed() && !breaksLine && !characters.some(isControl);
        const layout = text.replace(/[\t\n\r]/g, "");
        expect(matches("SingleLineText", text)).toBe(isSingle);
        expect(matches("IdempotencyKey", text)).toBe(isSingle);
        expect(matches("MultilineText", text)).toBe(text.isWellFormed() && ![...layout].some(isControl));
      }),
    );
  });

  it("admit every address that is an address; the format decides about the domain", () => {
    const local = fc.stringMatching(/^[a-z0-9.!+'_-]{1,70}$/);
    const address = fc.tuple(local, fc.domain()).map(([name, domain]) => `${name}@${domain}`);
    const { maxLength } = schemaOf("common", "EmailAddress");
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), address, anyText), (text) => {
        const isAddress = emailAddressProblem(text) === undefined;
        expect(isAddress && !(matches("EmailAddress", text) && text.length <= Number(maxLength))).toBe(false);
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
    ["https://files.example/a.pdf?X-Amz-Signature=5f3c#page=2", true],
    ["HTTP://127.0.0.1:9000/mcsv/pdf", true],
    ["http://[::1]:9000/a@b", true],
    ["http://user:secret@files.example/", false],
    ["http://user@files.example/", false],
    ["http:///user:secret@files.example/", false],
    ["http://files.example/a b", false],
    ["http://files.example/a\n", false],
    ["javascript:alert(1)", false],
    ["ftp://files.example/", false],
    ["files.example/a.pdf", false],
    ["", false],
  ])("URL %j: %j", (url, isAdmitted) => {
    expect(matches("HttpUrl", url)).toBe(isAdmitted);
  });
});

describe("what the specs and the code both name", () => {
  it("are the same queues", () => {
    expect(schemaOf("job", "ListJobsRequest", "properties", "queue")["enum"]).toEqual(["", ...QUEUE_NAMES]);
    expect(schemaOf("job", "Job", "properties", "queue")["enum"]).toEqual(QUEUE_NAMES);
  });

  it("is the same default of a page's entries", () => {
    expect(schemaOf("common", "PageLimit")["default"]).toBe(DEFAULT_PAGE_SIZE);
  });

  it("is the same largest image that the CLI sends within a request, and the same oldest event that it asks for", () => {
    const inline = schemaOf("user", "UserServiceConvertImageRequest", "properties", "image");
    expect(inline["x-max-bytes"]).toBe(MAX_INLINE_BYTES);
    // Its base64, which readers of the spec see bounded.
    expect(inline["maxLength"]).toBe(4 * Math.ceil(MAX_INLINE_BYTES / 3));
    const age = schemaOf("job", "JobEventFilter", "properties", "within_seconds");
    expect(age["maximum"]).toBe(MAX_SECONDS_AGO);
  });

  it("is the same longest side of an image", () => {
    const options = (name: string) => schemaOf("image", "ConversionOptions", "properties", name);
    expect(options("max_width_px")["maximum"]).toBe(MAX_SIDE_PX);
    expect(options("max_height_px")["maximum"]).toBe(MAX_SIDE_PX);
  });
});
