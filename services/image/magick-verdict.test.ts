import { describe, expect, it } from "vitest";
import { magickVerdict } from "./magick-verdict";
import type { MagickExit } from "./run-magick";

function verdict(exit: Partial<MagickExit>) {
  return magickVerdict({ exitCode: 0, signal: null, stderr: "", timedOut: false, usage: undefined, ...exit });
}

describe("magickVerdict", () => {
  it("accepts exit code 0 without a word", () => {
    expect(verdict({})).toBeUndefined();
    expect(verdict({ stderr: "\n" })).toBeUndefined();
  });

  it.each([
    "magick: iCCP: known incorrect sRGB profile `-' @ warning/png.c/MagickPNGWarningHandler/1526.",
    "magick: iCCP: profile 'ICC Profile': 'RGB ': RGB color space not permitted on grayscale PNG `-' @ warning/png.c/MagickPNGWarningHandler/1526.",
    "magick: Invalid SOS parameters for sequential JPEG `-' @ warning/jpeg.c/JPEGWarningHandler/411.",
    "magick: Corrupt JPEG data: 12 extraneous bytes before marker 0xd9 `-' @ warning/jpeg.c/JPEGWarningHandler/411.",
  ])("accepts %s", (stderr) => {
    expect(verdict({ stderr: `${stderr}\n` })).toBeUndefined();
  });

  it.each([
    "magick: Premature end of JPEG file `/tmp/x' @ warning/jpeg.c/JPEGWarningHandler/411.",
    "magick: Corrupt JPEG data: 12 extraneous bytes before marker 0xd0 `-' @ warning/jpeg.c/JPEGWarningHandler/411.",
    "magick: zTXt: truncated `/tmp/x' @ warning/png.c/MagickPNGWarningHandler/1527.",
    "magick: iCCP: CRC error `/tmp/x' @ warning/png.c/MagickPNGWarningHandler/1527.",
    "something that nobody foresaw",
  ])("takes %s for a failure at exit code 0", (stderr) => {
    expect(verdict({ stderr })).toMatchObject({
      code: "invalid_argument",
      meta: { argument: "source_url", cause: "magick_unreadable" },
    });
  });

  it("tells magick's reason without the names of its files", () => {
    const stderr = "magick: Premature end of JPEG file `/tmp/secret' @ warning/jpeg.c/JPEGWarningHandler/411.\n";
    expect(verdict({ stderr })?.msg).toBe(
      "source_url must be an image that can be read completely: Premature end of JPEG file",
    );
  });

  it("counts a harmless warning not, beside one that is none", () => {
    const harmless = "magick: iCCP: known incorrect sRGB profile `-' @ warning/png.c/MagickPNGWarningHandler/1526.";
    const stderr = `${harmless}\nmagick: Read Exception \`-' @ error/png.c/MagickPNGErrorHandler/1493.\n`;
    expect(verdict({ exitCode: 1, stderr })?.msg).toMatch(/Read Exception$/);
  });

  it.each([
    ["width or height exceeds limit `-' @ error/cache.c/OpenPixelCache/3909", "width_px"],
    ["cache resources exhausted `-' @ error/cache.c/OpenPixelCache/4095", "memory"],
    ["memory allocation failed `-' @ error/png.c/ReadPNGImage/4092", "memory"],
  ])("names the limit behind %s, for good", (message, limit) => {
    expect(verdict({ exitCode: 1, stderr: `magick: ${message}.` })).toMatchObject({
      code: "resource_exhausted",
      meta: { limit, permanent: "true", cause: "magick_limit" },
    });
  });

  it("takes time that is over for deadline_exceeded, which a retry may cure", () => {
    expect(verdict({ exitCode: null, signal: "SIGKILL", timedOut: true })).toMatchObject({ code: "deadline_exceeded" });
    expect(verdict({ exitCode: null, signal: "SIGXCPU" })).toMatchObject({ meta: { cause: "magick_timeout" } });
    expect(verdict({ exitCode: 1, stderr: "magick: time limit exceeded `-' @ fatal/cache.c/x/1." })).toMatchObject({
      code: "deadline_exceeded",
    });
  });

  it("takes a PDF beyond the limit for files for one that is too large", () => {
    expect(verdict({ exitCode: null, signal: "SIGXFSZ" })).toMatchObject({
      code: "resource_exhausted",
      meta: { limit: "output_bytes", cause: "magick_limit" },
    });
  });

  it.each([
    { exitCode: null, signal: "SIGSEGV" },
    { exitCode: 127, stderr: "sh: 1: exec: magick: not found" },
    { exitCode: 1, stderr: "magick: attempt to perform an operation not allowed by the security policy `PDF'" },
  ] as const)("keeps what is no fault of the image to the log: %o", (exit) => {
    expect(verdict(exit)).toMatchObject({
      code: "internal",
      msg: "magick did not end as it should",
      meta: { cause: "magick_crashed" },
    });
  });

  it("takes a full disk for a lack of room, which a retry may cure, and tells no path", () => {
    const stderr = "magick: unable to write blob '/tmp/secret/magick-x': No space left on device @ error/blob.c/x/1.\n";
    expect(verdict({ exitCode: 1, stderr })).toMatchObject({ code: "unavailable" });
    expect(verdict({ exitCode: 1, stderr })?.msg).not.toContain("/tmp/secret");
  });

  it("shortens what magick says, and takes control characters out", () => {
    const message = verdict({ exitCode: 1, stderr: `magick: \u001b[31m${"a".repeat(1000)}` })?.msg ?? "";
    expect(message.length).toBeLessThan(300);
    expect(message).not.toContain("\u001b");
  });
});
