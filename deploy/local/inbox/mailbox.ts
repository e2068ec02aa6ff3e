import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MailpitSummary } from "./mailpit-message";
import { type ParsedMessage, parseMessage } from "./parse-message";
import { searchTextOf } from "./search-text";
import { decodeStoredMail, encodeStoredMail, type StoredMail } from "./stored-mail";

/** How much the inbox keeps before it drops the oldest mails. */
export interface MailboxLimits {
  readonly maxMessages: number;
  readonly maxTotalBytes: number;
}

/** What lists and searches need of a mail, without its bodies and files. */
export interface IndexedMessage {
  readonly summary: MailpitSummary;
  /** What plain words are looked for in. */
  readonly searchText: string;
}

interface Entry {
  readonly mail: StoredMail;
  /** Made when first asked for, so that receiving stays fast. */
  indexed: Promise<IndexedMessage> | undefined;
  read: boolean;
}

/** Longest part of a mail that searches look at, in characters. */
const maxSearchText = 20_000;

/** The mails that were received, newest first, in memory and in a folder where one is given. */
export class Mailbox {
  readonly #entries = new Map<string, Entry>();
  readonly #limits: MailboxLimits;
  readonly #directory: string | undefined;
  #bytes = 0;
  #deleted = 0;

  private constructor(limits: MailboxLimits, directory: string | undefined) {
    this.#limits = limits;
    this.#directory = directory;
  }

  /** Opens a mailbox with the mails that are in the folder. All of them count as unread. */
  static async open(limits: MailboxLimits, directory: string | undefined): Promise<Mailbox> {
    const mailbox = new Mailbox(limits, directory);
    if (directory === undefined) {
      return mailbox;
    }
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const name of (await readdir(directory)).sort()) {
      const path = join(directory, name);
      const mail = name.endsWith(".mail") ? decodeStoredMail(await readFile(path)) : undefined;
      if (mail !== undefined) {
        mailbox.#keep(mail);
      } else if (name.endsWith(".part")) {
        await rm(path, { force: true });
      }
    }
    await mailbox.#dropOldest();
    return mailbox;
  }

  /** Number of mails that were deleted or dropped since the start. */
  get deleted(): number {
    return this.#deleted;
  }

  /** Bytes of all sources. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get unread(): number {
    return [...this.#entries.values()].filter((entry) => !entry.read).length;
  }

  /** Keeps a mail; when it cannot be written to the folder, it is not kept. */
  async add(received: Omit<StoredMail, "id">): Promise<StoredMail> {
    const mail: StoredMail = { ...received, id: randomBytes(11).toString("hex") };
    if (this.#directory !== undefined) {
      const path = this.#path(mail);
      await writeFile(`${path}.part`, encodeStoredMail(mail), { mode: 0o600 }).catch(async (cause: unknown) => {
        await rm(`${path}.part`, { force: true });
        throw cause;
      });
      await rename(`${path}.part`, path);
    }
    this.#keep(mail);
    await this.#dropOldest();
    return mail;
  }

  /** Ids of all mails, newest first. */
  ids(): string[] {
    return [...this.#entries.keys()].reverse();
  }

  /** The source of a mail. */
  source(id: string): Buffer | undefined {
    return this.#entries.get(id)?.mail.source;
  }

  /** A mail in full. */
  async message(id: string): Promise<ParsedMessage | undefined> {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      return undefined;
    }
    return await parseMessage(entry.mail);
  }

  /** A mail as lists and searches see it. */
  async indexed(id: string): Promise<IndexedMessage | undefined> {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      return undefined;
    }
    entry.indexed ??= parseMessage(entry.mail).then(({ summary, message }) => ({
      summary,
      searchText: searchTextOf(message).slice(0, maxSearchText),
    }));
    const { summary, searchText } = await entry.indexed;
    return { summary: { ...summary, Read: entry.read }, searchText };
  }

  /** Marks mails as read or unread. */
  setRead(ids: readonly string[], read: boolean): void {
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) {
        entry.read = read;
      }
    }
  }

  /** Deletes mails; unknown ids are ignored. */
  async delete(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) {
        this.#entries.delete(id);
        this.#bytes -= entry.mail.source.length;
        this.#deleted++;
        if (this.#directory !== undefined) {
          await rm(this.#path(entry.mail), { force: true });
        }
      }
    }
  }

  #keep(mail: StoredMail): void {
    this.#entries.set(mail.id, { mail, indexed: undefined, read: false });
    this.#bytes += mail.source.length;
  }

  async #dropOldest(): Promise<void> {
    while (this.#entries.size > this.#limits.maxMessages || this.#bytes > this.#limits.maxTotalBytes) {
      const [oldest] = this.#entries.keys();
      if (oldest === undefined) {
        return;
      }
      await this.delete([oldest]);
    }
  }

  #path(mail: StoredMail): string {
    return join(this.#directory ?? "", `${String(mail.receivedAt).padStart(15, "0")}-${mail.id}.mail`);
  }
}
