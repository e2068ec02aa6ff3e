import type { MailpitAddress, MailpitMessage, MailpitSummary } from "./mailpit-message";

/** Policy of the inbox's own pages: no scripts, nothing from elsewhere, frames of this server only. */
export const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Policy of the HTML of a mail: shown, and cut off from everything. */
export const mailPolicy =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; color: #1c2024; }
  h1 { font-size: 1.25rem; } a { color: #0b5cad; }
  table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #e3e6e9; vertical-align: top; }
  td.when { white-space: nowrap; } tr.unread td { font-weight: 600; } .quiet { color: #5f6b76; }
  iframe { width: 100%; height: 32rem; border: 1px solid #d5dade; background: #fff; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #d5dade; padding: .75rem; }
  input { font: inherit; padding: .25rem .5rem; width: 22rem; max-width: 60%; }`;

/** The page at /: the newest mails, or what a search found. It renews itself every five seconds. */
export function listPage(
  messages: readonly MailpitSummary[],
  counts: { total: number; found: number },
  query: string,
): string {
  const rows = messages.map(
    (message) => `<tr class="${message.Read ? "" : "unread"}">
      <td class="when">${escapeHtml(message.Created.slice(0, 19).replace("T", " "))}</td>
      <td>${addresses(message.To.length > 0 ? message.To : message.Bcc)}</td>
      <td><a href="/view/${escapeHtml(message.ID)}">${escapeHtml(message.Subject || "(no subject)")}</a>
        <div class="quiet">${escapeHtml(message.Snippet.slice(0, 120))}</div></td></tr>`,
  );
  const shown = messages.length < counts.found ? `, the newest ${messages.length} shown` : "";
  return page(
    "Inbox",
    `<h1>Inbox</h1>
    <form action="/" method="get"><input type="search" name="query" value="${escapeHtml(query)}" placeholder="to:ada subject:welcome" aria-label="Search"></form>
    <p class="quiet">${counts.total} mails${query === "" ? "" : `, ${counts.found} found`}${shown}. Times are UTC. <a href="/api/v1/messages">JSON</a></p>
    <table><thead><tr><th>Received</th><th>To</th><th>Subject</th></tr></thead><tbody>${rows.join("\n")}</tbody></table>`,
    query === "" ? '<meta http-equiv="refresh" content="5">' : "",
  );
}

/** The page of one mail. */
export function messagePage(message: MailpitMessage): string {
  const id = escapeHtml(message.ID);
  const rows: [string, string][] = [
    ["From", addresses([message.From])],
    ["To", addresses(message.To)],
    ...(message.Cc.length > 0 ? [["Cc", addresses(message.Cc)] as [string, string]] : []),
    ...(message.Bcc.length > 0 ? [["Bcc", addresses(message.Bcc)] as [string, string]] : []),
    ["Date", escapeHtml(message.Date)],
    ["Message-ID", escapeHtml(message.MessageID)],
  ];
  const html =
    message.HTML === ""
      ? ""
      : `<h2>HTML</h2><iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/view/${id}.html" title="HTML of the mail"></iframe>`;
  return page(
    message.Subject,
    `<p><a href="/">Inbox</a></p><h1>${escapeHtml(message.Subject || "(no subject)")}</h1>
    <table>${rows.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`).join("")}</table>
    ${html}<h2>Text</h2><pre>${escapeHtml(message.Text)}</pre>
    <p><a href="/api/v1/message/${id}">JSON</a> <a href="/api/v1/message/${id}/raw">source</a></p>`,
    "",
  );
}

function page(title: string, body: string, head: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
    <meta name="viewport" content="width=device-width">${head}<style>${style}</style></head><body>${body}</body></html>`;
}

function addresses(list: readonly MailpitAddress[]): string {
  return list.map(({ Name, Address }) => escapeHtml(Name === "" ? Address : `${Name} <${Address}>`)).join(", ");
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
