import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ImageService } from "../../../gen/twirp/mcsv/v1/image";
import { loadContract } from "../contract/load-contract";
import { startTestApp } from "./testing/start-test-app";

interface Spec {
  readonly info: { readonly title: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, unknown>>;
}

describe.each(["json", "yaml"])("/openapi.%s", (form) => {
  async function readSpec(url: string): Promise<Spec> {
    const answer = await fetch(`${url}/openapi.${form}`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, `application/${form}; charset=utf-8`]);
    return parse(await answer.text()) as Spec;
  }

  it("is the service's spec as it stands in openapi/, with references to nothing outside", async () => {
    const { url } = await startTestApp({ contract: loadContract(ImageService) });
    const spec = await readSpec(url);
    const source = parse(readFileSync(join(__dirname, "../../../openapi/image.yaml"), "utf8")) as Spec;
    expect(spec.info).toEqual(source.info);
    expect(Object.keys(spec.paths)).toEqual(Object.keys(source.paths));
    const references = [...JSON.stringify(spec).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference = ""]) => reference);
    expect(references.length).toBeGreaterThan(10);
    expect(references.filter((reference) => !reference.startsWith("#/"))).toEqual([]);
  });

  it("names the address that it was asked at as the one server", async () => {
    const { url, port } = await startTestApp();
    expect((await readSpec(url)).servers).toEqual([{ url, description: "Where this service runs" }]);
    const byName = await readSpec(`http://localhost:${port}`);
    expect(byName.servers).toEqual([{ url: `http://localhost:${port}`, description: "Where this service runs" }]);
  });

  it("names the public URL where there is one, whoever asks", async () => {
    const { url } = await startTestApp({ publicUrl: 'https://api.example/a"b' });
    expect((await readSpec(url)).servers.map((server) => server.url)).toEqual(['https://api.example/a"b']);
  });

  it.each(["a b", "[", "127.0.0.1/x", "127.0.0.1:99999"])("refuses the header host: %s", async (host) => {
    const { port } = await startTestApp();
    const answer = await askAs(host, port, `/openapi.${form}`);
    expect(answer).toEqual({ status: 400, body: { code: "bad_request", message: "the header host names no host" } });
  });
});

function askAs(host: string, port: number, path: string): Promise<{ status: number | undefined; body: unknown }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers: { host } }, (answer) => {
      json(answer).then((body) => resolve({ status: answer.statusCode, body }), reject);
    });
    asked.once("error", reject).end();
  });
}
