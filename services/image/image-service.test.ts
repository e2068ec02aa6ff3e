import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isRunning } from "../../deploy/local/processes/is-running";
import {
  startTestImageService,
  type TestImageService,
  type TestImageServiceOptions,
} from "../../tests/support/image-service";
import { quartersPng } from "../../tests/support/images/make-image";
import { temporaryDirectory } from "../../tests/support/temporary-directory";

/** Larger than a part of a multipart upload, so that some of it is in the store before the end is known. */
const LARGE_BYTES = 12 * 1024 * 1024;
const PNG = quartersPng(16, 8);

/** The end of a PDF, for scripts: a cross-reference table, so many bytes after its begin. */
function endAfter(bytes: number): string {
  return `printf 'xref\\nstartxref\\n${bytes}\\n%%%%EOF\\n'`;
}

/** The service with a shell script in place of magick. */
async function start(script: string, options: Partial<TestImageServiceOptions> = {}): Promise<TestImageService> {
  const magick = path.join(temporaryDirectory(), "magick");
  await writeFile(magick, `#!/bin/sh\n${script}\n`);
  await chmod(magick, 0o755);
  const service = await startTestImageService({ magick, isWebAssembly: false, ...options });
  onTestFinished(() => service.close());
  return service;
}

/** A script that leaves its pid behind, takes the image, and waits. */
function waiting(file: string): string {
  return `echo $$ > ${file}.new; mv ${file}.new ${file}; cat > temporary; exec sleep 60`;
}

async function pidIn(file: string): Promise<string> {
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 10_000 });
  return (await readFile(file, "utf8")).trim();
}

