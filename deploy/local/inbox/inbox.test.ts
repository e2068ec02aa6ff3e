import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTransport, type SendMailOptions } from "nodemailer";
import { afterEach, describe, expect, it } from "vitest";
import type { MailpitMessage, MailpitMessages } from "./mailpit-message";
import { type Inbox, type InboxOptions, startInbox } from "./start-inbox";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

async function start(options: Partial<InboxOptions> = {}): Promise<Inbox> {
  const inbox = await startInbox({ smtpPort: 0, httpPort: 0, ...options });
  cleanups.push(() => inbox.close());
  return inbox;
}

async function send(inbox: Inbox, mail: SendMailOptions): Promise<void> {
  const transport = createTransport({ host: "127.0.0.1", port: inbox.smtpPort });
  await transport.sendMail({ from: "mcsv <no-reply@mcsv.example>", ...mail }).finally(() => transport.close());
}

async function fetchText(
  inbox: Inbox,
  path: string,
  init?: RequestInit,
): Promise<{ status: number; headers: Headers; body: string }> {
  const response = await fetch(`http://127.0.0.1:${inbox.httpPort}${path}`, init);
  return { status: response.status, headers: response.headers, body: await response.text() };
}

async function messages(inbox: Inbox, path = "/api/v1/messages"): Promise<MailpitMessages> {
  return JSON.parse((await fetchText(inbox, path)).body);
}

