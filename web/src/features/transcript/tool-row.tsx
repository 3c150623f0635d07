/** A tool's call and what came of it: one line, and the rest below it when it is folded open. */
import { IconChevronRight } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { elapsed } from "../../lib/format.ts";
import { Attachments } from "./attachments.tsx";
import { DiffView } from "./diff-view.tsx";
import { diffOf } from "./diff.ts";
import { LongText } from "./long-text.tsx";
import { useOpen } from "./open-rows.ts";
import type { Row, ToolCall, ToolResult } from "./rows.ts";
import { toolSummary } from "./tool-summary.ts";
import classes from "./rows.module.css";

// It shows rows itself, this kind among them.
const AgentTranscript = lazy(() =>
  import("./agent-transcript.tsx").then((module) => ({ default: module.AgentTranscript })),
);

export function ToolRow({
  row: { call, result, key },
  isBusy,
}: {
  row: Extract<Row, { kind: "tool" }>;
  isBusy: boolean;
}) {
  const diff = diffOf(call, result);
  const [open, toggle] = useOpen(key);
  const { name, text } = call === null ? { name: "Result", text: "" } : toolSummary(call.name, call.input);
  return (
    <div className={classes["tool"]} data-outcome={outcome(result, isBusy)}>
      <button type="button" className={classes["fold"]} aria-expanded={open} onClick={toggle}>
        <IconChevronRight size={14} aria-hidden className={classes["chevron"]} />
        <strong>{name}</strong>
        <span className={classes["summary"]}>{text}</span>
        <span className={classes["outcome"]}>
          {diff === null ? null : `+${diff.added} −${diff.removed} `}
          <Outcome call={call} result={result} isBusy={isBusy} />
        </span>
      </button>
      {diff === null ? null : <DiffView diff={diff} id={key} />}
      {open ? (
        <div className={classes["inside"]}>
          {call === null ? null : <Arguments call={call} />}
          {result === null ? null : <Result result={result} />}
        </div>
      ) : null}
    </div>
  );
}

type ToolOutcome = "running" | "done" | "failed" | "unknown";

function outcome(result: ToolResult | null, isBusy: boolean): ToolOutcome {
  if (result === null) return isBusy ? "running" : "unknown";
  return result.isError ? "failed" : "done";
}

function Outcome({ call, result, isBusy }: { call: ToolCall | null; result: ToolResult | null; isBusy: boolean }) {
  switch (outcome(result, isBusy)) {
    case "running":
      return "running";
    case "unknown":
      return "no result";
    case "failed":
      return "failed";
    case "done": {
      const took = call === null || result === null ? 0 : result.at - call.at;
      return took < 1000 ? "done" : `done in ${elapsed(took)}`;
    }
  }
}

function Arguments({ call }: { call: ToolCall }) {
  return (
    <section>
      <h4>Arguments</h4>
      <LongText entry={call} text={({ input }) => argumentsText(input)} lines={20} characters={2000}>
        {(text) => <Block text={text} label={`Arguments of ${call.name}`} />}
      </LongText>
    </section>
  );
}

/** A string on its own is easier to read without quotes and backslashes. */
function argumentsText(input: Record<string, unknown>): string {
  return Object.entries(input)
    .map(([key, value]) => {
      const shown = typeof value === "string" ? value : JSON.stringify(value, null, 2);
      return shown.includes("\n") ? `${key}:\n${shown}` : `${key}: ${shown}`;
    })
    .join("\n");
}

function Result({ result }: { result: ToolResult }) {
  return (
    <section>
      <h4>{result.isError ? "Error" : "Result"}</h4>
      {result.text === "" ? (
        <p className={classes["none"]}>Nothing</p>
      ) : (
        <LongText entry={result} text={({ text }) => text} lines={20} characters={2000}>
          {(text) => <Block text={text} label="Result" />}
        </LongText>
      )}
      <Attachments attachments={result.attachments} />
      {result.agent === undefined ? null : (
        <Suspense fallback={null}>
          <AgentTranscript agent={result.agent} />
        </Suspense>
      )}
    </section>
  );
}

function Block({ text, label }: { text: string; label: string }) {
  return (
    <pre tabIndex={0} role="region" aria-label={label} className={classes["block"]}>
      {text}
    </pre>
  );
}