describe("ImageService", () => {
  it("stores nothing of a PDF whose making failed after much of it was sent", async () => {
    const jobId = randomUUID();
    const service = await start(`cat > input; head -c ${LARGE_BYTES} /dev/zero; echo 'magick: broken' >&2; exit 1`);

    const call = service.convertUrl(await service.upload(PNG), {}, { jobId });

    await expect(call).rejects.toMatchObject({ code: "invalid_argument" });
    expect(await service.leftovers(jobId)).toEqual([]);
  });

  it("stores nothing of a PDF that was made with a warning", async () => {
    const jobId = randomUUID();
    const service = await start("cat > input; echo pdf; echo 'magick: Premature end of JPEG file' >&2; exit 0");

    const call = service.convertUrl(await service.upload(PNG), {}, { jobId });

    await expect(call).rejects.toMatchObject({ code: "invalid_argument" });
    expect(await service.leftovers(jobId)).toEqual([]);
  });

  it("stores a large PDF in parts, whole", async () => {
    const service = await start(`cat > input; head -c ${LARGE_BYTES} /dev/zero; ${endAfter(LARGE_BYTES)}`);

    const { pdf, bytes } = await service.convert(PNG);

    expect(pdf.outputBytes).toBe(BigInt(bytes.length));
    expect(bytes.indexOf("xref")).toBe(LARGE_BYTES);
  });

  it("stores nothing of a PDF without its end, which magick hands out when its disk is full", async () => {
    const jobId = randomUUID();
    const service = await start(`cat > input; head -c ${LARGE_BYTES} /dev/zero`);

    const call = service.convertUrl(await service.upload(PNG), {}, { jobId });

    await expect(call).rejects.toMatchObject({ code: "unavailable" });
    expect(await service.leftovers(jobId)).toEqual([]);
  });

  it("stops a PDF that grows beyond the limit", async () => {
    const jobId = randomUUID();
    const service = await start("cat > input; exec cat /dev/zero", { maxOutputBytes: LARGE_BYTES });

    const call = service.convertUrl(await service.upload(PNG), {}, { jobId });

    await expect(call).rejects.toMatchObject({
      code: "resource_exhausted",
      meta: { limit: "output_bytes", permanent: "true" },
    });
    expect(await service.leftovers(jobId)).toEqual([]);
  });

  it("writes the same job to the same key, whatever the case of its id", async () => {
    const jobId = randomUUID();
    const service = await start(`cat > input; ${endAfter(0)}`);
    const url = await service.upload(PNG);

    const first = await service.convertUrl(url, {}, { jobId });
    const second = await service.convertUrl(url, {}, { jobId: jobId.toUpperCase() });

    expect(first.objectKey).toBe(`pdf/${jobId}.pdf`);
    expect(second.objectKey).toBe(first.objectKey);
    expect(await service.store.head(first.objectKey)).toEqual({ bytes: 23, contentType: "application/pdf" });
  });

  it("tells at once that all slots are taken, and converts again when one is free", async () => {
    const gate = path.join(temporaryDirectory(), "gate");
    const service = await start(`cat > input; while [ ! -e ${gate} ]; do sleep 0.05; done; ${endAfter(0)}`, {
      concurrency: 1,
    });
    const url = await service.upload(PNG);
    const running = service.convertUrl(url);
    const jobs = () => readdir(service.temporaryDirectory, { recursive: true });
    await vi.waitFor(async () => expect((await jobs()).some((name) => name.endsWith("input"))).toBe(true));

    const refused = service.convertUrl(url);

    await expect(refused).rejects.toMatchObject({ code: "resource_exhausted", meta: { limit: "concurrency" } });
    await expect(refused).rejects.not.toHaveProperty("meta.permanent");
    await writeFile(gate, "");
    await running;
    expect(await service.convertUrl(url)).toMatchObject({ outputBytes: 23n });
  });

  it("kills magick when its time is over, and leaves nothing", async () => {
    const jobId = randomUUID();
    const pidFile = path.join(temporaryDirectory(), "pid");
    const service = await start(waiting(pidFile), { timeoutMs: 500 });

    const call = service.convertUrl(await service.upload(PNG), {}, { jobId });

    await expect(call).rejects.toMatchObject({ code: "deadline_exceeded" });
    const pid = await pidIn(pidFile);
    expect(isRunning(Number(pid))).toBe(false);
    expect(await service.leftovers(jobId)).toEqual([]);
  });

  it("kills magick at once when the caller goes away", async () => {
    const jobId = randomUUID();
    const pidFile = path.join(temporaryDirectory(), "pid");
    const service = await start(waiting(pidFile));
    const caller = new AbortController();
    const call = service.convertUrl(await service.upload(PNG), {}, { jobId, signal: caller.signal });
    const pid = await pidIn(pidFile);

    caller.abort();

    await expect(call).rejects.toMatchObject({ code: "canceled" });
    await vi.waitFor(() => expect(isRunning(Number(pid))).toBe(false));
    await vi.waitFor(async () => expect(await service.leftovers(jobId)).toEqual([]));
  });

  it("kills magick at the caller's deadline", async () => {
    const jobId = randomUUID();
    const pidFile = path.join(temporaryDirectory(), "pid");
    const service = await start(waiting(pidFile));
    const call = service.convertUrl(await service.upload(PNG), {}, { jobId, timeoutMs: 1500 });

    await expect(call).rejects.toMatchObject({ code: "deadline_exceeded" });
    const pid = await pidIn(pidFile);
    await vi.waitFor(() => expect(isRunning(Number(pid))).toBe(false));
    await vi.waitFor(async () => expect(await service.leftovers(jobId)).toEqual([]));
  });

  it("reads the image to its end when magick is done before", async () => {
    const service = await start(`head -c 100 > input; exec 0<&-; ${endAfter(0)}`);
    const source = Buffer.concat([PNG, Buffer.alloc(5_000_000)]);

    const { pdf } = await service.convert(source);

    expect(pdf.inputBytes).toBe(BigInt(source.length));
  });

  it("refuses an image of more bytes than are admitted", async () => {
    const service = await start("cat", { maxSourceBytes: 100 });

    await expect(service.convert(Buffer.concat([PNG, Buffer.alloc(100)]))).rejects.toMatchObject({
      code: "resource_exhausted",
      meta: { limit: "input_bytes", permanent: "true" },
    });
  });

  it("does not reach beyond its bucket", async () => {
    const service = await start("cat");
    const call = (url: string) => service.convertUrl(url);

    await expect(call(`${service.storeUrl}/other/a`)).rejects.toMatchObject({ code: "permission_denied" });
    await expect(call("http://169.254.169.254/latest/meta-data")).rejects.toMatchObject({ code: "permission_denied" });
    await expect(call("file:///etc/passwd")).rejects.toMatchObject({ code: "permission_denied" });
    await expect(call("")).rejects.toMatchObject({ code: "invalid_argument", meta: { argument: "source_url" } });
  });

  it("tells apart a URL that was tampered with, one whose time is over, and one with nothing behind it", async () => {
    const service = await start("cat");
    const url = await service.upload(PNG);
    const shortLived = await service.store.presignGet(new URL(url).pathname.replace("/mcsv/", ""), {
      expiresInSeconds: 1,
      audience: "internal",
    });
    const missing = await service.store.presignGet("uploads/none", { expiresInSeconds: 60, audience: "internal" });

    await expect(service.convertUrl(`${url}0`)).rejects.toMatchObject({ code: "permission_denied" });
    await vi.waitFor(
      () => expect(service.convertUrl(shortLived)).rejects.toMatchObject({ code: "permission_denied" }),
      { timeout: 10_000, interval: 250 },
    );
    await expect(service.convertUrl(url.split("?")[0] ?? "")).rejects.toMatchObject({ code: "permission_denied" });
    await expect(service.convertUrl(missing)).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuses ids that are none, and options out of range, before it fetches anything", async () => {
    const service = await start("cat");
    const url = await service.upload(PNG);

    await expect(service.convertUrl(url, {}, { jobId: "../../etc" })).rejects.toMatchObject({
      code: "invalid_argument",
      meta: { argument: "job_id" },
    });
    await expect(service.convertUrl(url, { densityDpi: 7 })).rejects.toMatchObject({
      code: "invalid_argument",
      meta: { argument: "options.density_dpi" },
    });
  });

  it("hides from the caller why magick cannot run", async () => {
    const service = await start("", { magick: "/nowhere/magick" });

    await expect(service.convert(PNG)).rejects.toMatchObject({
      code: "internal",
      message: expect.not.stringContaining("nowhere"),
      // Over the wire, for the job keeps it.
      meta: { cause: "magick_crashed" },
    });
  });
});
