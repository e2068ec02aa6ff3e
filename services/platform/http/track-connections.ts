import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../logging/create-logger";

/** The connections of an HTTP server. */
export interface Connections {
  /**
   * Ends all connections: those with a request in progress after its answer, which carries `Connection: close`; idle ones
   * after a moment in which a request already on its way is still answered; all that are left at the deadline. Draining twice
   * is draining once.
   */
  drain(deadline: AbortSignal, logger: Logger): Promise<void>;
}

/** How long an idle connection stays open after the server stopped accepting, for a request that is already on its way. */
const IDLE_GRACE_MS = 100;

/** Follows which connections of a server have requests in progress, and cuts off clients that do not read their answers. */
export function trackConnections(server: Server, { stalledWriteMs }: { stalledWriteMs: number }): Connections {
  /** Responses in progress by connection; an empty set means idle. */
  const responses = new Map<Socket, Set<ServerResponse>>();
  let isDraining = false;

  server.on("connection", (socket: Socket) => {
    responses.set(socket, new Set());
    socket.once("close", () => responses.delete(socket));
  });
  // Prepended, so that the header is there before the application answers.
  server.prependListener("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    const inProgress = responses.get(socket);
    inProgress?.add(response);
    response.once("close", () => {
      inProgress?.delete(response);
      if (isDraining && inProgress?.size === 0) {
        socket.end();
      }
    });
    if (isDraining) {
      response.setHeader("connection", "close");
    }
  });
  // Node's own timeout of a socket counts the time of the handler too; only unread output is the client's fault.
  server.setTimeout(stalledWriteMs, (socket: Socket) => {
    if (socket.writableLength > 0 || responses.get(socket)?.size === 0) {
      socket.destroy();
    }
  });

  const drain = async (deadline: AbortSignal, logger: Logger): Promise<void> => {
    isDraining = true;
    const closed = new Promise<void>((resolve) => server.once("close", resolve));
    // Not http.Server's close: that one resets idle connections at once, with requests on their way to them.
    NetServer.prototype.close.call(server);
    for (const response of [...responses.values()].flatMap((inProgress) => [...inProgress])) {
      if (!response.headersSent) {
        response.setHeader("connection", "close");
      }
    }
    const cutOff = () => {
      const left = [...responses.values()].reduce((sum, inProgress) => sum + inProgress.size, 0);
      logger.warn("requests were cut off", { requests: left });
      server.closeAllConnections();
    };
    deadline.addEventListener("abort", cutOff, { once: true });
    if (deadline.aborted) {
      cutOff();
    }
    await Promise.race([closed, sleep(IDLE_GRACE_MS, undefined, { ref: false })]);
    // What has arrived while the process was too busy to look is read before anything is judged idle.
    await nextTurn();
    for (const [socket, inProgress] of responses) {
      if (inProgress.size === 0) {
        socket.destroy();
      }
    }
    await closed;
    deadline.removeEventListener("abort", cutOff);
    // Ends Node's timer that looks for slow connections.
    server.close(() => undefined);
  };

  let drained: Promise<void> | undefined;
  return {
    drain: (deadline, logger) => {
      drained ??= drain(deadline, logger);
      return drained;
    },
  };
}
