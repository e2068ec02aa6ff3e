/** A name that stands in a path as it is. Keys of maps may be anything. */
const PLAIN_NAME = /^[A-Za-z_]\w*$/;

/**
 * A path as people and programs read it, of the JSON pointer (RFC 6901) to a part of a view: `email.recipient.address`,
 * `job_ids[3]`, `headers["content-type"]`.
 *
 * @param pointer "" for the whole
 * @param root what the pointer points into: tells indexes from names
 */
export function fieldPath(pointer: string, root: unknown): string {
  let path = "";
  let value = root;
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) {
      path += `[${name}]`;
      value = value[Number(name)];
    } else {
      path = PLAIN_NAME.test(name) ? joinPath(path, name) : `${path}[${JSON.stringify(name)}]`;
      value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
    }
  }
  return path;
}

/** The path of a field in what another path leads to. */
export function joinPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
