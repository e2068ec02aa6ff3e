import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** Below the range from which Linux and macOS take the local ports of outgoing connections. */
const FIRST = 15_000;
const LAST = 32_000;

/**
 * Finds ports of 127.0.0.1 that nothing listens on. They are drawn at random from outside the system's ephemeral range,
 * so that neither an outgoing connection nor a parallel caller takes one before it is used.
 *
 * @param count how many, all different.
 */
export async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, Server>();
  try {
    while (held.size < count) {
      const port = randomInt(FIRST, LAST);
      if (held.has(port)) continue;
      const server = await tryListening(port);
      if (server !== undefined) held.set(port, server);
    }
    return [...held.keys()];
  } finally {
    await Promise.all([...held.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/** One free port, see {@link freePorts}. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("no free port");
  return port;
}

/** A server that holds the port, or undefined when it is taken. */
export function tryListening(port: number, host = "127.0.0.1"): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}
