/** Control characters, the two Unicode separators that break lines as they do, and halves of surrogate pairs. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Makes a text of another service fit to be stored and shown: bounded, well-formed, without control characters.
 *
 * @param max most UTF-16 units that are kept
 */
export function cleanText(text: string, max: number): string {
  return text.slice(0, max).replace(UNFIT, " ");
}
