/** Questions of the model: each with its choices, and room for words of one's own. */
import { Button } from "@mantine/core";
import { useId, useState } from "react";
import type { PendingPrompt } from "./prompts-query.ts";
import classes from "./prompts.module.css";

export type QuestionAnswers = Record<string, string>;
type Questions = NonNullable<PendingPrompt["questions"]>;

interface QuestionProps {
  questions: Questions;
  isSent: boolean;
  onAnswer: (answers: QuestionAnswers) => void;
  onDeny: () => void;
}

export function Question({ questions, isSent, onAnswer, onDeny }: QuestionProps) {
  const [chosen, setChosen] = useState<Record<string, string[]>>({});
  const [written, setWritten] = useState<Record<string, string>>({});
  const group = useId();
  const answers = Object.fromEntries(
    questions.map(({ question }) => [
      question,
      [...(chosen[question] ?? []), (written[question] ?? "").trim()].filter((part) => part !== "").join(", "),
    ]),
  );
  const isComplete = Object.values(answers).every((each) => each !== "");

  function toggle(question: string, label: string, isMany: boolean): void {
    const before = chosen[question] ?? [];
    const others = before.filter((each) => each !== label);
    setChosen({
      ...chosen,
      [question]: isMany ? (others.length < before.length ? others : [...before, label]) : [label],
    });
  }

  return (
    <form
      className={classes["questions"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (isComplete) onAnswer(answers);
      }}
    >
      {questions.map(({ question, options, multiSelect }) => (
        <fieldset key={question} disabled={isSent}>
          <legend>{question}</legend>
          {options.map(({ label, description }) => (
            <label key={label}>
              <input
                type={multiSelect ? "checkbox" : "radio"}
                name={`${group} ${question}`}
                checked={chosen[question]?.includes(label) ?? false}
                onChange={() => toggle(question, label, multiSelect)}
              />
              <span>
                {label} {description === "" ? null : <span className={classes["since"]}>{description}</span>}
              </span>
            </label>
          ))}
          <input
            className={classes["own"]}
            aria-label={`Your own answer to: ${question}`}
            placeholder="In your own words"
            maxLength={2000}
            value={written[question] ?? ""}
            onChange={(event) => setWritten({ ...written, [question]: event.currentTarget.value })}
          />
        </fieldset>
      ))}
      <div className={classes["options"]}>
        <Button type="submit" size="compact-sm" disabled={!isComplete || isSent}>
          Answer
        </Button>
        <Button size="compact-sm" variant="default" disabled={isSent} onClick={onDeny}>
          Decline
        </Button>
      </div>
    </form>
  );
}
