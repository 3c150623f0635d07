/** What a session waits for a person to decide, with a button for each answer. */
import type { SessionSummary } from "@lodge/shared";
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../lib/api.ts";
import { Elapsed } from "../../lib/time.tsx";
import { type PendingPrompt, promptsQuery } from "./prompts-query.ts";
import { Question, type QuestionAnswers } from "./question.tsx";
import classes from "./prompts.module.css";

export function Prompts({ session }: { session: SessionSummary }) {
  const { state, id } = session;
  const isWaiting = state.name === "waiting" && state.reason !== "tool";
  const { data, error, refetch } = useQuery({ ...promptsQuery(id, isWaiting ? state.since : 0), enabled: isWaiting });
  if (!isWaiting) return null;
  const [first, ...others] = data ?? [];
  return (
    <section className={classes["banner"]} aria-label="Waiting for you" role="alert">
      {first === undefined ? (
        <p>
          {error === null
            ? state.detail || "It waits for an answer."
            : `What it waits for could not be read. ${error.message} `}
          {error === null ? null : (
            <Button size="compact-xs" variant="default" onClick={() => void refetch()}>
              Try again
            </Button>
          )}
        </p>
      ) : (
        <Pending key={first.id} sessionId={id} prompt={first} since={state.since} others={others.length} />
      )}
    </section>
  );
}

interface PendingProps {
  sessionId: string;
  prompt: PendingPrompt;
  since: number;
  others: number;
}

function Pending({ sessionId, prompt, since, others }: PendingProps) {
  const queryClient = useQueryClient();
  const [sent, setSent] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  async function decide(option: string, answers?: QuestionAnswers): Promise<void> {
    setSent(option);
    setProblem(null);
    try {
      const body = { promptId: prompt.id, option, ...(answers === undefined ? {} : { answers }) };
      await answer(api.sessions({ id: sessionId }).answers.post(body));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setSent(null);
      // Another one may wait behind it, or somebody else was quicker.
      await queryClient.invalidateQueries({ queryKey: ["prompts", sessionId] });
    }
  }

  return (
    <>
      <div className={classes["words"]}>
        <strong>{prompt.title}</strong>{" "}
        <span className={classes["since"]}>
          waiting <Elapsed since={since} />
          {others > 0 ? `, and ${others} more after this` : null}
        </span>
        {prompt.detail === "" || prompt.questions !== undefined ? null : (
          <pre tabIndex={0} aria-label="What it is about">
            {prompt.detail}
          </pre>
        )}
      </div>
      {prompt.questions === undefined ? (
        <div className={classes["options"]}>
          {prompt.options.map(({ id, label }, index) => (
            <Button
              key={id}
              size="compact-sm"
              variant={index === 0 ? "filled" : "default"}
              loading={sent === id}
              disabled={sent !== null}
              onClick={() => void decide(id)}
            >
              {label}
            </Button>
          ))}
        </div>
      ) : (
        <Question
          questions={prompt.questions}
          isSent={sent !== null}
          onAnswer={(answers) => void decide("answer", answers)}
          onDeny={() => void decide("deny")}
        />
      )}
      {problem === null ? null : <p className={classes["problem"]}>{problem}</p>}
    </>
  );
}
