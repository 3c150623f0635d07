/** The demo model in a process of its own, for all rows alike; it keeps when each marked prompt came in. */
import { type DemoRequest, startDemoModel } from "@lodge/server/demo";
import { serveParent } from "./child.ts";
import { now } from "./clock.ts";

const seen: { at: number; messages: DemoRequest["messages"] }[] = [];
// Only noted here: what is told to nobody until it is asked for delays no answer.
const model = await startDemoModel({ onRequest: ({ messages }) => seen.push({ at: now(), messages }) });

serveParent(
  { url: model.url, apiKey: model.apiKey },
  {
    /** Mark to time of arrival, of all requests since the last question. */
    arrivals: () => {
      const arrivals: Record<string, number> = {};
      for (const { at, messages } of seen.splice(0)) {
        const said = messages.filter(({ role }) => role === "user").map((message) => JSON.stringify(message));
        const mark = said
          .join("\n")
          .match(/mark-\d+/g)
          ?.at(-1);
        if (mark !== undefined) arrivals[mark] ??= at;
      }
      return arrivals;
    },
  },
  () => model.stop(),
);
