/** Which addresses are public: one of each kind, and every spelling that a parser somewhere takes for a private one. */
import { describe, expect, test } from "bun:test";
import { isPublicAddress } from "./addresses.ts";
import { OutgoingError } from "./errors.ts";
import { Outgoing } from "./outgoing.ts";

const open = ["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
  "128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
  "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001:82f::200e",
  "2001:4860:4860::8888", "2620:fe::fe"]; // prettier-ignore

const closed = ["0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
  "127.255.255.254", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1",
  "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
  "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
  "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
  "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1",
  "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:0808:0808::1", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1",
  "fe80::1%eth0", "fec0::1", "ff02::1", "5f00::1", "4000::1",
  "", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "8.8.8.8.8", "1.1.1.1 ", "[2606:4700::1]"]; // prettier-ignore

test.each(open)("%s is public", (address) => expect(isPublicAddress(address)).toBe(true));
test.each(closed)("%p is not", (address) => expect(isPublicAddress(address)).toBe(false));

describe("URLs that are refused without asking anybody", () => {
  const outgoing = new Outgoing({
    allowPrivate: false,
    resolve: () => Promise.reject(new Error("nobody was to be asked")),
  });
  const kindOf = (url: string): string => {
    try {
      outgoing.check(url);
      return "fine";
    } catch (error) {
      return error instanceof OutgoingError ? error.kind : "thrown";
    }
  };

  test.each(["http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/",
    "http://0177.0.0.1/", "http://017700000001/", "http://0/", "http://127.0.0.1./", "http://①②⑦.0.0.1/",
    "http://127。0。0。1/", "http://%31%32%37.0.0.1/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:ffff:a00:1]/", "http://[64:ff9b::10.0.0.1]/", "http://[fe80::1]/",
    "http://[fd00::1]/", "http://localhost/", "http://LOCALHOST:8080/", "http://localhost./", "http://a.localhost/",
    "https://169.254.169.254/latest/meta-data", "http://0251.0376.0251.0376/", "http://10.0.0.1:22/",
    "http://\\127.0.0.1/", "http:127.0.0.1/", "http://127.0.0.1#@example.com/", "http://127.0.0.1\t/"])("%s", (url) => {
    expect(kindOf(url)).toBe("refused");
  }); // prettier-ignore

  test.each(["", "example.com", "/path", "ftp://example.com/", "file:///etc/passwd", "data:text/plain,x", "gopher://x/",
    "http://user:secret@example.com/", "http://user@127.0.0.1/", "http://127.0.0.1%00/", "http://256.1.1.1/",
    "http://[fe80::1%25eth0]/", `http://example.com/${"x".repeat(9000)}`])("%#: no URL to ask", (url) => {
    expect(kindOf(url)).toBe("invalid");
  }); // prettier-ignore

  test.each(["http://example.com/", "https://8.8.8.8/x", "https://[2606:4700::1111]/", "http://xn--bcher-kva.example/"])(
    "%s may be asked", (url) => expect(kindOf(url)).toBe("fine"),
  ); // prettier-ignore
});
