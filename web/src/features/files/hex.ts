/** Bytes as people look at them: 16 a line, in hexadecimal, and as letters where they are some. */

const perLine = 16;

export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length; from += perLine) {
    const part = [...bytes.subarray(from, from + perLine)];
    const numbers = part.map((byte) => byte.toString(16).padStart(2, "0"));
    const letters = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·"));
    lines.push(
      `${from.toString(16).padStart(8, "0")}  ${numbers.join(" ").padEnd(perLine * 3 - 1)}  ${letters.join("")}`,
    );
  }
  return lines.join("\n");
}
