// Makes a zip in the browser of the files of a folder, so that a folder goes the same way as a zip. Nothing is
// compressed: how a zip is built is in https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.
const makeZip = (() => {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xEDB88320 ^ (value >>> 1) : value >>> 1;
    return value;
  });
  const crc32 = (bytes) => {
    let value = 0xFFFFFFFF;
    for (const byte of bytes) value = table[(value ^ byte) & 0xFF] ^ (value >>> 8);
    return ~value >>> 0;
  };
  const numbers = (...pairs) => {
    const bytes = new DataView(new ArrayBuffer(pairs.reduce((sum, [size]) => sum + size, 0)));
    let at = 0;
    for (const [size, value] of pairs) {
      if (size === 2) bytes.setUint16(at, value, true); else bytes.setUint32(at, value, true);
      at += size;
    }
    return new Uint8Array(bytes.buffer);
  };
  // Version 2.0, names in UTF-8, stored, no date.
  const common = (crc, size, name) => [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, 0x21], [4, crc], [4, size], [4, size], [2, name.length], [2, 0]];
  /** The zip of ``[path, bytes]``; a path that ends with a slash is a folder. */
  return (entries) => {
    const files = [];
    const directory = [];
    let at = 0;
    let directorySize = 0;
    for (const [path, bytes] of entries) {
      const name = new TextEncoder().encode(path);
      const fields = common(crc32(bytes), bytes.length, name);
      const header = numbers([4, 0x04034B50], ...fields);
      const entry = numbers([4, 0x02014B50], [2, 20], ...fields, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]);
      files.push(header, name, bytes);
      directory.push(entry, name);
      at += header.length + name.length + bytes.length;
      directorySize += entry.length + name.length;
    }
    const count = Math.min(entries.length, 0xFFFF);
    const end = numbers([4, 0x06054B50], [2, 0], [2, 0], [2, count], [2, count], [4, directorySize], [4, at], [2, 0]);
    return new Blob([...files, ...directory, end], { type: "application/zip" });
  };
})();
