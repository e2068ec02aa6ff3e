import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CommandError } from "./errors";
import { reasonOf } from "./fetch-json";

/** How long a download may take, in milliseconds. */
const DOWNLOAD_TIMEOUT_MS = 300_000;

/** Where the PDFs of some images go. */
export interface PdfDirectory {
  /** Downloads the PDF of the image at this index; a file appears only when it is whole. Returns its path. */
  download(index: number, url: string): Promise<string>;
}

/**
 * Makes the directory and gives every image a name in it: `photo.png` becomes `photo.pdf`, and a second `photo.jpg`
 * becomes `photo-2.pdf`.
 */
export async function createPdfDirectory(directory: string, files: readonly string[]): Promise<PdfDirectory> {
  await mkdir(directory, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`cannot write to ${directory}: ${error.message}`);
  });
  const names = pdfNames(files);
  return {
    async download(index, url) {
      const path = join(directory, names[index] ?? `${index}.pdf`);
      const partial = `${path}.part`;
      try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
        if (!answer.ok || answer.body === null) throw new CommandError(`HTTP ${answer.status}`);
        await pipeline(Readable.fromWeb(answer.body), createWriteStream(partial));
        await rename(partial, path);
        return path;
      } catch (error) {
        await rm(partial, { force: true });
        throw new CommandError(`the PDF is stored, but its download failed (${reasonOf(error)})`);
      }
    },
  };
}

/** File names for the PDFs of these images, each only once. */
export function pdfNames(files: readonly string[]): string[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const stem = basename(file, extname(file));
    let name = `${stem}.pdf`;
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${stem}-${number}.pdf`;
    taken.add(name.toLowerCase());
    return name;
  });
}