describe("the REST API", () => {
  it("lists mails newest first in Mailpit's shape, with start and limit", async () => {
    const inbox = await start();
    for (const subject of ["one", "two", "three"]) {
      await send(inbox, { to: { name: "Ada L.", address: "ada@example.com" }, subject, text: `about  ${subject}\n` });
    }
    const all = await messages(inbox);
    expect(all).toMatchObject({
      total: 3,
      unread: 3,
      count: 3,
      messages_count: 3,
      messages_unread: 3,
      start: 0,
      tags: [],
    });
    expect(all.messages.map(({ Subject }) => Subject)).toEqual(["three", "two", "one"]);
    expect(all.messages[0]).toMatchObject({
      Read: false,
      From: { Name: "mcsv", Address: "no-reply@mcsv.example" },
      To: [{ Name: "Ada L.", Address: "ada@example.com" }],
      Cc: [],
      Bcc: [],
      ReplyTo: [],
      Snippet: "about three",
      Attachments: 0,
      Tags: [],
    });
    const page = await messages(inbox, "/api/v1/messages?start=1&limit=1");
    expect(page.messages.map(({ Subject }) => Subject)).toEqual(["two"]);
    expect(page).toMatchObject({ total: 3, count: 1, start: 1 });
  });

  it("gives a mail in full, marks it as read, and gives its source, headers, HTML and text", async () => {
    const inbox = await start();
    await send(inbox, {
      to: "ada@example.com",
      subject: "Grüße",
      text: "plain",
      html: "<b>rich</b>",
      messageId: "<abc@mcsv.example>",
      headers: { "X-Job": "7" },
      attachments: [{ filename: "a.txt", content: "file" }],
    });
    const [summary] = (await messages(inbox)).messages;
    const path = `/api/v1/message/${summary?.ID}`;
    const message: MailpitMessage = JSON.parse((await fetchText(inbox, path)).body);
    expect(message).toMatchObject({
      ID: summary?.ID,
      MessageID: "abc@mcsv.example",
      Subject: "Grüße",
      ReturnPath: "no-reply@mcsv.example",
      HTML: "<b>rich</b>",
      Inline: [],
      Attachments: [{ FileName: "a.txt", ContentType: "text/plain", Size: 4 }],
    });
    expect(message.Text.trim()).toBe("plain");
    expect((await messages(inbox)).messages[0]?.Read).toBe(true);
    expect((await fetchText(inbox, `${path}/raw`)).body).toContain("Message-ID: <abc@mcsv.example>");
    expect(JSON.parse((await fetchText(inbox, `${path}/headers`)).body)).toMatchObject({ "X-Job": ["7"] });
    expect((await fetchText(inbox, `${path}/part/${message.Attachments[0]?.PartID}`)).body).toBe("file");
    expect((await fetchText(inbox, `/view/${summary?.ID}.txt`)).body.trim()).toBe("plain");
    expect((await fetchText(inbox, `/view/latest.html`)).body).toBe("<b>rich</b>");
    expect((await fetchText(inbox, "/api/v1/message/latest")).status).toBe(200);
    expect((await fetchText(inbox, "/api/v1/message/0000")).status).toBe(404);
  });

  it("shows recipients that the mail does not name as Bcc", async () => {
    const inbox = await start();
    await send(inbox, { to: "ada@example.com", bcc: "eve@example.com", subject: "s", text: "t" });
    expect((await messages(inbox)).messages[0]?.Bcc).toEqual([{ Name: "", Address: "eve@example.com" }]);
  });

  it.each([
    ["to:ada@example.com", ["welcome"]],
    ["to:ADA", ["welcome"]],
    ["subject:welcome", ["welcome"]],
    ['subject:"your pdf"', ["your pdf is ready"]],
    ["ready", ["your pdf is ready"]],
    ["needle", ["welcome"]],
    ["from:no-reply -subject:welcome", ["your pdf is ready"]],
    ["message-id:nothing", []],
    ["to:ada ready", []],
  ])("finds by %s", async (query, subjects) => {
    const inbox = await start();
    await send(inbox, { to: "ada@example.com", subject: "welcome", text: "a Needle in the hay" });
    await send(inbox, { to: "bob@example.com", subject: "your pdf is ready", text: "here" });
    const found = await messages(inbox, `/api/v1/search?query=${encodeURIComponent(query)}`);
    expect(found.messages.map(({ Subject }) => Subject)).toEqual(subjects);
    expect(found).toMatchObject({ total: 2, messages_count: subjects.length });
  });

  it("refuses a search without a query, deletes what was searched, named, or all", async () => {
    const inbox = await start();
    for (const subject of ["one", "two", "three", "four"]) {
      await send(inbox, { to: "ada@example.com", subject, text: "t" });
    }
    expect((await fetchText(inbox, "/api/v1/search?query=")).status).toBe(400);
    await fetchText(inbox, "/api/v1/search?query=subject:one", { method: "DELETE" });
    const [newest] = (await messages(inbox)).messages;
    await fetchText(inbox, "/api/v1/messages", { method: "DELETE", body: JSON.stringify({ IDs: [newest?.ID] }) });
    expect((await messages(inbox)).messages.map(({ Subject }) => Subject)).toEqual(["three", "two"]);
    expect((await fetchText(inbox, "/api/v1/messages", { method: "DELETE", body: "{not json" })).status).toBe(400);
    expect((await fetchText(inbox, "/api/v1/messages", { method: "DELETE" })).body).toBe("ok");
    expect((await messages(inbox)).total).toBe(0);
  });

  it("answers information and probes", async () => {
    const inbox = await start();
    expect((await fetchText(inbox, "/livez")).status).toBe(200);
    expect((await fetchText(inbox, "/readyz")).status).toBe(200);
    expect(JSON.parse((await fetchText(inbox, "/api/v1/info")).body)).toMatchObject({ Messages: 0, Unread: 0 });
    expect((await fetchText(inbox, "/nothing")).status).toBe(404);
  });
});

describe("the page", () => {
  it("shows mails with everything hostile escaped, and their HTML only in a sandbox", async () => {
    const inbox = await start();
    const evil = `<script>alert(1)</script>"'&`;
    await send(inbox, { to: { name: evil, address: "ada@example.com" }, subject: evil, text: evil, html: evil });
    const id = (await messages(inbox)).messages[0]?.ID;
    for (const path of ["/", `/view/${id}`, "/?query=%3Cscript%3E"]) {
      const { body, headers } = await fetchText(inbox, path);
      expect(body).not.toContain("<script");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    }
    expect((await fetchText(inbox, `/view/${id}`)).body).toMatch(/<iframe sandbox="[^"]*" src="\/view\//);
    const rendered = await fetchText(inbox, `/view/${id}.html`);
    expect(rendered.headers.get("content-security-policy")).toMatch(/^sandbox(?!.*allow-scripts)/);
    expect(rendered.headers.get("content-security-policy")).toContain("default-src 'none'");
  });
});

