/** What an API key looks like, and what is kept to know it again. */
import { createHash, randomBytes } from "node:crypto";

/** Unlike the server's own token, which begins with `lodge-`. */
const mark = "lodge_";
/** 192 bits: nobody guesses one, however many there are. */
const randomLength = 24;
/** Characters of the random part that are shown in listings. */
const shownLength = 6;

/** Hexadecimal, so that a double click takes all of it. */
export const makeKey = (): string => mark + randomBytes(randomLength).toString("hex");

export const prefixOf = (key: string): string => key.slice(0, mark.length + shownLength);

/**
 * One round of SHA-256 without salt. Slow hashes and salts protect what people choose, which can be guessed and which two
 * may share; of 192 random bits there is no list to try, and this one is computed for every request.
 */
export const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");
