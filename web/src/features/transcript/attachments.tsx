/** Images and documents that came with a message: what they are, not what they show. */
import type { TranscriptAttachment } from "@lodge/shared";
import { bytes } from "../../lib/bytes.ts";
import classes from "./rows.module.css";

export function Attachments({ attachments }: { attachments: readonly TranscriptAttachment[] }) {
  if (attachments.length === 0) return null;
  return (
    <ul className={classes["attachments"]} aria-label="Attachments">
      {attachments.map(({ mediaType, bytes: size }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- they never change
        <li key={index}>
          {mediaType} · {bytes(size)}
        </li>
      ))}
    </ul>
  );
}
