import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** Path of a Chromium: CHROMIUM_BIN, else the first of its usual names in PATH; undefined where there is none. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  const named = env["CHROMIUM_BIN"] ?? "";
  if (named !== "") return named;
  const directories = (env["PATH"] ?? "").split(delimiter);
  return PROGRAMS.flatMap((program) => directories.map((directory) => join(directory, program))).find(isProgram);
}

/** Starts a Chromium without a window. Whoever starts it closes it. */
export function launchChromium(executablePath: string): Promise<Browser> {
  // Its sandbox refuses to run as root; all pages here are our own.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for this user.
    return false;
  }
}
