import { inflateSync } from "node:zlib";

/** What a test wants to know of a PDF with one page and one image. */
export interface PdfFacts {
  /** Size of the page in points, 1/72 inch. */
  readonly page: { readonly width: number; readonly height: number };
  readonly image: PdfImage;
  /** The image's alpha channel, if the page has one. */
  readonly mask: PdfImage | undefined;
}

/** An image inside a PDF. */
export interface PdfImage {
  readonly width: number;
  readonly height: number;
  readonly filter: "DCTDecode" | "FlateDecode" | "RunLengthDecode";
  /** Pixels for FlateDecode, else as stored: a JPEG for DCTDecode. */
  readonly data: Buffer;
}

/**
 * Reads a PDF and checks its skeleton: header, end, and that every entry of the cross-reference table points to the
 * object it names (ISO 32000-1, section 7.5).
 *
 * @throws Error when it is not sound
 */
export function readPdf(bytes: Uint8Array): PdfFacts {
  const pdf = Buffer.from(bytes);
  const text = pdf.toString("latin1");
  if (!/^%PDF-1\.\d/.test(text)) {
    throw new Error(`no PDF: it begins with ${JSON.stringify(text.slice(0, 8))}`);
  }
  const start = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)?.[1];
  if (start === undefined) {
    throw new Error("no PDF: its end is missing");
  }
  checkReferences(text, Number(start));
  const box = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(text);
  const images = [...text.matchAll(/\/Type \/XObject\s+\/Subtype \/Image[\s\S]*?\bstream\r?\n/g)].map((match) =>
    readImage(pdf, text, match.index, match[0]),
  );
  const [image, mask] = images;
  if (box === null || image === undefined) {
    throw new Error("no PDF of an image: page size or image is missing");
  }
  return { page: { width: Number(box[1]), height: Number(box[2]) }, image, mask };
}

function checkReferences(text: string, start: number): void {
  const table = /^xref\s+0 (\d+)\s+/.exec(text.slice(start));
  const entries = [...text.slice(start).matchAll(/^(\d{10}) \d{5} ([nf])/gm)];
  if (table === null || entries.length !== Number(table[1])) {
    throw new Error("no sound PDF: the cross-reference table is missing or has another length than it says");
  }
  for (const [index, [, offset = "", kind]] of entries.entries()) {
    if (kind === "n" && !text.startsWith(`${index} 0 obj`, Number(offset))) {
      throw new Error(`no sound PDF: object ${index} is not at ${offset}`);
    }
  }
}

function readImage(pdf: Buffer, text: string, at: number, head: string): PdfImage {
  const number = (name: string) => Number(new RegExp(`/${name} (\\d+)`).exec(head)?.[1]);
  const filter = /\/Filter \[ \/(\w+) ?\]/.exec(head)?.[1];
  const lengthObject = /\/Length (\d+) 0 R/.exec(head)?.[1];
  const length = Number(new RegExp(`\\n${lengthObject} 0 obj\\s+(\\d+)`).exec(text)?.[1]);
  const data = pdf.subarray(at + head.length, at + head.length + length);
  if (filter !== "DCTDecode" && filter !== "FlateDecode" && filter !== "RunLengthDecode") {
    throw new Error(`an image with the filter ${filter}`);
  }
  return {
    width: number("Width"),
    height: number("Height"),
    filter,
    data: filter === "FlateDecode" ? inflateSync(data) : data,
  };
}
