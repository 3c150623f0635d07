/** What the server is set to, under `/api/settings`. Settings are environment variables: they are read at the start. */
import { type SettingSummary, settingSummary } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";

export const settingRoutes = (settings: () => SettingSummary[]) =>
  new Elysia({ name: "settings", detail: { tags: ["Dashboard"] } }).get(
    "/api/settings",
    () => ({ settings: settings() }),
    {
      response: z.object({ settings: z.array(settingSummary) }),
      detail: { summary: "The server's settings and where each comes from; secrets are not shown" },
    },
  );
