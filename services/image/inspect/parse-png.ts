import { inflateSync } from "node:zlib";
import { exifOrientation } from "./exif-orientation";
import type { ImageFacts } from "./image-inspector";
import type { Parser } from "./pull-parser";

const SIGNATURE_BYTES = 8;
const CRC_BYTES = 4;
/** A sound image of the largest size has fewer; millions of empty ones would only cost time. */
const MAX_CHUNKS = 100_000;
/** Longest chunk that is looked into; EXIF blocks are at most 64 KiB, and twice that in hexadecimal. */
const MAX_LOOKED_INTO_BYTES = 256 * 1024;
/** Keyword of the text chunk in which ImageMagick kept EXIF before PNG had a chunk for it. */
const RAW_PROFILE = "Raw profile type exif";
const EXIF_START = "457869660000";

/**
 * Reads the chunks of a PNG to its end, since the one with the orientation may follow the pixels: W3C PNG (Third
 * Edition), sections 5.3, 11.2.1 and 11.3.4.5.
 */
export function* parsePng(facts: ImageFacts): Parser {
  yield { skip: SIGNATURE_BYTES };
  for (let chunks = 0; chunks < MAX_CHUNKS; chunks++) {
    const header = asBuffer(yield { take: 8 });
    const length = header.readUInt32BE(0);
    const type = header.toString("latin1", 4);
    if (type === "IEND") {
      return;
    }
    const isWanted = type === "IHDR" || type === "eXIf" || type === "zTXt" || type === "tEXt";
    if (isWanted && length <= MAX_LOOKED_INTO_BYTES) {
      look(type, asBuffer(yield { take: length }), facts);
      yield { skip: CRC_BYTES };
    } else {
      yield { skip: length + CRC_BYTES };
    }
  }
}

function look(type: string, content: Buffer, facts: ImageFacts): void {
  if (type === "IHDR") {
    if (content.length >= 8) {
      facts.stored ??= { widthPx: content.readUInt32BE(0), heightPx: content.readUInt32BE(4) };
    }
  } else if (type === "eXIf") {
    facts.orientation ??= exifOrientation(content);
  } else {
    facts.orientation ??= rawProfileOrientation(type, content);
  }
}

/** The content is "\nexif\n<number of bytes>\n" and then the block in hexadecimal, in lines. */
function rawProfileOrientation(type: string, content: Buffer): number | undefined {
  if (!content.subarray(0, RAW_PROFILE.length + 1).equals(Buffer.from(`${RAW_PROFILE}\0`, "latin1"))) {
    return undefined;
  }
  const value = content.subarray(RAW_PROFILE.length + 1);
  const text = type === "zTXt" ? inflated(value.subarray(1)) : value;
  const hexadecimal = /^\s*exif\s+\d+\s+([0-9a-fA-F\s]*)/.exec(text?.toString("latin1") ?? "")?.[1]?.replace(/\s/g, "");
  if (hexadecimal === undefined) {
    return undefined;
  }
  const block = hexadecimal.startsWith(EXIF_START) ? hexadecimal.slice(EXIF_START.length) : hexadecimal;
  return exifOrientation(Buffer.from(block, "hex"));
}

/** A view, not a copy. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function inflated(deflated: Buffer): Buffer | undefined {
  try {
    return inflateSync(deflated, { maxOutputLength: MAX_LOOKED_INTO_BYTES });
  } catch (error) {
    // Broken, or larger than any EXIF block: what magick makes of it decides.
    if (error instanceof Error) {
      return undefined;
    }
    throw error;
  }
}
