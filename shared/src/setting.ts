/** The server's settings as they are, and where each comes from: `GET /api/settings`. */
import { z } from "zod";

export const settingSource = z.discriminatedUnion("type", [
  z.object({ type: z.literal("default") }),
  /** Under its own name. */
  z.object({ type: z.literal("variable"), name: z.string() }),
  /** Under a name that an earlier system used for it. */
  z.object({ type: z.literal("alias"), name: z.string() }),
]);
export type SettingSource = z.infer<typeof settingSource>;

export const settingSummary = z.object({
  /** Its environment variable. */
  name: z.string(),
  /** Other names that it is read from. */
  aliases: z.array(z.string()),
  help: z.string(),
  /** As it would be written in the environment, or a few words where it was never said; null for a secret, which is not shown. */
  value: z.string().nullable(),
  source: settingSource,
});
export type SettingSummary = z.infer<typeof settingSummary>;
