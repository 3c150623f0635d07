/**
 * Which addresses the server may speak to on somebody else's word: those of the public internet. What is not known to
 * be public is refused, so that a range which is handed out tomorrow is closed until somebody looks at it.
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";

/** https://www.iana.org/assignments/iana-ipv4-special-registry */
const special4: [string, number][] = [
  ["0.0.0.0", 8], // this network, and the unspecified address
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // shared by carriers for their NAT
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local, and the metadata services of clouds
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.31.196.0", 24], // AS112
  ["192.52.193.0", 24], // AMT
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["192.175.48.0", 24], // AS112
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, and broadcast
];

/**
 * https://www.iana.org/assignments/iana-ipv6-special-registry: within the one range that is handed out to the public.
 * All others are outside it: loopback, link-local, private, multicast, IPv4 in any of its wrappings, NAT64.
 */
const special6: [string, number][] = [
  ["2001::", 23], // protocol assignments, Teredo among them
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4, which wraps an IPv4 address
  ["2620:4f:8000::", 48], // AS112
  ["3fff::", 20], // documentation
];
const public6: [string, number] = ["2000::", 3];

const closed4 = listOf(special4, "ipv4");
const closed6 = listOf(special6, "ipv6");
const open6 = listOf([public6], "ipv6");

/** @param address an IP address as the system spells it; anything else is not public */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !closed4.check(address, "ipv4");
  // With a zone it belongs to one link of this machine.
  if (isIPv6(address) && !address.includes("%")) return open6.check(address, "ipv6") && !closed6.check(address, "ipv6");
  return false;
}

function listOf(ranges: readonly [string, number][], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}
