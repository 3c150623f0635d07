/** What the list says before there is a session: how to make one. */
import { Command } from "../../lib/command.tsx";
import { Notice } from "../../lib/notice.tsx";

export function FirstRequest() {
  const origin = window.location.origin;
  return (
    <Notice title="No sessions yet">
      <p>
        A session starts with the first request. Paste this into a terminal, with your token in its place, and watch the
        session appear here:
      </p>
      <Command label="A first request with curl" text={firstRequest(origin)} />
      <p>
        Your token is on the line that Lodge printed when it was ready, and in the file <code>token</code> in its data
        folder.
      </p>
      <p>
        Or point a client that you have at this server: the base URL is <code>{origin}/v1</code> for OpenAI's, and{" "}
        <code>{origin}</code> for Anthropic's. The token is the API key.
      </p>
    </Notice>
  );
}

function firstRequest(origin: string): string {
  return `curl ${origin}/v1/chat/completions \\
  -H "Authorization: Bearer <your token>" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "sonnet", "messages": [{"role": "user", "content": "Say hello"}]}'`;
}
