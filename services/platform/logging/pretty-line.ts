import { styleText } from "node:util";
import type { LogRecord } from "./log-record";

const LEVEL_COLOURS = { error: "red", warn: "yellow", info: "green", debug: "blue" } as const;

/**
 * A log line for people: time, level, service, message, fields as `key=value`, and the stack of an error on lines of its own.
 *
 * @param colours whether to write ANSI colours
 */
export function prettyLine(record: LogRecord, colours: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const { time, level, service, message, error, ...fields } = record;
  const colour = LEVEL_COLOURS[level as keyof typeof LEVEL_COLOURS] ?? "white";
  const parts = [
    paint("gray", time.slice(11, 23)),
    paint(colour, level.toUpperCase().padEnd(5)),
    paint("cyan", service),
    visible(message),
  ];
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) {
      parts.push(`${paint("gray", `${visible(name)}=`)}${valueText(value)}`);
    }
  }
  const { stack, rest } = splitError(error);
  if (rest !== undefined) {
    parts.push(`${paint("gray", "error=")}${valueText(rest)}`);
  }
  return parts.join(" ") + stack.map((line) => `\n    ${paint("gray", visible(line))}`).join("");
}

function splitError(error: unknown): { stack: string[]; rest: unknown } {
  if (typeof error === "object" && error !== null && "stack" in error && typeof error.stack === "string") {
    const { stack, ...rest } = error;
    return { stack: error.stack.split("\n").map((line) => line.trim()), rest };
  }
  return { stack: [], rest: error };
}

function valueText(value: unknown): string {
  if (typeof value === "string") {
    return /^[^\s"=]+$/.test(value) ? visible(value) : JSON.stringify(visible(value));
  }
  return visible(JSON.stringify(value) ?? "");
}

/** Shows control characters instead of sending them: a logged text must not move the cursor or fake a line. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    character === "\n" ? "\\n" : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
