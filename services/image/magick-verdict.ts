import { type TwirpError, TwirpErrorCode } from "twirp-ts";
import { blame, deadlineExceeded, invalidArgument, twirpError } from "../platform/twirp/errors";
import { type LimitName, overLimit } from "./image-limits";
import { noRoom } from "./no-room";
import type { MagickExit } from "./run-magick";

/** What magick says of a limit, and the limit it means. Order matters: the first that fits counts. */
const LIMITS: readonly (readonly [RegExp, LimitName])[] = [
  [/WidthOrHeightExceedsLimit|width or height exceeds limit/i, "width_px"],
  [/CacheResourcesExhausted|cache resources exhausted|unable to extend cache/i, "memory"],
  [/MemoryAllocationFailed|memory allocation failed|insufficient memory|cannot allocate memory/i, "memory"],
];

/**
 * Warnings about things that a PDF of the image does not show: a colour profile that magick drops anyway, and habits
 * of cameras that leave every pixel in place. Any other warning means that pixels may be missing.
 */
const HARMLESS: readonly RegExp[] = [
  /(iCCP|cHRM|gAMA|sRGB|sBIT|bKGD|pHYs|tIME|hIST): (?!CRC error|truncated|insufficient memory)/,
  /Invalid SOS parameters for sequential JPEG/,
  /Unknown Adobe color transform code/,
  /Corrupt JPEG data: \d+ extraneous bytes before marker 0xd9/,
];

/** What magick says when its temporary files find no room: the next attempt may find some. */
const NO_ROOM = /No space left on device|Disk quota exceeded/i;

/** What magick says when our own policy does not let it do what we asked for. */
const FORBIDDEN = /NotAuthorized|not allowed by the security policy/i;

/** A message of magick: `magick: text \`file' @ severity/file.c/Function/line.` */
const MESSAGE = /^\S*magick\S*: (?<text>.*?)(?: `[^']*')? @ (?<severity>warning|error|fatal)\//;

/** Longest part of magick's own words that a caller gets to read. */
const MAX_REASON_LENGTH = 200;

/** The error that a run of magick stands for, or undefined when its output is a PDF of the whole image. */
export function magickVerdict({ exitCode, signal, stderr, timedOut }: MagickExit): TwirpError | undefined {
  const messages = stderr
    .split("\n")
    .filter((line) => line.trim() !== "" && !HARMLESS.some((known) => known.test(line)));
  if (exitCode === 0 && messages.length === 0) {
    return undefined;
  }
  if (timedOut || signal === "SIGXCPU" || /TimeLimitExceeded|time limit exceeded/i.test(stderr)) {
    return blame(deadlineExceeded("the conversion took too long and was stopped"), "magick_timeout");
  }
  if (signal === "SIGXFSZ") {
    return blame(overLimit("output_bytes", "the PDF is too large"), "magick_limit");
  }
  if (NO_ROOM.test(stderr)) {
    return noRoom(new Error(stderr.trim()));
  }
  const limit = LIMITS.find(([pattern]) => pattern.test(stderr))?.[1];
  if (limit !== undefined) {
    const message = `the image needs more than is allowed for one: ${reason(messages)}`;
    return blame(overLimit(limit, message), "magick_limit");
  }
  if (signal !== null || exitCode === 126 || exitCode === 127 || FORBIDDEN.test(stderr)) {
    const cause = new Error(`magick ended with ${signal ?? `exit code ${exitCode}`}: ${stderr.trim()}`);
    // Why is for the log; that it was magick, and not the image, is for whoever searches failed jobs.
    const crashed = twirpError(TwirpErrorCode.Internal, "magick did not end as it should").withCause(cause);
    return blame(crashed, "magick_crashed");
  }
  const message = `must be an image that can be read completely: ${reason(messages)}`;
  return blame(invalidArgument("source_url", message), "magick_unreadable");
}

/** Magick's first words without the names of its files and sources. */
function reason(messages: readonly string[]): string {
  const first = messages[0] ?? "no reason was given";
  return (MESSAGE.exec(first)?.groups?.["text"] ?? first).replace(/[^\x20-\x7e]/g, " ").slice(0, MAX_REASON_LENGTH);
}
