const MAKE = "mcsv\0";

/** An EXIF block, from its TIFF header on, that names a camera and an orientation (1 to 8). */
export function exifBlock(orientation: number): Buffer {
  const entries = 2;
  const end = 8 + 2 + entries * 12 + 4;
  const block = Buffer.alloc(end + MAKE.length + 1);
  block.write("MM", 0, "latin1");
  block.writeUInt16BE(42, 2);
  block.writeUInt32BE(8, 4);
  block.writeUInt16BE(entries, 8);
  // Make: ASCII, by offset. Orientation: SHORT, in place.
  writeEntry(block, 10, { tag: 0x010f, type: 2, count: MAKE.length });
  block.writeUInt32BE(end, 18);
  writeEntry(block, 22, { tag: 0x0112, type: 3, count: 1 });
  block.writeUInt16BE(orientation, 30);
  block.write(MAKE, end, "latin1");
  return block;
}

/** Puts an EXIF block into a JPEG, right behind its first marker: EXIF 2.32, section 4.5.4. */
export function withExif(jpeg: Uint8Array, orientation: number): Buffer {
  const content = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), exifBlock(orientation)]);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(content.length + 2, 4);
  return Buffer.concat([head, content, jpeg.subarray(2)]);
}

function writeEntry(block: Buffer, at: number, entry: { tag: number; type: number; count: number }): void {
  block.writeUInt16BE(entry.tag, at);
  block.writeUInt16BE(entry.type, at + 2);
  block.writeUInt32BE(entry.count, at + 4);
}
