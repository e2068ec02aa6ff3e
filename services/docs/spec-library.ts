import { readSpec, type ServiceName } from "../platform/contract/read-spec";
import { child, isNode, type SpecNode } from "../platform/contract/spec-node";
import type { Logger } from "../platform/logging/create-logger";
import { errorMessage } from "../platform/logging/describe-error";

/** The services that have a spec, in the order in which a reader meets them. */
export const DOCUMENTED_SERVICES = [
  "user",
  "job",
  "email",
  "image",
  "client",
] as const satisfies readonly ServiceName[];

/** Where the specs come from. */
export interface SpecLibraryOptions {
  /** Base URL of each service. */
  readonly serviceUrls: Readonly<Record<ServiceName, string>>;
  /** How long a service may take to give its spec, in milliseconds. Default 2000. */
  readonly timeoutMs?: number;
  /** Gives up what is being fetched. */
  readonly stopping: AbortSignal;
  readonly logger: Logger;
}

/** What the page of contents tells of a service. */
export interface SpecTitle {
  readonly service: ServiceName;
  readonly title: string;
  readonly summary: string;
}

/**
 * The specs of the five services. A service that runs is asked for its own, which says where it really is; for one that does not
 * answer there is the spec that this release was built with, marked as such.
 */
export class SpecLibrary {
  readonly #options: SpecLibraryOptions;
  readonly #built: ReadonlyMap<ServiceName, SpecNode>;

  /** @throws Error when openapi/ cannot be read */
  constructor(options: SpecLibraryOptions) {
    this.#options = options;
    this.#built = new Map(DOCUMENTED_SERVICES.map((service) => [service, readSpec(service)]));
  }

  /** Titles of all specs. */
  titles(): readonly SpecTitle[] {
    return [...this.#built].map(([service, document]) => {
      const { title, summary } = child(document, "info");
      return { service, title: String(title), summary: String(summary) };
    });
  }

  /** The spec of a service. */
  async read(service: ServiceName): Promise<SpecNode> {
    const { serviceUrls, logger } = this.#options;
    const url = serviceUrls[service];
    try {
      return await this.#fetch(`${url}/openapi.json`);
    } catch (error) {
      const reason = reasonOf(error);
      logger.warn("a service did not give its spec: the built-in one is shown", { of: service, url, reason });
      return markAsBuiltIn(
        this.#built.get(service) ?? {},
        `The ${service} service does not answer at ${url} (${reason})`,
        url,
      );
    }
  }

  /** Origins of all servers that the specs name now: where "Try it out" sends calls. */
  async serverOrigins(): Promise<readonly string[]> {
    const documents = await Promise.all(DOCUMENTED_SERVICES.map((service) => this.read(service)));
    const urls = documents.flatMap(({ servers }) => (Array.isArray(servers) ? servers : [])).map(serverUrl);
    return [...new Set(urls.flatMap((url) => (url === null || url.origin === "null" ? [] : [url.origin])))];
  }

  async #fetch(url: string): Promise<SpecNode> {
    const { timeoutMs = 2_000, stopping } = this.#options;
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]);
    const answer = await fetch(url, { signal, redirect: "error" });
    if (!answer.ok) {
      // The body is of no use, and would keep the connection.
      await answer.body?.cancel();
      throw new Error(`HTTP ${answer.status}`);
    }
    const document: unknown = await answer.json();
    if (!isNode(document) || !isNode(document["paths"])) {
      throw new Error("its answer is no OpenAPI document");
    }
    return document;
  }
}

function markAsBuiltIn(document: SpecNode, problem: string, url: string): SpecNode {
  const info = child(document, "info");
  const note = `> **${problem}.** This is the contract of the docs service's own release; calls will fail until the service is up.`;
  return {
    ...document,
    info: { ...info, description: `${note}\n\n${String(info["description"] ?? "")}` },
    servers: [{ url, description: "Does not answer" }],
  };
}

function serverUrl(server: unknown): URL | null {
  return isNode(server) && typeof server["url"] === "string" ? URL.parse(server["url"]) : null;
}

/** fetch() says only "fetch failed", and why in the cause. */
function reasonOf(error: unknown): string {
  return errorMessage(error instanceof Error && error.cause instanceof Error ? error.cause : error);
}
