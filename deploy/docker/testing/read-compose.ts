import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const strings = z.array(z.string());

const serviceSchema = z.looseObject({
  image: z.string(),
  profiles: strings,
  user: z.string().optional(),
  restart: z.string(),
  init: z.boolean(),
  read_only: z.boolean(),
  cap_drop: strings,
  cap_add: strings.default([]),
  security_opt: strings,
  tmpfs: strings.default([]),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: strings.default([]),
  volumes: strings.default([]),
  ports: strings.default([]),
  networks: strings.default(["default"]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  healthcheck: z.looseObject({ test: strings, start_interval: z.string() }),
  deploy: z.object({
    resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string(), pids: z.number() }) }),
  }),
});

const composeSchema = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

/** A compose file with merge keys applied and variables filled in. */
export type ComposeFile = z.infer<typeof composeSchema>;

/** The variables that a file in deploy sets, such as `.env`. @param root the checkout. */
export function readVariablesFile(root: string, file: string): Readonly<Record<string, string>> {
  const text = readFileSync(join(root, "deploy", file), "utf8");
  return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

/**
 * Reads a compose file, its variables filled in as compose does: from these, else from the default after `:-`.
 *
 * @throws Error when a variable has neither, as compose would warn, or when a container lacks what each must have.
 */
export function readCompose(path: string, variables: Readonly<Record<string, string>>): ComposeFile {
  const fillIn = (text: string) =>
    text.replaceAll(/(?<!\$)\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, otherwise: string | undefined) => {
      const value = variables[name] ?? otherwise;
      if (value === undefined) throw new Error(`${path} uses ${name}, which deploy/.env does not set`);
      return value;
    });
  const reviver = (_: unknown, value: unknown) => (typeof value === "string" ? fillIn(value) : value);
  // Compose has no limit to what is named by aliases, either.
  return composeSchema.parse(parse(readFileSync(path, "utf8"), reviver, { merge: true, maxAliasCount: -1 }));
}
