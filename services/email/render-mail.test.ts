import { describe, expect, it } from "vitest";
import { EmailTemplate } from "../../gen/twirp/mcsv/v1/email";
import { createMailRenderer } from "./render-mail";
import type { MailContent } from "./request";

const render = createMailRenderer();

const examples: [string, MailContent][] = [
  ["welcome", { template: EmailTemplate.WELCOME }],
  [
    "notification",
    {
      template: EmailTemplate.NOTIFICATION,
      subject: "Maintenance on Sunday",
      message: 'We are away\r\nfrom 8 to 9.\n\nNothing is lost: 1 < 2 & "quotes" stay.',
    },
  ],
  [
    "conversion-complete",
    {
      template: EmailTemplate.CONVERSION_COMPLETE,
      fileName: "holiday photo.jpg",
      pdfUrl: "https://files.example/pdf/1.pdf?X-Amz-Expires=60&X-Amz-Signature=ab",
      pdfUrlExpiresAt: new Date("2026-11-23T18:30:00Z"),
      pdfBytes: 1_234_567n,
    },
  ],
];

describe("previews", () => {
  it.each(examples)("%s reads as it should in both forms", async (name, content) => {
    const mail = render("Ada Lovelace", content);
    await expect(`Subject: ${mail.subject}\n\n${mail.text}`).toMatchFileSnapshot(`testing/previews/${name}.txt`);
    await expect(mail.html).toMatchFileSnapshot(`testing/previews/${name}.html`);
  });

  it("greet without a name where there is none, and leave out an expiry that is not known", () => {
    for (const [, content] of examples) {
      const mail = render("", content);
      expect(mail.text).toMatch(/^Hello,\n/);
      expect(mail.html).toContain("<p>Hello,</p>");
    }
    const unlimited = render("", {
      template: EmailTemplate.CONVERSION_COMPLETE,
      fileName: "a.png",
      pdfUrl: "https://files.example/a.pdf",
      pdfUrlExpiresAt: undefined,
      pdfBytes: 12n,
    });
    expect(unlimited.text).not.toContain("works until");
    expect(unlimited.html).not.toContain("works until");
    expect(unlimited.text).toContain("a PDF of 12 bytes");
  });
});

describe("hostile values", () => {
  const hostile = `</p></title><script>alert('1')</script><img src=x onerror="alert(2)"> <%= it.secret %> &amp;`;

  it.each<[string, string, MailContent]>([
    ["name", hostile, { template: EmailTemplate.WELCOME }],
    [
      "subject and message",
      "Ada",
      { template: EmailTemplate.NOTIFICATION, subject: hostile, message: `${hostile}\n${hostile}` },
    ],
    [
      "file name and URL",
      "Ada",
      {
        template: EmailTemplate.CONVERSION_COMPLETE,
        fileName: hostile,
        pdfUrl: `https://files.example/"onmouseover="alert(1)`,
        pdfUrlExpiresAt: undefined,
        pdfBytes: 1n,
      },
    ],
  ])("in %s are text in HTML, and stay as they are in text", (_where, name, content) => {
    const mail = render(name, content);
    const tags = [...mail.html.matchAll(/<\/?([a-z0-9]+)([^>]*)>/g)];
    const known = ["html", "head", "meta", "title", "body", "div", "p", "br", "strong", "a"];
    expect(tags.map(([, tag]) => tag).filter((tag) => !known.includes(tag ?? ""))).toEqual([]);
    expect(tags.filter(([, , attributes]) => /\bon\w+=/.test(attributes?.replace(/"[^"]*"/g, "") ?? ""))).toEqual([]);
    expect(mail.html).toContain("&lt;%= it.secret %&gt;");
    expect(mail.text).toContain(hostile);
  });

  it("do not make the subject longer than a file name's beginning", () => {
    const { subject } = render("Ada", {
      template: EmailTemplate.CONVERSION_COMPLETE,
      fileName: `${"🎉".repeat(500)}.png`,
      pdfUrl: "https://files.example/a.pdf",
      pdfUrlExpiresAt: undefined,
      pdfBytes: 1n,
    });
    expect(subject).toBe(`Your PDF is ready: ${"🎉".repeat(99)}…`);
  });
});
