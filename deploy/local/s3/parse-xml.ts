import { S3Error } from "./s3-error";

/** An element of a parsed document: its name without prefix, its children and its text. */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const maxDepth = 16;
const token =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/y;
const namedEntities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * Parses the small documents that S3 clients send. Document types and CDATA are refused, attributes ignored.
 *
 * @throws S3Error MalformedXML
 */
export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: "", children: [], text: "" };
  const open: XmlElement[] = [root];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const match = token.exec(source);
    const parent = open.at(-1);
    if (match === null || parent === undefined) {
      throw new S3Error("MalformedXML");
    }
    const [whole, closing, qualifiedName, , selfClosing] = match;
    if (qualifiedName === undefined) {
      if (!whole.startsWith("<")) {
        parent.text += unescapeXml(whole);
      }
      continue;
    }
    const name = qualifiedName.slice(qualifiedName.indexOf(":") + 1);
    if (closing) {
      if (open.length === 1 || parent.name !== name) {
        throw new S3Error("MalformedXML");
      }
      open.pop();
      continue;
    }
    const child: XmlElement = { name, children: [], text: "" };
    parent.children.push(child);
    if (!selfClosing) {
      open.push(child);
    }
    if (open.length > maxDepth) {
      throw new S3Error("MalformedXML");
    }
  }
  const [top, second] = root.children;
  if (open.length !== 1 || top === undefined || second !== undefined) {
    throw new S3Error("MalformedXML");
  }
  return top;
}

/** Text of the first child of that name. */
export function childText(parent: XmlElement, name: string): string | undefined {
  return parent.children.find((child) => child.name === name)?.text;
}

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|\w+);?/g, (_whole, entity: string) => {
    if (!entity.startsWith("#")) {
      const character = namedEntities[entity];
      if (character === undefined) {
        throw new S3Error("MalformedXML");
      }
      return character;
    }
    const codePoint = entity.startsWith("#x") ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    if (codePoint > 0x10ffff) {
      throw new S3Error("MalformedXML");
    }
    return String.fromCodePoint(codePoint);
  });
}
