/** Markup that is already escaped. */
export interface Markup {
  readonly markup: string;
}

/** Escapes text for XML 1.0; control characters become character references, as S3 sends them. */
function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return text.replace(/[&<>"'\u0000-\u0008\u000b-\u001f\u007f\ufffe\uffff]/g, (character) => {
    switch (character) {
      case "&":
        return "&amp;";
      case "<":
        return "&lt;";
      case ">":
        return "&gt;";
      case '"':
        return "&quot;";
      case "'":
        return "&#39;";
      default:
        return `&#x${character.charCodeAt(0).toString(16)};`;
    }
  });
}

/** An element with text or children. */
export function element(name: string, content: string | number | boolean | Markup | readonly Markup[]): Markup {
  let inner: string;
  if (typeof content !== "object") {
    inner = escapeXml(String(content));
  } else if ("markup" in content) {
    inner = content.markup;
  } else {
    inner = content.map((child) => child.markup).join("");
  }
  return { markup: `<${name}>${inner}</${name}>` };
}

/** The element when the value is given, else nothing. */
export function optional(name: string, content: string | number | boolean | undefined): Markup {
  return content === undefined ? { markup: "" } : element(name, content);
}

/** A document with the XML declaration; root elements other than Error live in S3's namespace. */
export function document(root: Markup): string {
  const markup = root.markup.startsWith("<Error>")
    ? root.markup
    : root.markup.replace(/^<(\w+)>/, '<$1 xmlns="http://s3.amazonaws.com/doc/2006-03-01/">');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markup}`;
}
