import { isUuid } from "../ids/deterministic-id";
import { emailAddressProblem } from "../validation/email-address";

/** A format that schemas name: what it demands of texts. */
export interface TextFormat {
  /** Whether a text has the format. */
  readonly holds: (text: string) => boolean;
  /** What is wrong with a text, as a continuation of its field's name; undefined where nothing is. */
  readonly problem?: (text: string) => string | undefined;
}

const DATE_TIME =
  /^(?!0000)\d{4}-\d{2}-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** The formats of texts that the specs use. What they demand of the texts of int64 and uint64 is said by patterns. */
export const TEXT_FORMATS: Readonly<Record<string, TextFormat>> = {
  uuid: { holds: isUuid },
  "idn-email": { holds: (text) => emailAddressProblem(text) === undefined, problem: emailAddressProblem },
  uri: { holds: (text) => URL.canParse(text) },
  "date-time": { holds: (text) => DATE_TIME.test(text) && isDate(text.slice(0, 10)) },
};

/** Formats of numbers, in which every value of the codecs is. */
export const NUMBER_FORMATS: readonly string[] = ["int32", "uint32", "int64", "uint64", "float", "double"];

/** Whether there is such a day: no 30th of February. */
function isDate(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
