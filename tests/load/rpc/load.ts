import { Client, credentials } from "@grpc/grpc-js";
import autocannon from "autocannon";
import { CreateUserRequest } from "../../../gen/twirp/mcsv/v1/user";
import { percentile } from "../statistics";
import { createUserMethod } from "./grpc-method";
import { METHOD, REQUEST } from "./message";

/** Requests that are under way at once. */
const IN_FLIGHT = 16;

/** What one round of load showed. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p99Ms: number;
}

/** Headers of the requests. */
export interface LoadHeaders {
  readonly contentType: string;
  readonly apiKey: string;
}

/** Loads an HTTP/1.1 server for some seconds over keep-alive connections. */
export async function loadHttp(
  url: string,
  { contentType, apiKey }: LoadHeaders,
  seconds: number,
): Promise<LoadResult> {
  const result = await autocannon({
    url,
    method: "POST",
    body: REQUEST,
    headers: { "content-type": contentType, authorization: `Bearer ${apiKey}` },
    connections: IN_FLIGHT,
    duration: seconds,
  });
  if (result.errors + result.timeouts + result.non2xx > 0) {
    throw new Error(`${url}: ${result.errors} errors, ${result.timeouts} timeouts, ${result.non2xx} answers but 2xx`);
  }
  return { requests: result["2xx"], seconds: result.duration, p99Ms: result.latency.p99 };
}

/** Loads a gRPC server for some seconds over one HTTP/2 connection. */
export async function loadGrpc(port: number, seconds: number): Promise<LoadResult> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const request = CreateUserRequest.fromBinary(REQUEST);
  const latenciesMs: number[] = [];
  const { path, requestSerialize, responseDeserialize } = createUserMethod;
  const call = () =>
    new Promise<void>((resolve, reject) => {
      const began = performance.now();
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error) => {
        latenciesMs.push(performance.now() - began);
        if (error === null) resolve();
        else reject(error);
      });
    });
  const began = performance.now();
  const callUntilOver = async () => {
    while (performance.now() - began < seconds * 1000) await call();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, callUntilOver));
  client.close();
  const tookSeconds = (performance.now() - began) / 1000;
  return { requests: latenciesMs.length, seconds: tookSeconds, p99Ms: percentile(latenciesMs, 99) };
}

/** Path of the measured RPC on a Twirp server. */
export const TWIRP_PATH = `/twirp/${METHOD.service}/${METHOD.name}`;
