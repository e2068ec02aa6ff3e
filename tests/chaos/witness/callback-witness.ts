import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import {
  ClientServiceNotifyEmailDeliveredRequest,
  ClientServiceNotifyImageConvertedRequest,
} from "../../../gen/twirp/mcsv/v1/client";

/** A callback on its way to the client service. */
export interface SeenCallback {
  readonly jobId: string;
  readonly outcome: "success" | "failure";
  /** Epoch milliseconds of its arrival here. */
  readonly begunAt: number;
  /** Epoch milliseconds of the client service's yes; undefined without one. */
  at: number | undefined;
  /** Whether the yes has been handed to the user service: only then may it not deliver the callback again. */
  isAnswered: boolean;
}

/** Stands between the user and the client service, and sees what is delivered and what of it is acknowledged. */
export interface CallbackWitness {
  readonly port: number;
  readonly seen: readonly SeenCallback[];
  close(): Promise<void>;
}

/** Starts an HTTP proxy in front of the client service. When that does not answer, the connection is reset. */
export async function startCallbackWitness(clientPort: number): Promise<CallbackWitness> {
  const seen: SeenCallback[] = [];
  const server = createServer((request, response) => {
    const forward = async () => {
      const body = await buffer(request);
      const callback = readCallback(request, body);
      if (callback !== undefined) seen.push(callback);
      const answer = await ask(clientPort, request, body);
      if (callback !== undefined && answer.status === 200) {
        callback.at = Date.now();
        response.once("finish", () => {
          callback.isAnswered = !response.destroyed && response.socket?.destroyed !== true;
        });
      }
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    };
    forward().catch(() => request.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function ask(port: number, { method = "POST", url = "/", headers }: IncomingMessage, body: Buffer) {
  const request = httpRequest({ host: "127.0.0.1", port, method, path: url, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}

function readCallback({ url = "" }: IncomingMessage, body: Buffer): SeenCallback | undefined {
  const open = { begunAt: Date.now(), at: undefined, isAnswered: false };
  const outcome = (isFailure: boolean) => (isFailure ? ("failure" as const) : ("success" as const));
  if (url.endsWith("/NotifyEmailDelivered")) {
    const { jobId, outcome: told } = ClientServiceNotifyEmailDeliveredRequest.fromBinary(body);
    return { jobId, outcome: outcome(told.oneofKind === "failure"), ...open };
  }
  if (url.endsWith("/NotifyImageConverted")) {
    const { conversion } = ClientServiceNotifyImageConvertedRequest.fromBinary(body);
    const jobId = conversion?.jobId ?? "";
    return { jobId, outcome: outcome(conversion?.failure !== undefined), ...open };
  }
  return undefined;
}
