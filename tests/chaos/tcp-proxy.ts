import { randomInt } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { Transform, type TransformCallback } from "node:stream";

/** What a proxy does to the bytes that pass through it. */
export type WireFault =
  /** Holds every piece of data back for so long. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Lets half of a piece through and resets the connection; `share` of the pieces, 0 to 1. */
  | { readonly kind: "cut"; readonly share: number }
  /** Turns over one bit of a piece; `share` of the pieces, 0 to 1. */
  | { readonly kind: "corrupt"; readonly share: number }
  /** Answers whatever is asked with this text, and closes. */
  | { readonly kind: "answer"; readonly text: string }
  /** Resets connections as soon as something is asked on them. */
  | { readonly kind: "reset" };

/** A TCP proxy in front of one port of this machine. Without a fault it passes on what comes. */
export interface TcpProxy {
  readonly port: number;
  /** How often a fault has hit, since the start. */
  readonly hits: number;
  /** Begins a fault, in place of the one before; for connections that are open as for new ones. */
  inject(fault: WireFault): void;
  /** Ends the fault. */
  heal(): void;
  /** Resets what is open and frees the port. */
  close(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const state: WireState = { fault: undefined, hits: 0 };
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (caller) => {
    const target = createConnection({ port: targetPort, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const reset = () => {
      caller.resetAndDestroy();
      target.resetAndDestroy();
    };
    for (const socket of [caller, target]) {
      open.add(socket);
      // Whatever ends one side by force ends the other.
      socket.once("error", reset);
      socket.once("close", () => open.delete(socket));
    }
    const reply = (text: string) => {
      target.destroy();
      caller.end(text);
    };
    caller.pipe(new Wire(state, { reset, reply })).pipe(target);
    target.pipe(new Wire(state, { reset, reply: undefined })).pipe(caller);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get hits() {
      return state.hits;
    },
    inject: (fault) => {
      state.fault = fault;
    },
    heal: () => {
      state.fault = undefined;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.resetAndDestroy();
      await closed;
    },
  };
}

interface WireState {
  fault: WireFault | undefined;
  hits: number;
}

interface WireEnds {
  readonly reset: () => void;
  /** Answers the caller in the target's place; undefined on the way back. */
  readonly reply: ((text: string) => void) | undefined;
}

/** One direction of one connection. */
class Wire extends Transform {
  readonly #state: WireState;
  readonly #ends: WireEnds;

  constructor(state: WireState, ends: WireEnds) {
    super();
    this.#state = state;
    this.#ends = ends;
    // An end by force: the sockets tell of it.
    this.on("error", () => undefined);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const { fault } = this.#state;
    switch (fault?.kind) {
      case undefined:
        done(null, chunk);
        return;
      case "delay":
        this.#state.hits += 1;
        setTimeout(done, fault.ms, null, chunk);
        return;
      case "corrupt":
        done(null, this.#isHit(fault.share) ? withFlippedBit(chunk) : chunk);
        return;
      case "cut":
        if (!this.#isHit(fault.share)) {
          done(null, chunk);
          return;
        }
        done(null, chunk.subarray(0, chunk.length / 2));
        // What was let through is to arrive before the reset.
        setImmediate(this.#ends.reset);
        return;
      case "reset":
        this.#state.hits += 1;
        this.#ends.reset();
        return;
      case "answer":
        // What is on its way back was asked before the fault began.
        if (this.#ends.reply === undefined) {
          done(null, chunk);
          return;
        }
        this.#state.hits += 1;
        this.#ends.reply(fault.text);
        return;
      default:
        fault satisfies never;
    }
  }

  #isHit(share: number): boolean {
    const isHit = Math.random() < share;
    if (isHit) this.#state.hits += 1;
    return isHit;
  }
}

function withFlippedBit(chunk: Buffer): Buffer {
  const flipped = Buffer.from(chunk);
  const at = randomInt(flipped.length);
  flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << randomInt(8)), at);
  return flipped;
}
