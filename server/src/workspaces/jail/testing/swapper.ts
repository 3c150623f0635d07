/**
 * A process that swaps, as fast as it can, a folder and a file below a root for links that lead outside and back. The end
 * of its input ends it; it then says how often it swapped.
 */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [root = "", outside = ""] = process.argv.slice(2);
const folder = join(root, "folder");
const file = join(root, "file");
const steps = [
  () => symlinkSync(outside, folder),
  () => symlinkSync(join(outside, "secret"), file),
  () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "secret"), "inside");
  },
  () => writeFileSync(file, "inside"),
];

const input = { ended: false };
let swaps = 0;
void Bun.stdin.text().then(() => (input.ended = true));
while (!input.ended) {
  for (const step of steps) {
    try {
      rmSync(step === steps[0] || step === steps[2] ? folder : file, { recursive: true, force: true });
      step();
      swaps++;
    } catch {
      // Somebody wrote there in between: that is what this is for.
    }
  }
  await Bun.sleep(0);
}
process.stdout.write(`${swaps}\n`);
