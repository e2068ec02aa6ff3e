import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import type { Endpoints } from "../../../services/client/cli/endpoints";

const run = promisify(execFile);

/** The stack under test. */
export interface ComposeStack {
  readonly endpoints: Endpoints;
  readonly apiKey: string;
  /** Base URL of a published port, by its variable in deploy/.env without `_PORT`. */
  url(name: string): string;
  /** A secret file. */
  secret(name: string): string;
  /** Runs a command of docker compose; its standard output. */
  compose(...args: string[]): Promise<string>;
  /** Runs a command of docker; its standard output. */
  docker(...args: string[]): Promise<string>;
}

/** The stack that the global set-up has brought up. Only callable in tests. */
export function composeStack(): ComposeStack {
  const [directory, ports, prefix] = [inject("directory"), inject("ports"), inject("compose")];
  const url = (name: string) => `http://127.0.0.1:${ports[`${name}_PORT`]}`;
  const docker = async (...args: string[]) => (await run("docker", args, { maxBuffer: 2 ** 26 })).stdout;
  return {
    endpoints: {
      user: url("USER"),
      job: url("JOB"),
      email: url("EMAIL"),
      image: url("IMAGE"),
      client: url("CLIENT"),
      inbox: url("INBOX"),
      docs: url("DOCS"),
      redoc: url("REDOC"),
      jaeger: url("JAEGER"),
    },
    apiKey: readFileSync(join(directory, "auth", "api-key"), "utf8").trim(),
    url,
    secret: (name) => readFileSync(join(directory, "docker", "secrets", name), "utf8"),
    compose: (...args) => docker(...prefix, ...args),
    docker,
  };
}

/** Gets JSON. @throws Error with the answer's text when the status is not 200. */
export async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${body.slice(0, 300)}`);
  return JSON.parse(body);
}
