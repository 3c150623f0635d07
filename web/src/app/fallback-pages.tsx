/** The pages for an address that leads nowhere, and for a page that broke. */
import { Button, Group } from "@mantine/core";
import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { Notice } from "../lib/notice.tsx";
import { usePage } from "../lib/use-page.ts";

export function NotFoundPage() {
  const heading = usePage("Not found");
  return (
    <Notice
      heading={heading}
      title="There is no page here"
      action={
        <Button component={Link} to="/sessions" variant="default">
          Go to the sessions
        </Button>
      }
    >
      <p>
        <code>{window.location.pathname}</code> is not an address of this dashboard. It may have been mistyped, or cut
        off where it was copied.
      </p>
    </Notice>
  );
}

export function BrokenPage({ error, reset }: ErrorComponentProps) {
  const heading = usePage("Something broke");
  return (
    <Notice
      heading={heading}
      title="This page broke"
      action={
        <Group gap="xs">
          <Button onClick={() => window.location.reload()}>Reload</Button>
          <Button variant="default" onClick={reset}>
            Try again
          </Button>
        </Group>
      }
    >
      <p>Your sessions are not affected. Reloading usually helps; if it does not, this is what to report:</p>
      <p>
        <code>{error instanceof Error ? error.message : String(error)}</code>
      </p>
    </Notice>
  );
}
