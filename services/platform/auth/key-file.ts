import { readFile } from "node:fs/promises";
import { z } from "zod";
import { StartError } from "../lifecycle/start-error";
import type { Logger } from "../logging/create-logger";

/** A file of keys, and how it is read. */
export interface KeyFileOptions<T> {
  readonly path: string;
  /** Variable that names the file, for messages. */
  readonly env: string;
  /** Makes of the file's JSON what it means. Throws an Error that says what is wrong and shows no secret. */
  readonly parse: (json: unknown) => T;
  readonly logger: Logger;
  /** Milliseconds that only ever go forward. Default: the clock of the process. */
  readonly now?: () => number;
}

/** How long what was read is used before the file is looked at again, and the pause between looks for a missing key. */
const LOOK_INTERVAL_MS = 10_000;

/**
 * A file of keys that is followed while the process runs, so that keys are added and withdrawn without a restart: it is looked at
 * when it is used and ten seconds have passed. A file that cannot be read then, or makes no sense, is logged, and what was read
 * before stays.
 */
export class KeyFile<T> {
  readonly #options: KeyFileOptions<T>;
  readonly #now: () => number;
  #text: string;
  #value: T;
  #lookedAt: number;
  #searchedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  private constructor(options: KeyFileOptions<T>, now: () => number, text: string, value: T) {
    this.#options = options;
    this.#now = now;
    this.#text = text;
    this.#value = value;
    this.#lookedAt = now();
  }

  /** @throws StartError naming the variable, when the file cannot be read or makes no sense */
  static async open<T>(options: KeyFileOptions<T>): Promise<KeyFile<T>> {
    try {
      const text = await readFile(options.path, "utf8");
      const value = options.parse(JSON.parse(text));
      return new KeyFile(options, options.now ?? (() => performance.now()), text, value);
    } catch (error) {
      throw new StartError(`${options.env}: ${options.path} cannot be used: ${problem(error)}`, { cause: error });
    }
  }

  /** What the file holds. The same object as long as the file does not change. */
  async current(): Promise<T> {
    if (this.#now() - this.#lookedAt >= LOOK_INTERVAL_MS) {
      await this.#look();
    }
    return this.#value;
  }

  /** What the file holds right now, because what is in use lacks a key: looks, at most once in ten seconds. */
  async search(): Promise<T> {
    const now = this.#now();
    if (now - this.#searchedAt >= LOOK_INTERVAL_MS) {
      this.#searchedAt = now;
      await this.#look();
    }
    return this.#value;
  }

  #look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #read(): Promise<void> {
    const { path, env, parse, logger } = this.#options;
    try {
      const text = await readFile(path, "utf8");
      if (text !== this.#text) {
        this.#value = parse(JSON.parse(text));
        this.#text = text;
        logger.info("keys were read again", { variable: env, path });
      }
    } catch (error) {
      logger.error("keys cannot be read again; those read before stay in use", {
        variable: env,
        path,
        problem: problem(error),
      });
    }
    this.#lookedAt = this.#now();
  }
}

/** What is wrong, without any part of the file: JSON.parse quotes its input. */
function problem(error: unknown): string {
  if (error instanceof SyntaxError) {
    return "it is no JSON";
  }
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return issue === undefined ? "it makes no sense" : `${z.core.toDotPath(issue.path)}: ${issue.message}`;
  }
  return error instanceof Error ? error.message : "it cannot be read";
}
