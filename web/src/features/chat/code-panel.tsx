/** What was just sent, as code for elsewhere. */
import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { Command } from "../../lib/command.tsx";
import type { ApiName, ChatRequest } from "./request.ts";
import { type Language, languages, snippet } from "./snippets.ts";
import classes from "./page.module.css";

export function CodePanel({ api, request }: { api: ApiName; request: ChatRequest }) {
  const [language, setLanguage] = useState<Language>("curl");
  return (
    <section className={classes["code"]} aria-labelledby="same-request">
      <header>
        <h2 id="same-request">The same request</h2>
        <SegmentedControl
          size="xs"
          aria-label="Language"
          value={language}
          onChange={(value) => setLanguage(value as Language)}
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        />
      </header>
      <Command label="The same request as code" text={snippet(language, api, window.location.origin, request)} />
    </section>
  );
}