describe("keeping mails", () => {
  it("survives a restart with a folder, in order, and leaves no other files", async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), "mcsv-inbox-"));
    cleanups.push(() => rm(dataDirectory, { recursive: true }));
    const first = await startInbox({ smtpPort: 0, httpPort: 0, dataDirectory });
    await send(first, { to: "ada@example.com", subject: "one", text: "t", bcc: "eve@example.com" });
    await send(first, { to: "ada@example.com", subject: "two", text: "t" });
    const before = await messages(first);
    await first.close();
    const second = await start({ dataDirectory });
    expect(await messages(second)).toEqual(before);
    await fetchText(second, "/api/v1/messages", { method: "DELETE" });
    expect(await readdir(dataDirectory)).toEqual([]);
  });

  it("drops the oldest beyond its bounds", async () => {
    const inbox = await start({ maxMessages: 2 });
    for (const subject of ["one", "two", "three"]) {
      await send(inbox, { to: "ada@example.com", subject, text: "t" });
    }
    expect((await messages(inbox)).messages.map(({ Subject }) => Subject)).toEqual(["three", "two"]);
    const small = await start({ maxTotalBytes: 3000 });
    for (const subject of ["one", "two", "three"]) {
      await send(small, { to: "ada@example.com", subject, text: "x".repeat(1000) });
    }
    expect((await messages(small)).messages.map(({ Subject }) => Subject)).toEqual(["three", "two"]);
  });

  it("refuses mails over the size limit for good, also when the client does not say the size", async () => {
    const inbox = await start({ maxMessageBytes: 2000 });
    const sent = send(inbox, { to: "ada@example.com", subject: "s", text: "x".repeat(5000) });
    await expect(sent).rejects.toMatchObject({ responseCode: 552 });
    const reply = await smtpDialogue(inbox.smtpPort, [
      "EHLO me",
      "MAIL FROM:<a@b.c>",
      "RCPT TO:<d@e.f>",
      "DATA",
      `${"x".repeat(5000)}\r\n.`,
    ]);
    expect(reply.at(-1)).toMatch(/^552 /);
    expect((await messages(inbox)).total).toBe(0);
  });
});

describe("the hook for tests", () => {
  it.each(["recipient", "data"] as const)("answers with its code at %s", async (stage) => {
    const inbox = await start({
      onMessage: (event) => (event.stage === stage ? { code: 451, message: "later" } : undefined),
    });
    await expect(send(inbox, { to: "ada@example.com", text: "t" })).rejects.toMatchObject({ responseCode: 451 });
    expect((await messages(inbox)).total).toBe(0);
  });

  it("refuses connections with its code, and cuts them", async () => {
    const refusing = await start({
      onMessage: ({ stage }) => (stage === "connect" ? { code: 421, message: "busy" } : undefined),
    });
    await expect(send(refusing, { to: "ada@example.com", text: "t" })).rejects.toMatchObject({ responseCode: 421 });
    const cutting = await start({ onMessage: ({ stage }) => (stage === "data" ? "drop" : undefined) });
    await expect(send(cutting, { to: "ada@example.com", text: "t" })).rejects.toThrow();
    expect((await messages(cutting)).total).toBe(0);
  });

  it("can cut the connection after a mail was stored, so that the client cannot know", async () => {
    const inbox = await start({ onMessage: ({ stage }) => (stage === "accepted" ? "drop" : undefined) });
    await expect(send(inbox, { to: "ada@example.com", text: "t" })).rejects.toThrow();
    expect((await messages(inbox)).total).toBe(1);
  });
});

/** Sends commands one by one and returns the last line of every reply. */
async function smtpDialogue(port: number, commands: string[]): Promise<string[]> {
  const socket = connect(port, "127.0.0.1");
  const replies: string[] = [];
  const pending = [...commands, "QUIT"];
  for await (const chunk of socket.setEncoding("latin1") as AsyncIterable<string>) {
    const last = chunk.trimEnd().split("\r\n").at(-1) ?? "";
    if (/^\d{3} /.test(last)) {
      replies.push(last);
      const next = pending.shift();
      if (next === undefined) {
        socket.end();
      } else {
        socket.write(`${next}\r\n`);
      }
    }
  }
  return replies.slice(0, commands.length + 1);
}
