import { join } from "node:path";
import { Eta } from "eta";
import { EmailTemplate } from "../../gen/twirp/mcsv/v1/email";
import type { MailContent } from "./request";

const MAX_FILE_NAME_IN_SUBJECT = 100;

/** A mail in the two forms that it is sent in. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Turns the content of a mail, and the name of who gets it, into the mail. */
export type MailRenderer = (recipientName: string, content: MailContent) => RenderedMail;

/** Loads the templates. Values are escaped in HTML by the template library, always. */
export function createMailRenderer(): MailRenderer {
  const views = join(__dirname, "templates");
  const html = new Eta({ views, autoEscape: true, cache: true });
  const text = new Eta({ views, autoEscape: false, autoTrim: false, cache: true });

  return (recipientName, content) => {
    const { name, subject, values } = describe(content);
    const data = { ...values, recipientName, subject };
    return {
      subject,
      text: text.render(`./${name}.text.eta`, data),
      html: html.render(`./${name}.html.eta`, data),
    };
  };
}

interface Description {
  /** Name of the template's files. */
  readonly name: string;
  readonly subject: string;
  /** What the template shows, besides recipientName and subject. */
  readonly values: Readonly<Record<string, unknown>>;
}

function describe(content: MailContent): Description {
  switch (content.template) {
    case EmailTemplate.WELCOME:
      return { name: "welcome", subject: "Welcome to mcsv", values: {} };
    case EmailTemplate.NOTIFICATION: {
      const paragraphs = content.message
        .replaceAll("\r\n", "\n")
        .split(/\n{2,}/)
        .map((paragraph) => paragraph.split("\n"));
      return { name: "notification", subject: content.subject, values: { message: content.message, paragraphs } };
    }
    case EmailTemplate.CONVERSION_COMPLETE:
      return {
        name: "conversion-complete",
        subject: `Your PDF is ready: ${shorten(content.fileName, MAX_FILE_NAME_IN_SUBJECT)}`,
        values: {
          fileName: content.fileName,
          pdfUrl: content.pdfUrl,
          pdfSize: formatBytes(content.pdfBytes),
          expires: content.pdfUrlExpiresAt && formatTime(content.pdfUrlExpiresAt),
        },
      };
    default:
      return content satisfies never;
  }
}

function shorten(text: string, maxCharacters: number): string {
  const characters = [...text];
  return characters.length > maxCharacters ? `${characters.slice(0, maxCharacters - 1).join("")}…` : text;
}

function formatBytes(bytes: bigint): string {
  const size = Number(bytes);
  if (size < 1000) {
    return `${size} bytes`;
  }
  return size < 1_000_000 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}

function formatTime(time: Date): string {
  const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
  return `${format.format(time)} UTC`;
}
