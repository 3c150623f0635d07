/** Try it: a chat over Lodge's own public API, with the code that does the same. */
import { Button } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Page } from "../../lib/page.tsx";
import { CodePanel } from "./code-panel.tsx";
import { Composer } from "./composer.tsx";
import { AskedEntry, ReplyEntry } from "./entry.tsx";
import { type ChatSettings, requestOf } from "./request.ts";
import { chatSearch } from "./search.ts";
import { SettingsPanel } from "./settings-panel.tsx";
import { useChat } from "./use-chat.ts";
import { useFollowedEnd } from "./use-followed-end.ts";
import classes from "./page.module.css";

const route = getRouteApi("/try");

export function TryPage() {
  const { api = "chat", model = "sonnet", mode, workspace = "", tools = false, stream = true } = route.useSearch();
  const navigate = route.useNavigate();
  const [system, setSystem] = useState("");
  const settings = useMemo(
    (): ChatSettings => ({ api, model, mode, workspace, system, stream, tools }),
    [api, model, mode, workspace, system, stream, tools],
  );
  const chat = useChat(settings);
  const { entries } = chat;
  const [list, followEnd] = useFollowedEnd(entries.length);

  const change = ({ system: newSystem, ...rest }: Partial<ChatSettings>) => {
    if (newSystem !== undefined) setSystem(newSystem);
    if (Object.keys(rest).length > 0) {
      void navigate({ search: (search) => chatSearch({ ...search, ...rest }), replace: true });
    }
  };
  const sent = entries.at(-1)?.role === "assistant" ? entries.slice(0, -1) : entries;

  return (
    <Page title="Try it" summary="Every reply comes by the public API, as any client's would.">
      <div className={classes["layout"]}>
        <div className={classes["chat"]}>
          <div
            className={classes["entries"]}
            ref={list}
            onScroll={followEnd}
            role="log"
            aria-label="Conversation"
            tabIndex={0}
          >
            {entries.length === 0 ? (
              <p className={classes["empty"]}>
                Nothing said yet. With the demo model, <code>slow: 20</code>, <code>think: why</code>,{" "}
                <code>recall</code> and, with tools, <code>{`tool: roll_dice {"count": 2}`}</code> show what a reply can
                look like.
              </p>
            ) : null}
            {entries.map((entry, index) =>
              entry.role === "user" ? (
                <AskedEntry
                  // oxlint-disable-next-line react/no-array-index-key -- a message is what stands at its place
                  key={index}
                  entry={entry}
                  onEdit={(text) => chat.ask({ text, pictures: entry.pictures }, index)}
                />
              ) : (
                <ReplyEntry
                  // oxlint-disable-next-line react/no-array-index-key -- a message is what stands at its place
                  key={index}
                  entry={entry}
                  onAgain={index === entries.length - 1 ? chat.again : undefined}
                />
              ),
            )}
          </div>
          <Composer answering={chat.answering} onSend={chat.ask} onStop={chat.stop} />
        </div>
        <aside className={classes["side"]}>
          <SettingsPanel settings={settings} onChange={change} />
          <Button size="xs" variant="default" disabled={entries.length === 0} onClick={chat.clear}>
            New conversation
          </Button>
        </aside>
      </div>
      {sent.length === 0 ? null : <CodePanel api={api} request={requestOf(settings, sent)} />}
    </Page>
  );
}
