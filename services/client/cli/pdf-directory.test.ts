import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CommandError } from "./errors";
import { createPdfDirectory, pdfNames } from "./pdf-directory";

describe("pdfNames", () => {
  it("replaces the extension", () => {
    expect(pdfNames(["a/photo.png", "b.c.jpeg", "noextension"])).toEqual(["photo.pdf", "b.c.pdf", "noextension.pdf"]);
  });

  it("numbers names that would collide, also on file systems that ignore case", () => {
    expect(pdfNames(["a/x.png", "b/x.jpg", "X.png", "x-2.png"])).toEqual(["x.pdf", "x-2.pdf", "X-3.pdf", "x-2-2.pdf"]);
  });
});

describe("createPdfDirectory", () => {
  let directory: string;
  let server: Server;
  let origin: string;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "mcsv-pdf-"));
    server = createServer((request, response) => {
      if (request.url === "/whole") return response.end("%PDF-whole");
      if (request.url === "/cut") {
        response.writeHead(200, { "content-length": "1000" });
        return response.write("%PDF-", () => response.destroy());
      }
      return response.writeHead(403).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true });
  });

  it("makes the directory and writes the PDF below it", async () => {
    const pdfs = await createPdfDirectory(join(directory, "deep", "out"), ["x.png"]);
    const path = await pdfs.download(0, `${origin}/whole`);
    expect(path).toBe(join(directory, "deep", "out", "x.pdf"));
    expect(readFileSync(path, "utf8")).toBe("%PDF-whole");
  });

  it.each(["/cut", "/refused"])("leaves no file behind when the download of %s fails", async (path) => {
    const pdfs = await createPdfDirectory(directory, ["x.png"]);
    await expect(pdfs.download(0, `${origin}${path}`)).rejects.toThrow(CommandError);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("says why when the directory cannot be made", async () => {
    writeFileSync(join(directory, "file"), "");
    await expect(createPdfDirectory(join(directory, "file"), ["x.png"])).rejects.toThrow(/cannot write to .*file/);
  });
});
