import { type HttpAnswer, html, json, text } from "./http-answer";
import type { Mailbox } from "./mailbox";
import type { MailpitMessages, MailpitSummary } from "./mailpit-message";
import { listPage, mailPolicy, messagePage, pagePolicy } from "./pages";
import { parseSearch } from "./search-query";

/** A request to the inbox. */
export interface InboxRequest {
  readonly method: string;
  readonly url: URL;
  /** Reads the body, which is small JSON. */
  readonly body: () => Promise<unknown>;
}

/** What is counted about the receiving side. */
export interface InboxCounters {
  readonly startedAt: number;
  readonly accepted: number;
  readonly acceptedBytes: number;
}

const defaultLimit = 50;
const pageLimit = 200;

/** Answers Mailpit's REST paths and the pages. */
export async function answerRequest(
  request: InboxRequest,
  mailbox: Mailbox,
  counters: InboxCounters,
): Promise<HttpAnswer> {
  const { method, url } = request;
  const path = url.pathname.replace(/(.)\/$/, "$1");
  const read = method === "GET" || method === "HEAD";
  const search = url.searchParams.get("query")?.trim() ?? "";
  if (read && (path === "/livez" || path === "/readyz")) {
    return text("ok");
  }
  if (read && path === "/") {
    const { messages, total, messages_count } = await list(mailbox, search, 0, pageLimit);
    return html(listPage(messages, { total, found: messages_count }, search), pagePolicy);
  }
  if (read && path === "/api/v1/info") {
    return json(information(mailbox, counters));
  }
  if (path === "/api/v1/messages") {
    return await answerMessages(request, mailbox);
  }
  if (path === "/api/v1/search" && (read || method === "DELETE")) {
    if (search === "") {
      return text("Error: no search query", 400);
    }
    if (method === "DELETE") {
      await mailbox.delete((await find(mailbox, search)).map(({ ID }) => ID));
      return text("ok");
    }
    const { start, limit } = paging(url);
    return json(await list(mailbox, search, start, limit));
  }
  const one = /^\/api\/v1\/message\/([A-Za-z0-9]+)(?:\/(raw|headers|part\/[\w.]+))?$/.exec(path);
  if (read && one !== null) {
    return await answerMessage(mailbox, one[1] ?? "", one[2] ?? "", search);
  }
  const view = /^\/view\/([A-Za-z0-9]+)(\.html|\.txt)?$/.exec(path);
  if (read && view !== null) {
    return await answerView(mailbox, view[1] ?? "", view[2] ?? "", search);
  }
  return text("404 page not found", 404);
}

async function answerMessages({ method, url, body }: InboxRequest, mailbox: Mailbox): Promise<HttpAnswer> {
  switch (method) {
    case "GET":
    case "HEAD": {
      const { start, limit } = paging(url);
      return json(await list(mailbox, "", start, limit));
    }
    case "DELETE": {
      const ids = idsOf(await body());
      await mailbox.delete(ids.length > 0 ? ids : mailbox.ids());
      return text("ok");
    }
    case "PUT": {
      const content = await body();
      const ids = idsOf(content);
      const read = typeof content === "object" && content !== null && "Read" in content && content.Read === true;
      mailbox.setRead(ids.length > 0 ? ids : mailbox.ids(), read);
      return text("ok");
    }
    default:
      return text("405 method not allowed", 405);
  }
}

async function answerMessage(mailbox: Mailbox, idOrLatest: string, part: string, search: string): Promise<HttpAnswer> {
  const id = await resolveId(mailbox, idOrLatest, search);
  const source = mailbox.source(id);
  const parsed = await mailbox.message(id);
  if (parsed === undefined || source === undefined) {
    return text("404 message not found", 404);
  }
  if (part === "raw") {
    return text(source);
  }
  if (part === "headers") {
    return json(parsed.headers);
  }
  if (part !== "") {
    const file = parsed.parts.find((candidate) => `part/${candidate.id}` === part);
    if (file === undefined) {
      return text("404 part not found", 404);
    }
    // Whatever a mail brings is downloaded, never shown as a page of this server.
    const headers = { "content-type": "application/octet-stream", "content-disposition": "attachment" };
    return { status: 200, headers: { ...headers, "x-part-content-type": file.contentType }, body: file.content };
  }
  mailbox.setRead([id], true);
  return json(parsed.message);
}

async function answerView(mailbox: Mailbox, idOrLatest: string, form: string, search: string): Promise<HttpAnswer> {
  const id = await resolveId(mailbox, idOrLatest, search);
  const parsed = await mailbox.message(id);
  if (parsed === undefined || (form === ".html" && parsed.message.HTML === "")) {
    return text("404 page not found", 404);
  }
  mailbox.setRead([id], true);
  if (form === ".txt") {
    return text(parsed.message.Text);
  }
  return form === ".html" ? html(parsed.message.HTML, mailPolicy) : html(messagePage(parsed.message), pagePolicy);
}

async function resolveId(mailbox: Mailbox, idOrLatest: string, search: string): Promise<string> {
  if (idOrLatest !== "latest") {
    return idOrLatest;
  }
  return (search === "" ? mailbox.ids()[0] : (await find(mailbox, search))[0]?.ID) ?? "";
}

async function list(mailbox: Mailbox, search: string, start: number, limit: number): Promise<MailpitMessages> {
  const found = search === "" ? undefined : await find(mailbox, search);
  const ids = (found?.map(({ ID }) => ID) ?? mailbox.ids()).slice(start, start + limit);
  const messages = (await Promise.all(ids.map((id) => mailbox.indexed(id)))).flatMap(
    (indexed) => indexed?.summary ?? [],
  );
  const total = mailbox.size;
  const unread = mailbox.unread;
  return {
    total,
    unread,
    count: messages.length,
    messages_count: found?.length ?? total,
    messages_unread: found?.filter(({ Read }) => !Read).length ?? unread,
    start,
    tags: [],
    messages,
  };
}

async function find(mailbox: Mailbox, search: string): Promise<MailpitSummary[]> {
  const filter = parseSearch(search);
  const found: MailpitSummary[] = [];
  for (const id of mailbox.ids()) {
    const indexed = await mailbox.indexed(id);
    if (indexed !== undefined && filter(indexed)) {
      found.push(indexed.summary);
    }
  }
  return found;
}

function paging(url: URL): { start: number; limit: number } {
  const positive = (name: string, byDefault: number) => {
    const value = Math.floor(Number(url.searchParams.get(name)));
    return value > 0 ? value : byDefault;
  };
  return { start: positive("start", 0), limit: positive("limit", defaultLimit) };
}

function idsOf(content: unknown): string[] {
  const ids = typeof content === "object" && content !== null && "IDs" in content ? content.IDs : undefined;
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}

function information(mailbox: Mailbox, counters: InboxCounters): object {
  return {
    Version: "mcsv-inbox",
    LatestVersion: "disabled",
    Database: "",
    DatabaseSize: mailbox.bytes,
    Messages: mailbox.size,
    Unread: mailbox.unread,
    Tags: {},
    RuntimeStats: {
      Uptime: Math.floor((Date.now() - counters.startedAt) / 1000),
      Memory: process.memoryUsage.rss(),
      MessagesDeleted: mailbox.deleted,
      SMTPAccepted: counters.accepted,
      SMTPAcceptedSize: counters.acceptedBytes,
      SMTPRejected: 0,
      SMTPIgnored: 0,
    },
  };
}
