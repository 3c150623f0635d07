/** What a job says and does, as it does it. */
import type { JobDetails } from "@lodge/shared";
import { Button } from "@mantine/core";
import type { OutputPart } from "./output.ts";
import type { LiveOutput } from "./use-output.ts";
import classes from "./jobs.module.css";

export function JobOutput({ live, job }: { live: LiveOutput & { again: () => void }; job: JobDetails }) {
  const { parts, broken, again } = live;
  return (
    <div className={classes["output"]} role="log" aria-label="Output" aria-busy={job.finishedAt === null} tabIndex={0}>
      {parts.map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts are only ever added at the end
        <Part key={index} part={part} />
      ))}
      {/* The events of an old job may be gone; its words are kept with it. */}
      {parts.length === 0 ? (
        <p>{job.output || (job.finishedAt === null ? "Nothing said yet." : "It said nothing.")}</p>
      ) : null}
      {job.stderr === "" ? null : <pre className={classes["error"]}>{job.stderr}</pre>}
      {broken ? (
        <p role="alert" className={classes["error"]}>
          The connection broke.{" "}
          <Button size="compact-xs" variant="default" onClick={again}>
            Connect again
          </Button>
        </p>
      ) : null}
    </div>
  );
}

function Part({ part }: { part: OutputPart }) {
  switch (part.type) {
    case "text":
      return <p>{part.text}</p>;
    case "retry":
      return <p className={classes["dimmed"]}>The model did not answer; attempt {part.attempt} is under way.</p>;
    case "tool":
      return (
        <details className={classes["tool"]} data-failed={part.result?.isError === true}>
          <summary>
            <code>{part.name}</code> {part.result === null ? "is running" : part.result.isError ? "failed" : "is done"}
          </summary>
          <pre>{part.input}</pre>
          {part.result === null ? null : <pre>{part.result.text}</pre>}
        </details>
      );
  }
}
