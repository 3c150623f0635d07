import { expect, test } from "bun:test";
import { viewerName } from "./viewer-name.ts";

const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

test.each([
  ["", chrome, "Chrome on Linux"],
  ["", `${chrome} Edg/141.0.0.0`, "Edge on Linux"],
  [
    "",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
    "Safari on iOS",
  ],
  ["", "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"],
  ["", "something else", "A browser"],
  [" Ada ", chrome, "Ada (Chrome on Linux)"],
  ["x".repeat(300), chrome, `${"x".repeat(82)} (Chrome on Linux)`],
])("%p in %p is %p", (name, userAgent, shown) => expect(viewerName(name, userAgent)).toBe(shown));
