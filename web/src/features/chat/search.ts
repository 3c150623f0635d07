/** What the page is set to, as it stands in the address: a link to it opens it in the same way. */
import { sessionMode, type SessionMode } from "@lodge/shared";
import { textParam } from "../../lib/text-filter.ts";
import { apis, type ApiName } from "./request.ts";

export interface ChatSearch {
  api?: Exclude<ApiName, "chat">;
  model?: string;
  mode?: SessionMode;
  workspace?: string;
  tools?: true;
  stream?: false;
}

/** The search parameters of `/try`; whatever else is in the address is dropped. */
export function chatSearch(given: Record<string, unknown>): ChatSearch {
  const api = (Object.keys(apis) as ApiName[]).find((name) => name === given["api"]);
  const model = textParam(given["model"]);
  const mode = sessionMode.options.find((name) => name === given["mode"]);
  const workspace = textParam(given["workspace"]);
  return {
    ...(api === undefined || api === "chat" ? {} : { api }),
    ...(model === undefined ? {} : { model }),
    ...(mode === undefined ? {} : { mode }),
    ...(workspace === undefined ? {} : { workspace }),
    ...(given["tools"] === true ? { tools: true } : {}),
    ...(given["stream"] === false ? { stream: false } : {}),
  };
}
