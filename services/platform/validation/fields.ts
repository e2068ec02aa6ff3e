import { isUuid } from "../ids/deterministic-id";
import { invalidArgument } from "../twirp/errors";

/** Control characters and the two Unicode separators that break lines as control characters do. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** The same without tabs and line breaks. */
const CONTROL_BUT_LAYOUT = /[^\P{Cc}\t\n\r]/u;
/** Half of a surrogate pair, which UTF-8 cannot carry. */
const LONE_SURROGATE = /\p{Cs}/u;
/** What cleanText replaces. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Bounds of a text, in characters (Unicode code points). */
export interface TextBounds {
  min: number;
  max: number;
  /** Whether tabs and line breaks are allowed. Default: no. */
  multiline?: boolean;
}

/**
 * Checks a text that a person gave: bounds, well-formed Unicode, no control characters.
 *
 * @param field path of the field in the request, such as "options.density_dpi"
 * @throws TwirpError invalid_argument with meta.argument = field
 */
export function checkText(field: string, text: string, { min, max, multiline = false }: TextBounds): string {
  if (LONE_SURROGATE.test(text)) {
    throw invalidArgument(field, "must be well-formed Unicode");
  }
  const characters = countCharacters(text, max);
  if (characters < min || characters > max) {
    throw invalidArgument(field, `must have ${min} to ${max} characters`);
  }
  if (multiline && CONTROL_BUT_LAYOUT.test(text)) {
    throw invalidArgument(field, "must not have control characters but tabs and line breaks");
  }
  if (!multiline && CONTROL.test(text)) {
    throw invalidArgument(field, "must not have control characters");
  }
  return text;
}

/** Checks an id, and brings it into lower case, as the database answers it. */
export function checkUuid(field: string, id: string): string {
  if (!isUuid(id)) {
    throw invalidArgument(field, "must be a UUID");
  }
  return id.toLowerCase();
}

/** Checks a whole number. */
export function checkRange(field: string, value: number, min: number, max: number): number {
  if (value < min || value > max) {
    throw invalidArgument(field, `must be ${min} to ${max}`);
  }
  return value;
}

/** Makes a text of another service fit to be stored and shown: bounded, well-formed, without control characters. */
export function cleanText(text: string, max: number): string {
  return text.slice(0, max).replace(UNFIT, " ");
}

/** Counts no further than needed, so that a text of a megabyte costs nothing. */
function countCharacters(text: string, max: number): number {
  return text.length > 2 * max ? text.length : [...text].length;
}
