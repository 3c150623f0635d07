/** What an address shows that leads to no file: that there is none, and how to have one. */
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Notice } from "../../lib/notice.tsx";
import { nameOf } from "./paths.ts";

interface MissingProps {
  path: string;
  create: () => Promise<void>;
}

export function Missing({ path, create }: MissingProps) {
  const name = nameOf(path);
  const make = useMutation({ mutationFn: create });
  return (
    <Notice
      title={`There is no ${name} here`}
      action={
        <Button loading={make.isPending} onClick={() => make.mutate()}>
          Write {name}
        </Button>
      }
    >
      {name === "CLAUDE.md" ? (
        <p>
          The CLI reads this file at the beginning of every session in the workspace: what the project is, how it is
          built and tested, what to keep to.
        </p>
      ) : (
        <p>It was moved or deleted, or never was.</p>
      )}
      {make.error === null ? null : <p role="alert">{make.error.message}</p>}
    </Notice>
  );
}
